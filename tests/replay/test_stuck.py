"""What a worker cannot run to an end is not green, and its line is named."""

from __future__ import annotations

import pytest
from temporalio.api.enums.v1 import EventType, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History, describe_event
from replaykit.replay.open_task import failed_task, in_words
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import block_of
from replaykit.verdict import Outcome, Reason, Verdict
from tests.gallery.blocks.data_processing import DataProcessingWorkflow
from tests.replay import stuck, trouble
from tests.replay.samples import data_processing, session_of, with_events

_E = EventType
_UNHANDLED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE


def judged(cls: type, history: History | None = None, *, timeout_s: float = 30.0) -> Verdict:
    name = cls.__temporal_workflow_definition.name  # type: ignore[attr-defined]
    with session_of(cls, timeout_s=timeout_s) as session:
        return session.judge(history or data_processing(name), name="one.json")


def line_of(verdict: Verdict) -> tuple[str, str]:
    assert verdict.source is not None, verdict
    return verdict.source.file, verdict.source.function


# Blocking


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("cls", "function"),
    [(stuck.Blocks, "_sleep_long"), pytest.param(stuck.Computes, "run", marks=pytest.mark.exhaustive)],
)
def test_what_does_not_yield_for_longer_than_a_worker_waits_is_named(cls: type, function: str) -> None:
    verdict = judged(cls)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.TIMED_OUT)
    assert line_of(verdict) == ("tests/replay/stuck.py", function)
    assert "s without yielding at tests/replay/stuck.py:" in (verdict.message or "")
    assert "activity" in (verdict.message or "")
    assert verdict.commands_compared == 3


@pytest.mark.exhaustive
def test_several_shorter_tasks_are_not_blocking() -> None:
    assert judged(stuck.Pauses).outcome is Outcome.CONSISTENT


@pytest.mark.exhaustive
def test_what_does_not_let_itself_be_ended_is_named() -> None:
    history = with_events(data_processing("Stays"), lambda events: events[:6])
    verdict = judged(stuck.Stays, history, timeout_s=2)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.TIMED_OUT)
    assert line_of(verdict) == ("tests/replay/stuck.py", "run")
    assert "cannot be evicted at tests/replay/stuck.py:" in (verdict.message or "")


@pytest.mark.exhaustive
def test_the_line_of_what_no_deadline_stops_is_named() -> None:
    verdict = judged(trouble.Stubborn, timeout_s=2)
    assert verdict.reason is Reason.TIMED_OUT
    assert line_of(verdict) == ("tests/replay/trouble.py", "_loop_on")


# What is no Exception


def test_a_base_exception_is_named_where_core_diverges_for_it() -> None:
    verdict = judged(stuck.Stops)
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.divergence is not None
    assert "since the code raised Stop: after at tests/replay/stuck.py:" in (verdict.message or "")
    assert verdict.divergence.source is not None
    assert verdict.divergence.source.file == "tests/replay/stuck.py"
    shown = " ".join(" ".join(plain_lines(block_of(verdict).rows)).split())
    assert "the code raised Stop: after at tests/replay/stuck.py:" in shown
    assert "It is no Exception" in shown


def test_a_base_exception_is_named_where_core_accepts_all_of_it() -> None:
    verdict = judged(stuck.Stops, with_events(data_processing("Stops"), lambda events: events[:10]))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert (verdict.message or "").startswith("the code raised Stop: after at tests/replay/stuck.py:")


def test_a_base_exception_from_further_in_has_its_own_line() -> None:
    verdict = judged(stuck.StopsInATask)
    assert verdict.divergence is not None
    assert verdict.divergence.source is not None
    assert verdict.divergence.source.function == "inside"


# The last task failed in production


def ending_in_failure(history: History, cut: int, *, times_out: bool = False, last: int = 0) -> History:
    """A History whose task that is started at an event failed; with other events after that, if wanted."""

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        kept = events[:cut]
        started = kept[-1]
        assert started.event_type == _E.EVENT_TYPE_WORKFLOW_TASK_STARTED
        failed = HistoryEvent(event_id=cut + 1, event_type=_E.EVENT_TYPE_WORKFLOW_TASK_FAILED)
        attributes = failed.workflow_task_failed_event_attributes
        attributes.scheduled_event_id, attributes.started_event_id = started.event_id - 1, started.event_id
        attributes.cause = _UNHANDLED
        attributes.failure.message = "cannot read True"
        attributes.failure.application_failure_info.type = "ValueError"
        if times_out:
            failed = HistoryEvent(event_id=cut + 1, event_type=_E.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
            late = failed.workflow_task_timed_out_event_attributes
            late.scheduled_event_id, late.started_event_id = started.event_id - 1, started.event_id
            late.timeout_type = TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
        failed.event_time.CopyFrom(started.event_time)
        kept.append(failed)
        if last:
            end = HistoryEvent(event_id=cut + 2, event_type=last)  # type: ignore[arg-type]
            end.workflow_execution_terminated_event_attributes.reason = "stuck"
            end.event_time.CopyFrom(started.event_time)
            kept.append(end)
        return kept

    return with_events(history, change)


@pytest.mark.parametrize(
    ("times_out", "last"),
    [(False, 0), (True, 0), (False, _E.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED)],
    ids=["failed", "timed out", "failed, and then terminated"],
)
def test_a_last_task_that_fails_here_too_is_not_green(times_out: bool, last: int) -> None:
    history = ending_in_failure(data_processing("FailsLater"), 9, times_out=times_out, last=last)
    verdict = judged(stuck.FailsLater, history)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED), verdict
    recorded = "WorkflowTaskTimedOut" if times_out else "WorkflowTaskFailed: ValueError: cannot read True"
    assert recorded in (verdict.message or "")
    assert "this code fails there too: the code raised ValueError: cannot read" in (verdict.message or "")
    assert line_of(verdict) == ("tests/replay/stuck.py", "run")
    assert verdict.commands_compared == 1


def test_code_that_comes_past_the_failure_is_consistent() -> None:
    history = ending_in_failure(data_processing(), 9)
    verdict = judged(DataProcessingWorkflow, history)
    assert (verdict.outcome, verdict.commands_compared) == (Outcome.CONSISTENT, 1)
    assert verdict.stuck == "event 10, WorkflowTaskFailed: ValueError: cannot read True"


def test_a_run_that_was_not_stuck_has_no_cause() -> None:
    assert judged(DataProcessingWorkflow, data_processing()).stuck is None


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b'{"message": "no such row", "stack_trace": ""}', "ValueError: no such row"),
        (b"\x00\x01", "workflow worker unhandled failure"),
        (b"[1]", "workflow worker unhandled failure"),
        (b'{"message": 3}', "workflow worker unhandled failure"),
    ],
    ids=["json", "encrypted", "a list", "no text"],
)
def test_an_encoded_cause_is_read_where_no_codec_is_needed(data: bytes, shown: str) -> None:
    event = ending_in_failure(data_processing(), 9).events[-1]
    failure = event.workflow_task_failed_event_attributes.failure
    failure.message = "Encoded failure"
    failure.encoded_attributes.data = data
    assert in_words(event) == f"event 10, WorkflowTaskFailed: {shown}"
    assert describe_event(event).endswith(": no such row" if b"row" in data else ": (encoded)")


@pytest.mark.parametrize(
    ("cls", "reason", "says"),
    [
        (
            stuck.FailsFirst,
            Reason.WORKFLOW_TASK_FAILED,
            "too: the code raised ValueError: cannot begin",
        ),
        (trouble.Follows, Reason.VACUOUS, "this code comes past it"),
    ],
)
def test_a_first_task_that_failed_says_so(cls: type, reason: Reason, says: str) -> None:
    name = cls.__temporal_workflow_definition.name  # type: ignore[attr-defined]
    verdict = judged(cls, ending_in_failure(data_processing(name), 3))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, reason)
    assert "WorkflowTaskFailed: ValueError: cannot read True" in (verdict.message or "")
    assert says in (verdict.message or "")


def test_an_open_task_that_this_code_fails_is_not_green() -> None:
    """It ends in a started task, as a capture of a busy run does."""
    verdict = judged(stuck.FailsLater, with_events(data_processing("FailsLater"), lambda events: events[:9]))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)


def test_a_failure_before_the_last_completed_task_is_over() -> None:
    assert failed_task(data_processing()) is None
    assert failed_task(ending_in_failure(data_processing(), 9)) is not None


@pytest.mark.parametrize(
    "cause",
    [
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    ],
)
def test_a_failure_that_is_not_the_codes_is_none(cause: WorkflowTaskFailedCause.ValueType) -> None:
    history = ending_in_failure(data_processing(), 9)
    history.events[-1].workflow_task_failed_event_attributes.cause = cause
    assert failed_task(history) is None
