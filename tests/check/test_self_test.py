"""The self-test is green where the gate works, and red as soon as the comparison is switched off."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.history.v1 import HistoryEvent

from replaykit.check import Check, fixtures_of
from replaykit.check.self_test import self_test
from replaykit.config import Config, WorkerConfig
from replaykit.history import History
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.lane import Answer, Lane
from replaykit.replay.recorder import AroundDraws
from replaykit.report.corpus_rows import self_test_block
from replaykit.report.rows import plain_lines
from replaykit.trust import SelfTest
from replaykit.verdict import Outcome
from tests.check.gallery import CONFIG, ROOT, checked
from tests.plugin.project import FIXTURE

ORDERS = ROOT / "histories" / "OrderWorkflow"


def answer_of(config: Config, paths: Iterable[Path]) -> SelfTest:
    with Check(config) as judge:
        return self_test(judge, paths)


def answer_for(*names: str) -> SelfTest:
    return answer_of(CONFIG, fixtures_of(CONFIG, [ROOT / "histories" / name for name in names]))


def lines_of(answer: SelfTest) -> list[str]:
    return plain_lines(self_test_block(answer).whole)


def always_consistent(*args: Any, **options: Any) -> Diagnosis:
    return Diagnosis(outcome=Outcome.CONSISTENT, commands_compared=3)


@pytest.mark.weekly
def test_every_workflow_type_of_the_gallery_turns_red() -> None:
    report = checked(CONFIG, with_self_test=True)
    result = report.self_test
    assert result is not None
    assert (result.escaped, result.blind, result.untested) == ((), (), ())
    assert not result.is_broken
    assert set(result.workflow_types) == {(v.worker, v.workflow_type) for v in report.verdicts}
    first, *rest = lines_of(result)
    wrong = len(result.mutated)
    assert first == f"self-test passed: each of {wrong} histories made wrong on purpose diverged, as it must"
    types = len(result.workflow_types)
    assert rest[0].startswith("  This gate can turn red. The histories are copies of fixtures (")
    assert f"({types} workflow types)," in " ".join(map(str.strip, rest))


@pytest.mark.exhaustive
def test_verdicts_that_are_not_known_are_found_out() -> None:
    result = answer_for("OrderWorkflow")
    assert list(result.workflow_types) == [(f"order-v{n}", "OrderWorkflow") for n in range(1, 6)]
    kinds = {each.mutation for each in result.mutated if each.worker == "order-v3"}
    assert kinds == {
        "renamed",
        "dropped",
        "added",
        "timer_for_activity",
        "ending_changed",
        "patch_added",
        "patch_removed",
    }


# The gate is broken on purpose


def test_a_comparison_that_always_agrees_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("replaykit.replay.judged.diagnose", always_consistent)
    result = answer_for("DataProcessingWorkflow", "NapWorkflow")
    assert result.is_broken
    assert result.blind == (("gallery", "DataProcessingWorkflow"), ("gallery", "NapWorkflow"))
    assert len(result.escaped) == len(result.mutated)
    lines = lines_of(result)
    assert lines[0].startswith("self-test failed: ")
    assert "  DataProcessingWorkflow of worker gallery: activity extract_rows renamed: consistent" in lines


def without_flags(history: History) -> History:
    events = []
    for event in history.events:
        copy = HistoryEvent()
        copy.CopyFrom(event)
        if copy.HasField("workflow_task_completed_event_attributes"):
            copy.workflow_task_completed_event_attributes.ClearField("sdk_metadata")
        events.append(copy)
    return dataclasses.replace(history, events=tuple(events))


def test_a_comparison_without_types_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Core's flag lost on the way to it: a renamed activity passes, and all else is still refused."""
    replay = Lane.replay

    def replay_without_flags(
        self: Lane, history: History, timeout_s: float | None, around_draws: AroundDraws | None = None
    ) -> Answer:
        return replay(self, without_flags(history), timeout_s, around_draws)

    monkeypatch.setattr(Lane, "replay", replay_without_flags)
    result = answer_for("DataProcessingWorkflow", "ParentWorkflow")
    assert result.is_broken
    assert result.blind == ()
    assert {(each.workflow_type, each.mutation) for each in result.escaped} == {
        ("DataProcessingWorkflow", "renamed"),
        ("DataProcessingWorkflow", "dropped"),
        ("ParentWorkflow", "renamed"),
    }


def test_a_history_that_cannot_be_judged_is_not_red(monkeypatch: pytest.MonkeyPatch) -> None:
    result = answer_for("DataProcessingWorkflow")
    one = dataclasses.replace(result.mutated[0], red=False, answer="unjudged (timed_out)")
    broken = dataclasses.replace(result, mutated=(one, *result.mutated[1:]))
    assert broken.is_broken
    assert any(line.endswith("unjudged (timed_out)") for line in lines_of(broken))


# What is no fault of the gate

SAME_EITHER_WAY = """\
from datetime import timedelta

from temporalio import workflow

SOON = timedelta(seconds=10)


@workflow.defn
class OrderWorkflow:
    def __init__(self) -> None:
        self._confirmed = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        timeout = 2 * SOON if workflow.patched("validate-before-payment") else SOON
        for name in ("validate_order", "process_payment"):
            await workflow.execute_activity(name, order_id, start_to_close_timeout=timeout)
        await workflow.wait_condition(lambda: self._confirmed)
        return await workflow.execute_activity("ship_order", order_id, start_to_close_timeout=timeout)

    @workflow.signal
    def payment_confirmed(self) -> None:
        self._confirmed = True
"""


def test_a_patch_that_changes_no_command_may_stay_green(tmp_path: Path) -> None:
    (tmp_path / "same_either_way.py").write_text(SAME_EITHER_WAY, encoding="utf-8")
    config = Config(root=tmp_path, workers=(WorkerConfig(workflows=("same_either_way",)),))
    result = answer_of(config, sorted(ORDERS.glob("order-v3--*.json")))
    (green,) = (each for each in result.mutated if not each.red)
    assert (green.mutation, green.answer) == ("patch_removed", "consistent")
    assert not result.is_broken
    lines = lines_of(result)
    assert lines[0] == "self-test passed: 6 of 7 histories made wrong on purpose diverged"
    assert "marker of patch validate-before-payment removed: consistent" in "\n".join(lines)
    assert "no fault of the gate" in lines[-1]


def test_a_type_that_is_red_anyway_is_not_tested(tmp_path: Path) -> None:
    config = Config(root=ROOT, workers=(WorkerConfig(workflows=("tests.gallery.order.v2",)),))
    fixtures = [*ORDERS.glob("order-v1--*.json"), FIXTURE]
    result = answer_of(config, fixtures)
    assert result.mutated == ()
    assert result.untested == ("DataProcessingWorkflow", "OrderWorkflow")
    assert result.is_broken
    assert lines_of(result)[0] == "self-test failed: it had nothing to change"


def test_a_fixture_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    result = answer_of(CONFIG, [broken, FIXTURE])
    assert result.workflow_types == (("gallery", "DataProcessingWorkflow"),)
    assert not result.is_broken
