"""Nexus operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from temporalio.api.enums.v1 import TimeoutType
from temporalio.api.failure.v1 import (
    CanceledFailureInfo,
    Failure,
    NexusOperationFailureInfo,
    TimeoutFailureInfo,
)
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.nexus import NexusOperationCancellationType

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Pending
from replaykit.explore.growing.service.subjects.filling import durations
from replaykit.explore.growing.service.subjects.rules import (
    CommandRules,
    OpenRules,
    Possible,
    SubjectRules,
    opens,
)
from replaykit.explore.scenario import Step, StepKind, Subject, Timeout
from replaykit.replay.kinds import REQUEST_CANCEL_NEXUS_OPERATION, SCHEDULE_NEXUS_OPERATION
from replaykit.replay.sdk.envelopes import answer_to, opened
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds, nexus_timeouts

__all__ = ["NEXUS"]

_K = StepKind


def _schedule(ledger: Ledger, command: Any, task: int) -> HistoryEvent:
    timeouts = durations(nexus_timeouts(command, ledger.run_timeout))
    return ledger.write(
        "NexusOperationScheduled",
        endpoint=command.endpoint,
        service=command.service,
        operation=command.operation,
        input=command.input if command.HasField("input") else None,
        nexus_header=command.nexus_header,
        workflow_task_completed_event_id=task,
        request_id=ledger.made_up_id("nexus"),
        **{name: value for name, value in timeouts.items() if value.seconds or value.nanos},
    )


def _cancel(ledger: Ledger, command: Any, task: int) -> None:
    operation = ledger.find(Subject.NEXUS, command.seq)
    if (
        operation is None
        or operation.command.cancellation_type == NexusOperationCancellationType.ABANDON
        or operation.cancel_id
    ):
        return
    event = ledger.write(
        "NexusOperationCancelRequested",
        scheduled_event_id=operation.event_id,
        workflow_task_completed_event_id=task,
    )
    asked = ledger.change(operation, cancel_id=event.event_id)
    if asked.is_started:
        ledger.add_afterwards(lambda: _write_cancel_answered(ledger, asked))


def _write_cancel_answered(ledger: Ledger, operation: Pending) -> None:
    """The handler of the operation has heard that it is to be cancelled."""
    ledger.write_ignorable(
        "NexusOperationCancelRequestCompleted",
        requested_event_id=operation.cancel_id,
        scheduled_event_id=operation.event_id,
    )


def _scheduled_of(ledger: Ledger, operation: Pending) -> Any:
    return ledger.events[operation.event_id - 1].nexus_operation_scheduled_event_attributes


def _possible(ledger: Ledger, operation: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    if not operation.is_started:
        yield Possible(kind=_K.BEGINS, target=operation.target)
    wants_value = opened(operation.command.input) is None  # the service itself answers for the others
    yield Possible(kind=_K.COMPLETES, target=operation.target, wants_value=wants_value)
    yield Possible(kind=_K.FAILS, target=operation.target, wants_failure=True)
    limit = nanoseconds(_scheduled_of(ledger, operation).schedule_to_close_timeout)
    if limit and operation.since + limit <= horizon:
        yield Possible(kind=_K.TIMES_OUT, target=operation.target, timeout=Timeout.SCHEDULE_TO_CLOSE)
    if operation.cancel_id and operation.is_started:
        yield Possible(kind=_K.CANCELLED, target=operation.target)


def _apply(ledger: Ledger, operation: Pending, step: Step) -> None:
    link = {
        "scheduled_event_id": operation.event_id,
        "request_id": _scheduled_of(ledger, operation).request_id,
    }
    if step.kind is _K.BEGINS:
        token = ledger.made_up_id("operation")
        ledger.write("NexusOperationStarted", operation_id=token, operation_token=token, **link)
        begun = ledger.change(operation, is_started=True, token=token)
        if begun.cancel_id:
            _write_cancel_answered(ledger, begun)
        ledger.wake()
    elif step.kind is _K.COMPLETES:
        result = answer_to(operation.command.input, ledger.made_up_id("answer"))
        if result is None and step.values:
            result = ledger.encoder.payload(step.values[0])
        ledger.ends(operation, "NexusOperationCompleted", result=result, **link)
    else:
        if step.kind is _K.TIMES_OUT:
            limit = nanoseconds(operation.command.schedule_to_close_timeout)
            ledger.wait_until(operation.since + limit)
        name, cause = _ENDS[step.kind]
        if step.failure is not None:
            cause = ledger.encoder.failure(step.failure)
        ledger.ends(operation, name, failure=_failure(operation, cause), **link)


def _failure(operation: Pending, cause: Failure | None) -> Failure:
    info = NexusOperationFailureInfo(
        scheduled_event_id=operation.event_id,
        endpoint=operation.command.endpoint,
        service=operation.command.service,
        operation=operation.command.operation,
        operation_id=operation.token,
        operation_token=operation.token,
    )
    return Failure(
        message="nexus operation completed unsuccessfully",
        nexus_operation_execution_failure_info=info,
        cause=cause,
    )


_ENDS: Mapping[StepKind, tuple[str, Failure | None]] = {
    _K.FAILS: ("NexusOperationFailed", None),
    _K.CANCELLED: (
        "NexusOperationCanceled",
        Failure(message="operation canceled", canceled_failure_info=CanceledFailureInfo()),
    ),
    _K.TIMES_OUT: (
        "NexusOperationTimedOut",
        Failure(
            message="operation timed out",
            timeout_failure_info=TimeoutFailureInfo(timeout_type=TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE),
        ),
    ),
}
"""By kind of step, the event, and the cause that the service gives."""


def _begun(ledger: Ledger, operation: Pending, event: HistoryEvent) -> None:
    token = event.nexus_operation_started_event_attributes.operation_token
    ledger.change(operation, is_started=True, token=token)


def _cancel_asked(ledger: Ledger, operation: Pending, event: HistoryEvent) -> None:
    ledger.change(operation, cancel_id=event.event_id)


def _cancel_answered(ledger: Ledger, operation: Pending, event: HistoryEvent) -> None:
    """The operation goes on until its handler ends it."""


NEXUS = SubjectRules(
    commands={
        SCHEDULE_NEXUS_OPERATION: CommandRules(
            write=_schedule, opens=opens(Subject.NEXUS, SCHEDULE_NEXUS_OPERATION.subject)
        ),
        REQUEST_CANCEL_NEXUS_OPERATION: CommandRules(write=_cancel, core_answers=True),
    },
    open={Subject.NEXUS: OpenRules(possible=_possible, apply=_apply)},
    follows={
        "NexusOperationStarted": _begun,
        "NexusOperationCancelRequested": _cancel_asked,
        "NexusOperationCancelRequestCompleted": _cancel_answered,
        "NexusOperationCancelRequestFailed": _cancel_answered,
    },
)
