"""What Core itself cannot go on from is the SDK's, and a recorded run that is stuck there is not green."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow

from replaykit.config import Config, StrictPolicy
from replaykit.explore.growing.grow import Grown, Scripted, grow
from replaykit.explore.plan import engine_of, session_of
from replaykit.explore.run import ExploreRun
from replaykit.explore.scenario import Opening, Step, StepKind, Subject, Target
from replaykit.explore.searching.futures import Future, explore_future
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget
from replaykit.explore.workflows import workflows_of
from replaykit.history import History, event_name

_K = StepKind
SOON = timedelta(seconds=5)


class Stopping:
    def __init__(self) -> None:
        self.is_over = False

    @workflow.signal
    def stop(self) -> None:
        self.is_over = True


@workflow.defn(sandboxed=False)
class EndsAnyway(Stopping):
    @workflow.run
    async def run(self) -> str:
        child = await workflow.start_child_workflow("Kid", id="kid")
        await workflow.wait_condition(lambda: self.is_over)
        child.cancel()
        try:
            await child
        except Exception as error:
            return repr(error)
        return "done"


@workflow.defn(sandboxed=False)
class FailsByIt(Stopping):
    @workflow.run
    async def run(self) -> None:
        child = await workflow.start_child_workflow("Kid", id="kid")
        await workflow.wait_condition(lambda: self.is_over)
        child.cancel()
        await child


@workflow.defn(sandboxed=False)
class GoesOn(Stopping):
    @workflow.run
    async def run(self) -> None:
        child = await workflow.start_child_workflow("Kid", id="kid")
        await workflow.wait_condition(lambda: self.is_over)
        child.cancel()
        await asyncio.wait([child])
        await workflow.execute_activity("after", start_to_close_timeout=SOON)


@workflow.defn(sandboxed=False)
class CancelsASignal(Stopping):
    @workflow.run
    async def run(self) -> None:
        sent = asyncio.create_task(workflow.get_external_workflow_handle("other").signal("go"))
        await workflow.wait_condition(lambda: self.is_over)
        sent.cancel()
        await sent


KID = Target(subject=Subject.CHILD, name="Kid")
SENT = Target(subject=Subject.SIGNAL, name="other go")
STOP = Step(kind=_K.SIGNAL, name="stop")
TERMINATED = (
    Step(kind=_K.BEGINS, target=KID),
    STOP,
    Step(kind=_K.TERMINATED, target=KID, together=True),
)
NOT_FOUND = (STOP, Step(kind=_K.UNDELIVERABLE, target=SENT, together=True))
STOPS: Mapping[type, tuple[Step, ...]] = {
    EndsAnyway: TERMINATED,
    FailsByIt: TERMINATED,
    GoesOn: TERMINATED,
    CancelsASignal: NOT_FOUND,
}


def _grown(code: type, steps: tuple[Step, ...]) -> tuple[Grown, GrownJudge, str | None]:
    with closing(engine_of(code, {})) as engine, session_of(code, {}, strict=StrictPolicy()) as session:
        judge = GrownJudge(session)
        grown = grow(engine, Opening(workflow_type=code.__name__), Scripted(steps))
        return grown, judge, judge(grown)


@pytest.mark.parametrize("code", STOPS, ids=lambda code: code.__name__)
def test_it_is_the_sdks(code: type) -> None:
    _, judge, shown = _grown(code, STOPS[code])
    assert shown is None
    assert list(judge.problems) == ["Invalid transition in state machine"]


def test_a_cancel_that_comes_in_time_is_nothing() -> None:
    _, judge, shown = _grown(FailsByIt, (*TERMINATED[:2], dataclasses.replace(TERMINATED[2], together=False)))
    assert shown is None
    assert not judge.problems


def _stuck(code: type) -> History:
    """The run as a service has it: the task in which Core stops is started again and again."""
    history = _grown(code, STOPS[code])[0].history
    last = max(n for n, e in enumerate(history.events) if event_name(e) == "WorkflowTaskCompleted")
    return dataclasses.replace(history, events=history.events[:last], status="RUNNING")


def _future(code: type, history: History) -> Future:
    config = Config(root=Path(__file__).parent).with_workflows([f"{__name__}:{code.__name__}"])
    (only,) = workflows_of(config)
    budget = Budget(seconds=30, scenarios=6, findings=5)
    return explore_future(config, only, history, budget, name="stuck.json", seed=0)


@pytest.mark.parametrize("code", STOPS, ids=lambda code: code.__name__)
def test_a_recorded_run_that_is_stuck_there_is_found(code: type) -> None:
    future = _future(code, _stuck(code))
    [message] = future.wedged
    assert message == "the SDK itself, and not the code, cannot go on: Invalid transition in state machine"
    run = ExploreRun(base=None, explored=(), futures=(future,), kept={}, stops={})
    assert run.exit_code == 1


def test_one_that_is_not_goes_on() -> None:
    history = _stuck(FailsByIt)
    before = next(n for n, e in enumerate(history.events) if event_name(e) == "WorkflowExecutionSignaled")
    future = _future(FailsByIt, dataclasses.replace(history, events=history.events[:before]))
    assert future.verdict is None
    assert future.summary is not None
    assert future.summary.scenarios == 6


def test_one_that_cannot_be_continued_is_unjudged() -> None:
    unreplayed = Future(name="stuck.json", verdict=None, is_unreplayed=True)
    fine = _future(FailsByIt, _stuck(FailsByIt))
    assert fine.summary is not None
    quiet = dataclasses.replace(fine, summary=dataclasses.replace(fine.summary, findings={}))
    assert ExploreRun(base=None, explored=(), futures=(quiet,), kept={}, stops={}).exit_code == 0
    assert ExploreRun(base=None, explored=(), futures=(quiet, unreplayed), kept={}, stops={}).exit_code == 2
