"""Updates: no event until the code has accepted one, so a message beside the workflow task brings it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.update.v1 import Input, Meta, Outcome, Request

from replaykit.explore.growing.service.journal import IDENTITY, Journal
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import AdmittedUpdate
from replaykit.explore.growing.service.subjects.rules import CommandRules, Job, SubjectRules
from replaykit.explore.scenario import Step, StepKind
from replaykit.replay.kinds import UPDATE_RESPONSE

__all__ = ["UPDATES", "job_of", "with_admitted"]


def _respond(ledger: Ledger, command: Any, task: int) -> None:
    """What the code answers is a message too, and the service makes an event of it."""
    update = ledger.brought_update(command.protocol_instance_id)
    if command.HasField("accepted"):
        event = ledger.write(
            "WorkflowExecutionUpdateAccepted",
            protocol_instance_id=update.update_id,
            accepted_request_message_id=f"{update.update_id}/request",
            accepted_request_sequencing_event_id=update.sequencing_id,
            accepted_request=_request(update),
        )
        ledger.accept_update(update, event.event_id)
    elif update.accepted_id:
        is_refused = command.HasField("rejected")
        outcome = (
            Outcome(failure=command.rejected)
            if is_refused
            else Outcome(success=Payloads(payloads=[command.completed]))
        )
        ledger.write(
            "WorkflowExecutionUpdateCompleted",
            meta=_meta(update),
            accepted_event_id=update.accepted_id,
            outcome=outcome,
        )


def _meta(update: AdmittedUpdate) -> Meta:
    return Meta(update_id=update.update_id, identity=IDENTITY)


def _request(update: AdmittedUpdate) -> Request:
    arguments = update.arguments if update.arguments.payloads else None
    return Request(meta=_meta(update), input=Input(name=update.name, args=arguments))


def _admit(ledger: Ledger, step: Step) -> None:
    ledger.schedule_task(is_speculative=True)
    ledger.admit_update(step.name, ledger.encoder.payloads(step.values) if step.values else Payloads())


def job_of(update: AdmittedUpdate) -> Job:
    """The job that Core makes of an update."""
    job = Job()
    job.do_update.id = job.do_update.protocol_instance_id = update.update_id
    job.do_update.name = update.name
    job.do_update.input.extend(update.arguments.payloads)
    job.do_update.meta.CopyFrom(_meta(update))
    job.do_update.run_validator = True
    return job


def with_admitted(ledger: Ledger) -> Sequence[HistoryEvent]:
    """The events, with admitted updates before the start of the task: so Core takes them in its replay."""
    if not ledger.updates:
        return ledger.events
    *before, last = ledger.events
    probe = Journal(ledger.opening, ledger.encoder, events=before)
    probe.wait_until(ledger.now)
    for update in ledger.updates:
        probe.write("WorkflowExecutionUpdateAdmitted", request=_request(update))
    started = HistoryEvent()
    started.CopyFrom(last)
    started.event_id = len(probe.events) + 1
    return [*probe.events, started]


def _accepted(ledger: Ledger, event: HistoryEvent) -> None:
    attributes = event.workflow_execution_update_accepted_event_attributes
    update = AdmittedUpdate(
        update_id=attributes.protocol_instance_id,
        name=attributes.accepted_request.input.name,
        arguments=attributes.accepted_request.input.args,
        sequencing_id=attributes.accepted_request_sequencing_event_id,
    )
    ledger.accept_update(update, event.event_id)


UPDATES = SubjectRules(
    commands={UPDATE_RESPONSE: CommandRules(write=_respond)},
    outside={StepKind.UPDATE: _admit},
    recorded={"WorkflowExecutionUpdateAccepted": _accepted},
)
