"""Signals to other workflows, and requests to cancel them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from temporalio.api.enums.v1 import (
    CancelExternalWorkflowExecutionFailedCause,
    SignalExternalWorkflowExecutionFailedCause,
)
from temporalio.api.history.v1 import HistoryEvent

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Pending
from replaykit.explore.growing.service.subjects.filling import header, payloads
from replaykit.explore.growing.service.subjects.rules import (
    CommandRules,
    Job,
    OpenRules,
    Possible,
    SubjectRules,
    opens,
)
from replaykit.explore.scenario import Step, StepKind, Subject
from replaykit.history.events import attributes_of
from replaykit.replay.kinds import (
    CANCEL_SIGNAL_WORKFLOW,
    REQUEST_CANCEL_EXTERNAL_WORKFLOW,
    SIGNAL_EXTERNAL_WORKFLOW,
)
from replaykit.replay.strict.defaults import Nanoseconds

__all__ = ["MESSAGES"]


def _receiver(command: Any) -> str:
    workflow_id: str = command.child_workflow_id or command.workflow_execution.workflow_id
    return workflow_id


def _signal(ledger: Ledger, command: Any, task: int) -> HistoryEvent:
    is_child = command.WhichOneof("target") == "child_workflow_id"
    other = command.workflow_execution
    return ledger.write(
        "SignalExternalWorkflowExecutionInitiated",
        workflow_task_completed_event_id=task,
        namespace=other.namespace or ledger.opening.namespace,
        workflow_execution=ledger.execution(_receiver(command), "" if is_child else other.run_id),
        signal_name=command.signal_name,
        input=payloads(command.args),
        child_workflow_only=is_child,
        header=header(command.headers) if command.headers else None,
    )


def _cancel(ledger: Ledger, command: Any, task: int) -> HistoryEvent:
    other = command.workflow_execution
    return ledger.write(
        "RequestCancelExternalWorkflowExecutionInitiated",
        workflow_task_completed_event_id=task,
        namespace=other.namespace or ledger.opening.namespace,
        workflow_execution=ledger.execution(other.workflow_id, other.run_id),
        reason=f"Cancel requested by workflow with run id {ledger.run_id} with reason: "
        f"{getattr(command, 'reason', '')}",
    )


def _possible(_ledger: Ledger, message: Pending, _horizon: Nanoseconds) -> Iterator[Possible]:
    yield Possible(kind=StepKind.DELIVERED, target=message.target)
    yield Possible(kind=StepKind.UNDELIVERABLE, target=message.target)


_DELIVERED: Mapping[Subject, str] = {
    Subject.SIGNAL: "ExternalWorkflowExecutionSignaled",
    Subject.CANCEL: "ExternalWorkflowExecutionCancelRequested",
}
_SIGNAL_CAUSE = SignalExternalWorkflowExecutionFailedCause
_CANCEL_CAUSE = CancelExternalWorkflowExecutionFailedCause
_UNDELIVERABLE: Mapping[Subject, tuple[str, int]] = {
    Subject.SIGNAL: (
        "SignalExternalWorkflowExecutionFailed",
        _SIGNAL_CAUSE.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND,
    ),
    Subject.CANCEL: (
        "RequestCancelExternalWorkflowExecutionFailed",
        _CANCEL_CAUSE.CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND,
    ),
}
"""By subject, the event, and its cause: no such workflow."""


def _apply(ledger: Ledger, message: Pending, step: Step) -> None:
    initiated: Any = attributes_of(ledger.events[message.event_id - 1])
    more: dict[str, Any] = {}
    if step.kind is StepKind.DELIVERED:
        name = _DELIVERED[message.target.subject]
    else:
        name, more["cause"] = _UNDELIVERABLE[message.target.subject]
    ledger.ends(
        message,
        name,
        initiated_event_id=message.event_id,
        namespace=initiated.namespace,
        workflow_execution=initiated.workflow_execution,
        **more,
    )


def _job_signaled(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.external_workflow_execution_signaled_event_attributes
    job = Job()
    job.resolve_signal_external_workflow.seq = ledger.seqs[attributes.initiated_event_id]
    return job


_OPEN = OpenRules(possible=_possible, apply=_apply)

MESSAGES = SubjectRules(
    commands={
        SIGNAL_EXTERNAL_WORKFLOW: CommandRules(
            write=_signal,
            opens=opens(Subject.SIGNAL, lambda command: f"{_receiver(command)} {command.signal_name}"),
        ),
        CANCEL_SIGNAL_WORKFLOW: CommandRules(core_answers=True),
        REQUEST_CANCEL_EXTERNAL_WORKFLOW: CommandRules(
            write=_cancel, opens=opens(Subject.CANCEL, REQUEST_CANCEL_EXTERNAL_WORKFLOW.subject)
        ),
    },
    open={Subject.SIGNAL: _OPEN, Subject.CANCEL: _OPEN},
    jobs={"ExternalWorkflowExecutionSignaled": _job_signaled},
)
