"""What an open history's tail asks for: more than was recorded, or an end."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.history import History
from replaykit.replay.align import Alignment
from replaykit.replay.commands import command_of
from replaykit.replay.strict.run import Run
from replaykit.replay.strict.severity import severity_of
from replaykit.replay.strict.tail import tail_of
from replaykit.verdict import Outcome, Severity
from tests.replay.strict.conftest import Recorded
from tests.replay.strict.judging import judge
from tests.replay.strict.stories import NOBODY, seconds, story

_E = EventType


async def sleep() -> None:
    await workflow.sleep(seconds(60))


async def schedule() -> None:
    await workflow.execute_activity("charge", task_queue=NOBODY, start_to_close_timeout=seconds(9))


async def start_child() -> None:
    await workflow.start_child_workflow("Idle", id="tail-child")
    await workflow.wait_condition(lambda: False)


async def start_and_cancel_at_once() -> None:
    timer = workflow.start_activity("charge", task_queue=NOBODY, start_to_close_timeout=seconds(9))
    timer.cancel()
    await workflow.wait_condition(lambda: False)


async def end() -> None:
    pass


async def deprecate() -> None:
    workflow.deprecate_patch("gone")
    await workflow.wait_condition(lambda: False)


TAILS = {
    "tail.StartTimer": (sleep, "StartTimer 1 min"),
    "tail.ScheduleActivity": (schedule, "ScheduleActivity charge"),
    "tail.StartChildWorkflow": (start_child, "StartChildWorkflow Idle"),
    "tail.CompleteWorkflow": (end, "CompleteWorkflow"),
}


@pytest.mark.parametrize("field", TAILS)
def test_a_command_after_the_last_event_of_a_completed_task(field: str, recorded: Recorded) -> None:
    then, label = TAILS[field]
    verdict = judge(recorded["Waiting"], story("Waiting", then=then))
    (drift,) = verdict.drifts
    assert (drift.event_id, drift.field, drift.recorded, drift.produced) == (None, field, None, label)
    assert drift.severity is Severity.BEHAVIOURAL
    assert drift.source is not None
    assert drift.source.file == f"tests/replay/strict/{'stories' if then is end else 'test_tail'}.py"
    assert verdict.outcome is Outcome.DRIFTED
    assert label in (verdict.message or "")


def test_the_same_open_history_under_its_own_code(recorded: Recorded) -> None:
    assert recorded["Waiting"].status == "RUNNING"
    verdict = judge(recorded["Waiting"], story("Waiting"))
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())


@pytest.mark.parametrize("then", [start_and_cancel_at_once, deprecate], ids=lambda then: then.__name__)
def test_what_core_keeps_to_itself_is_no_tail(then: Any, recorded: Recorded) -> None:
    assert judge(recorded["Waiting"], story("Waiting", then=then)).drifts == ()


def test_a_cancellation_that_goes_nowhere_is_no_tail(recorded: Recorded) -> None:
    verdict = judge(recorded["Abandons"], story("Abandons", cancels=True))
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())


@pytest.mark.parametrize(("seq", "tails"), [(1, 0), (2, 1)])
def test_a_cancellation_of_what_is_over_is_no_tail(seq: int, tails: int, recorded: Recorded) -> None:
    """A signal handler may ask for it in the task that also brings the activity's end."""
    history = recorded["Waiting"]
    scheduled, waiting = history.events[4], HistoryEvent(event_id=50)
    start, other = WorkflowCommand(), WorkflowCommand()
    start.schedule_activity.seq, other.schedule_activity.seq = 1, 2
    starts = [command_of(start, task=0), command_of(other, task=0)]
    message = WorkflowCommand()
    message.request_cancel_activity.seq = seq
    cancel = command_of(message, task=1)
    pairs = [(event, start) for event, start in zip((scheduled, waiting), starts, strict=True) if start]
    run = Run.of(history, pairs, [start for _, start in pairs])
    alignment = Alignment(pairs=tuple(pairs), command=cancel)
    assert len(list(tail_of(history, alignment, [True, True], run))) == tails


@pytest.mark.parametrize("last", range(5, 10))
def test_a_task_that_is_not_completed_may_run_on(last: int, recorded: Recorded) -> None:
    """Cut anywhere, the unchanged code of a closed history goes on after the cut: that is no tail."""
    whole = recorded["PlainActivity"]
    assert len(whole.events) == 11
    cut = dataclasses.replace(whole, events=whole.events[:last], status=None)
    verdict = judge(cut, story("PlainActivity"))
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())


@pytest.mark.parametrize(
    "end_of_task", [_E.EVENT_TYPE_WORKFLOW_TASK_FAILED, _E.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT]
)
def test_a_task_that_failed_has_no_tail(end_of_task: Any, recorded: Recorded) -> None:
    history = _cut_with(recorded["PlainActivity"], 9, HistoryEvent(event_id=10, event_type=end_of_task))
    started, scheduled = history.events[8].event_id, history.events[7].event_id
    for field in ("workflow_task_failed", "workflow_task_timed_out"):
        if field in EventType.Name(end_of_task).lower():
            attributes = getattr(history.events[9], f"{field}_event_attributes")
            attributes.started_event_id, attributes.scheduled_event_id = started, scheduled
    verdict = judge(history, story("PlainActivity"))
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ())


def test_a_history_that_was_terminated_has_a_tail_too(recorded: Recorded) -> None:
    last = HistoryEvent(event_id=11, event_type=_E.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED)
    last.workflow_execution_terminated_event_attributes.reason = "enough"
    history = _cut_with(recorded["Waiting"], 10, last)
    assert judge(history, story("Waiting")).drifts == ()
    (drift,) = judge(history, story("Waiting", then=sleep)).drifts
    assert drift.field == "tail.StartTimer"


def test_a_history_without_commands_whose_code_now_asks_for_one(recorded: Recorded) -> None:
    """Vacuous in a plain replay, and yet the code has changed."""
    cut = dataclasses.replace(recorded["Waiting"], events=recorded["Waiting"].events[:4], status=None)
    verdict = judge(cut, story("Waiting"))
    assert (verdict.outcome, verdict.reason) == (Outcome.DRIFTED, None)
    assert [drift.field for drift in verdict.drifts] == ["tail.ScheduleActivity"]


def test_every_tail_is_behavioural() -> None:
    assert severity_of("tail.StartTimer") is Severity.BEHAVIOURAL


def _cut_with(history: History, length: int, last: HistoryEvent) -> History:
    copies = [HistoryEvent() for _ in range(length)]
    for copy, event in zip(copies, history.events, strict=False):
        copy.CopyFrom(event)
    last.event_time.CopyFrom(copies[-1].event_time)
    return dataclasses.replace(history, events=(*copies, last), status=None)
