"""What clients and operators do to the run. `updates` has the updates."""

from __future__ import annotations

from temporalio.api.enums.v1 import VersioningBehavior
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import VersioningOverride

from replaykit.explore.growing.service.journal import IDENTITY
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects.rules import Job, SubjectRules
from replaykit.explore.scenario import Step, StepKind
from replaykit.history import event_name
from replaykit.history.events import EVENT_NAMES

__all__ = ["BY_OPERATORS", "OUTSIDE"]

_EVENTS = {
    StepKind.PAUSED: frozenset({"WorkflowExecutionPaused", "WorkflowExecutionUnpaused"}),
    StepKind.REASSIGNED: frozenset({"WorkflowExecutionOptionsUpdated"}),
}
_REASON = "explored"
BY_OPERATORS = tuple(kind for kind, names in _EVENTS.items() if names <= {*EVENT_NAMES.values()})
"""What operators do, as far as the installed temporalio knows its events. No code hears of them, but its
history gets longer."""


def _signal(ledger: Ledger, step: Step) -> None:
    ledger.write(
        "WorkflowExecutionSignaled",
        signal_name=step.name,
        input=ledger.encoder.payloads(step.values) if step.values else None,
        identity=IDENTITY,
        request_id=ledger.made_up_id("signal"),
    )
    ledger.wake()


def _cancel(ledger: Ledger, step: Step) -> None:
    """One request is enough: a service ignores the others."""
    if not any(event_name(event) == "WorkflowExecutionCancelRequested" for event in ledger.events):
        ledger.write("WorkflowExecutionCancelRequested", identity=IDENTITY)
        ledger.wake()


def _query(ledger: Ledger, step: Step) -> None:
    """No History holds one."""


def _paused(ledger: Ledger, step: Step) -> None:
    """The service has the worker look again once the run goes on."""
    request = ledger.made_up_id("pause")
    ledger.write_ignorable("WorkflowExecutionPaused", identity=IDENTITY, reason=_REASON, request_id=request)
    ledger.tick()
    ledger.write_ignorable("WorkflowExecutionUnpaused", identity=IDENTITY, reason=_REASON, request_id=request)
    ledger.wake()


def _reassigned(ledger: Ledger, step: Step) -> None:
    """No workflow task comes of it."""
    ledger.write_ignorable(
        "WorkflowExecutionOptionsUpdated",
        identity=IDENTITY,
        versioning_override=VersioningOverride(behavior=VersioningBehavior.VERSIONING_BEHAVIOR_AUTO_UPGRADE),
    )


def _job_signaled(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.workflow_execution_signaled_event_attributes
    job = Job()
    job.signal_workflow.signal_name = attributes.signal_name
    job.signal_workflow.input.extend(attributes.input.payloads)
    job.signal_workflow.identity = attributes.identity
    if hasattr(job.signal_workflow, "originating_event_id"):  # not before temporalio 1.34 or so
        job.signal_workflow.originating_event_id = event.event_id
    return job


def _job_cancel_requested(ledger: Ledger, event: HistoryEvent) -> Job:
    job = Job()
    job.cancel_workflow.reason = event.workflow_execution_cancel_requested_event_attributes.cause
    return job


OUTSIDE = SubjectRules(
    outside={
        StepKind.SIGNAL: _signal,
        StepKind.CANCEL: _cancel,
        StepKind.QUERY: _query,
        StepKind.PAUSED: _paused,
        StepKind.REASSIGNED: _reassigned,
    },
    jobs={
        "WorkflowExecutionSignaled": _job_signaled,
        "WorkflowExecutionCancelRequested": _job_cancel_requested,
    },
    silent=frozenset(name for kind in BY_OPERATORS for name in _EVENTS[kind]),
)
