"""A value that another draw shifts: the draw is found by trying, and named."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity
from temporalio.worker import Worker as ServiceWorker

from replaykit.capture import capture, embedded_service
from replaykit.config import StrictPolicy, WorkerConfig
from replaykit.history import History
from replaykit.replay import session as session_module
from replaykit.replay import shifted
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome, SuggestionKind, Verdict
from tests.gallery.scenario import workflow_type_of
from tests.replay import drawn

ROOT = Path(__file__).parents[2]


@activity.defn(name="act")
async def act(_value: Any) -> None:
    """Nothing."""


@pytest.fixture(scope="module")
def recorded() -> Mapping[str, History]:
    """The History of each old workflow, by workflow type."""
    return asyncio.run(_record())


async def _record() -> dict[str, History]:
    async with embedded_service() as service:
        worker = ServiceWorker(
            service.client, task_queue="drawn", workflows=[*drawn.OLD, drawn.Child], activities=[act]
        )
        async with worker:
            names = [workflow_type_of(cls) for cls in drawn.OLD]
            histories = await asyncio.gather(*(_one(service.client, name) for name in names))
    return dict(zip(names, histories, strict=True))


async def _one(client: Any, name: str) -> History:
    handle = await client.start_workflow(name, id=f"drawn-{name}", task_queue="drawn")
    await asyncio.wait_for(handle.result(), 30)
    history = await capture(client, handle.id, run_id=handle.first_execution_run_id)
    return dataclasses.replace(history, path=None)


@pytest.fixture
def replays(monkeypatch: pytest.MonkeyPatch) -> list[History]:
    """Filled with each History that a session replays, as often as it does."""
    replayed: list[History] = []
    record = ReplaySession.record

    def counting(self: ReplaySession, history: History, **options: Any) -> Any:
        replayed.append(history)
        return record(self, history, **options)

    monkeypatch.setattr(ReplaySession, "record", counting)
    return replayed


def judged(history: History, cls: type, *, strict: bool = True, debug: bool = False) -> Verdict:
    worker = Worker(
        config=WorkerConfig(), workflows=(cls,), names=(history.workflow_type or "",), has_dynamic=False
    )
    policy = StrictPolicy() if strict else None
    with ReplaySession(worker, root=ROOT, timeout_s=30, strict=policy, debug=debug) as session:
        return session.judge(history, name="x")


def marked(cls: type) -> int:
    """The marked line of a class of `drawn.py`."""
    lines = Path(drawn.__file__).read_text(encoding="utf-8").splitlines()
    begin = next(at for at, text in enumerate(lines) if text.startswith(f"class {cls.__name__}:"))
    return next(at for at, text in enumerate(lines[begin:], start=begin + 1) if text.endswith("# <- here"))


def history_for(recorded: Mapping[str, History], cls: type) -> History:
    return recorded[workflow_type_of(cls)]


@pytest.mark.parametrize("cls", drawn.OLD)
def test_the_same_draws_are_consistent_and_tried_no_second_time(
    recorded: Mapping[str, History], replays: list[History], cls: type
) -> None:
    assert judged(history_for(recorded, cls), cls).outcome is Outcome.CONSISTENT
    assert len(replays) == 1


@pytest.mark.parametrize(
    ("cls", "call", "drifts"),
    [
        (drawn.ArgumentMore, "workflow.random()", 2),
        (drawn.ArgumentMoreByHelper, "new_id()", 1),
        (drawn.ArgumentMoreInLoop, "workflow.random()", 2),
        (drawn.ArgumentOneRoundMore, "workflow.uuid4()", 1),
        (drawn.ArgumentMoreAlike, "workflow.uuid4()", 1),
        (drawn.ArgumentMoreThatDecides, "workflow.random()", 1),
        (drawn.ArgumentKeepsGenerator, "workflow.random()", 2),
        (drawn.UnseenMore, "workflow.random()", 2),
        (drawn.UnseenMoreLater, "workflow.random()", 1),
        (drawn.LengthMore, "workflow.uuid4()", 1),
    ],
)
def test_a_drift_names_the_draw_that_is_new(
    recorded: Mapping[str, History], cls: type, call: str, drifts: int
) -> None:
    verdict = judged(history_for(recorded, cls), cls)
    assert verdict.outcome is Outcome.DRIFTED
    assert len(verdict.drifts) == drifts
    for drift in verdict.drifts:
        assert drift.source is not None
        assert (drift.source.file, drift.source.line) == ("tests/replay/drawn.py", marked(cls))
        assert (drift.suggestion or "").startswith(
            f"`{call}` at tests/replay/drawn.py:{marked(cls)} draws a value that the recorded run did not: "
            "the values drawn after it are shifted. "
            "This was tried: without that draw the recorded value comes out."
        )
        assert '    if workflow.patched("another-draw"):\n' in (drift.suggestion or "")
        assert ("It does so" in (drift.suggestion or "")) == (cls is drawn.UnseenMore)


def test_another_draw_that_would_explain_it_too_is_named(recorded: Mapping[str, History]) -> None:
    drift, _ = judged(history_for(recorded, drawn.UnseenMore), drawn.UnseenMore).drifts
    older = marked(drawn.UnseenMore) - 1
    assert f"It does so without the one at tests/replay/drawn.py:{older} too." in (drift.suggestion or "")


@pytest.mark.parametrize("cls", [drawn.ArgumentMoreAndOther, drawn.ArgumentMoreBetween])
def test_a_drift_of_another_cause_keeps_its_own_line(recorded: Mapping[str, History], cls: type) -> None:
    drifts = judged(history_for(recorded, cls), cls).drifts
    named = [drift for drift in drifts if drift.suggestion]
    (own,) = (drift for drift in drifts if not drift.suggestion)
    assert {drift.source.line for drift in named if drift.source} == {marked(cls)}
    assert own.recorded == "the same"
    assert own.source is not None
    assert own.source.function == "act"


@pytest.mark.parametrize("cls", [drawn.OfIdMore, drawn.OfChildMore])
@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_a_divergence_over_an_id_names_the_draw(
    recorded: Mapping[str, History], cls: type, strict: bool
) -> None:
    divergence = judged(history_for(recorded, cls), cls, strict=strict).divergence
    assert divergence is not None
    assert divergence.suggestion_kind is SuggestionKind.SHIFTED_DRAW
    assert divergence.source is not None
    assert divergence.source.line == marked(cls)
    assert "draws a value that the recorded run did not" in (divergence.suggestion or "")


@pytest.mark.parametrize("cls", [drawn.UnseenLess, drawn.UnseenLessAndOther])
def test_a_draw_that_is_gone_is_named_by_the_one_after_it(recorded: Mapping[str, History], cls: type) -> None:
    *_, drift = judged(history_for(recorded, cls), cls).drifts
    line = marked(cls)
    assert drift.source is not None
    assert drift.source.line == line
    assert (drift.suggestion or "").startswith(
        f"the recorded run drew a value before `workflow.uuid4()` at tests/replay/drawn.py:{line} "
        "that this code does not: "
    )
    drew = "workflow.random().random()" if cls is drawn.UnseenLess else "workflow.uuid4()"
    assert (drift.suggestion or "").endswith(f'if not workflow.patched("one-draw-less"):\n        {drew}')


@pytest.mark.parametrize(
    "cls",
    [
        drawn.ArgumentTwoMore,
        drawn.ArgumentOtherwise,
        drawn.ArgumentReordered,
        drawn.OfIdOtherwise,
        drawn.SmallOtherwise,
    ],
)
def test_what_no_one_draw_explains_is_left_alone(recorded: Mapping[str, History], cls: type) -> None:
    verdict = judged(history_for(recorded, cls), cls)
    assert verdict.outcome in (Outcome.DRIFTED, Outcome.DIVERGED)
    assert all(drift.suggestion is None for drift in verdict.drifts)
    assert all(drift.source and drift.source.function == "act" for drift in verdict.drifts)
    if verdict.divergence is not None:
        assert verdict.divergence.suggestion_kind is SuggestionKind.PATCH


@pytest.mark.parametrize("cls", [drawn.SmallOtherwise, drawn.OfIdShort, drawn.ArgumentWithoutDraws])
def test_what_may_come_out_by_chance_or_is_not_drawn_is_not_tried(
    recorded: Mapping[str, History], replays: list[History], cls: type
) -> None:
    assert not judged(history_for(recorded, cls), cls).is_consistent
    assert len(replays) == 1


def test_a_debugger_sees_one_replay(recorded: Mapping[str, History], replays: list[History]) -> None:
    verdict = judged(history_for(recorded, drawn.ArgumentMore), drawn.ArgumentMore, debug=True)
    assert [drift.suggestion for drift in verdict.drifts] == [None, None]
    assert len(replays) == 1


def test_the_search_ends_with_its_time(
    recorded: Mapping[str, History], replays: list[History], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_TRYING_S", 0.0)
    verdict = judged(history_for(recorded, drawn.ArgumentMore), drawn.ArgumentMore)
    assert verdict.outcome is Outcome.DRIFTED
    assert [drift.suggestion for drift in verdict.drifts] == [None, None]
    assert len(replays) == 1


def test_the_search_is_bounded_in_number(
    recorded: Mapping[str, History], replays: list[History], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shifted, "_MOST_LEFT_OUT", 1)
    monkeypatch.setattr(shifted, "_MOST_ADDED", 1)
    verdict = judged(history_for(recorded, drawn.ArgumentTwoMore), drawn.ArgumentTwoMore)
    assert [drift.suggestion for drift in verdict.drifts] == [None, None]
    noted, left_out, added = 1, 1, 3
    assert len(replays) == 1 + noted + left_out + added
