"""A task whose code never yields ends the growth, with its line, and is a finding: a run is stuck there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.explore import Values
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.grow import Grown, Scripted, grow
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Opening, Step, StepKind, Subject, Target
from replaykit.explore.searching import search as searching
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.summary import story_of
from replaykit.history import event_name
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Reason, SourceLine
from tests.explore import unyielding_workflows as unyielding
from tests.explore.gallery_workflows import ROOT

_LINES = Path(unyielding.__file__).read_text(encoding="utf-8").splitlines()
_NOTE = "the code never yielded: an endless loop, or a blocking call"
COUNTED = Target(subject=Subject.ACTIVITY, name="count")
COUNTED_LOCALLY = Target(subject=Subject.LOCAL_ACTIVITY, name="count")
QUICK_S = 2.0
"""A deadline of a replay, half of which is the limit of one task: an endless loop is endless either way."""


def _worker(workflow: type, converter: DataConverter | None = None) -> Worker:
    return worker_of([workflow], workflow_runner=UnsandboxedWorkflowRunner(), data_converter=converter)


def _at(source: SourceLine | None) -> str:
    """What stands there, or in the next line, since a loop is in its head now and then."""
    assert source is not None
    assert source.file == Path(unyielding.__file__).relative_to(ROOT).as_posix()
    return "".join(_LINES[source.line - 1 : source.line + 1])


def _grown(engine: Cold | Warm, workflow: type, found: int = 4) -> Grown:
    steps = [
        Step(kind=StepKind.COMPLETES, target=COUNTED_LOCALLY, values=(0,)),
        Step(kind=StepKind.COMPLETES, target=COUNTED, values=(found,)),
    ]
    return grow(engine, Opening(workflow_type=workflow.__name__), Scripted(steps))


def _warmed(worker: Worker) -> Warm:
    """One that has grown the workflow: without that it would ask its first question cold."""
    warm = Warm(worker, root=ROOT, timeout_s=QUICK_S)
    _grown(warm, worker.workflows[0], found=0)
    return warm


def _cold(worker: Worker) -> Cold:
    return Cold(worker, root=ROOT, timeout_s=QUICK_S)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("engine_of", [_cold, _warmed])
@pytest.mark.parametrize(
    ("workflow", "comment"),
    [(unyielding.Spins, "# it spins here"), (unyielding.SpinsLater, "# it spins later")],
)
def test_the_growth_ends_with_it(
    workflow: type, comment: str, engine_of: Callable[[Worker], Cold | Warm]
) -> None:
    worker = _worker(workflow)
    with closing(engine_of(worker)) as engine:
        grown = _grown(engine, workflow)
        story = story_of(grown, ROOT)
        assert (grown.is_stuck, grown.history.status) == (True, "RUNNING")
        assert story.note == _NOTE
        assert comment in _at(story.source)
        assert event_name(grown.history.events[-1]) == "WorkflowTaskScheduled"
        assert _grown(engine, workflow, found=0).history.status == "COMPLETED"  # it can still be asked


def test_so_it_does_in_the_first_task() -> None:
    worker = _worker(unyielding.SpinsAtOnce)
    with closing(Warm(worker, root=ROOT, timeout_s=QUICK_S)) as engine:
        grown = _grown(engine, unyielding.SpinsAtOnce)
    story = story_of(grown, ROOT)
    assert story.note == _NOTE
    assert "# it spins at once" in _at(story.source)
    assert not grown.is_started


def test_it_is_a_finding() -> None:
    worker = _worker(unyielding.Spins)
    with (
        closing(_warmed(worker)) as engine,
        ReplaySession(worker, root=ROOT, timeout_s=QUICK_S) as session,
    ):
        judge = GrownJudge(session)
        key = judge(_grown(engine, unyielding.Spins))
        assert key is not None
        verdict = judge.verdicts[key]
    assert verdict.reason is Reason.TIMED_OUT
    assert "# it spins here" in _at(verdict.source)


@pytest.mark.exhaustive
def test_once_it_was_waited_for_it_is_given_what_a_worker_gives_it() -> None:
    """The next of its kind costs a search two seconds, and not ten."""
    worker = worker_of([unyielding.Spins, unyielding.Blocks], workflow_runner=UnsandboxedWorkflowRunner())
    with closing(Warm(worker, root=ROOT, timeout_s=10.0)) as engine:
        assert _grown(engine, unyielding.Blocks).history.status == "COMPLETED"
        _grown(engine, unyielding.Spins, found=0)
        assert _grown(engine, unyielding.Spins).is_stuck
        assert _grown(engine, unyielding.Blocks).is_stuck


class Discreet(PayloadCodec):
    """Keeps one thing to itself."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if any(b"secret" in payload.data for payload in payloads):
            raise PermissionError("it is not to leave the workflow")
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


def test_a_codec_that_fails_the_last_task_ends_the_growth_too() -> None:
    worker = _worker(unyielding.Answers, DataConverter(payload_codec=Discreet()))
    with closing(Cold(worker, root=ROOT, timeout_s=20.0)) as engine:
        grown = _grown(engine, unyielding.Answers)
        assert grown.failure is not None
        assert grown.failure.message == "it is not to leave the workflow"
        assert _grown(engine, unyielding.Answers, found=0).history.status == "COMPLETED"


@pytest.mark.parametrize("seconds", [0.0, 30.0])
def test_making_a_story_smaller_has_its_time_too(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_SHRINKING_S", seconds)
    grown: list[None] = []
    judged: list[Grown] = []

    def judge(each: Grown) -> str | None:
        judged.append(each)
        return "completed" if each.history.status == "COMPLETED" else None

    with closing(Warm(_worker(unyielding.Answers), root=ROOT, timeout_s=20.0)) as engine:
        grower = FromStart(engine, unyielding.Answers, Values())
        search = Search(grower, judge, on_grown=lambda: grown.append(None))
        exploration = search.run(Budget(scenarios=1), workflow_type="Answers")
    assert [finding.key for finding in exploration.findings] == ["completed"]
    assert len(grown) >= len(judged) - 1  # the last is judged once more
    assert (len(grown) == 2) == (seconds == 0.0)  # the first, and the one that is named
