"""The start of a run."""

from __future__ import annotations

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Priority, WorkflowType
from temporalio.api.enums.v1 import ContinueAsNewInitiator

from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.growing.service.journal import IDENTITY, SECOND, duration, timestamp
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.scenario import Opening

__all__ = ["opened"]


def opened(opening: Opening, encoder: Encoder) -> Ledger:
    """A ledger with its started event, and the first workflow task scheduled."""
    ledger = Ledger(opening, encoder)
    more: dict[str, object] = {}
    if opening.continued_from:
        more["continued_execution_run_id"] = opening.continued_from
        more["initiator"] = ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW
    if opening.execution_timeout is not None:
        ends = ledger.now + int(opening.execution_timeout.total_seconds() * SECOND)
        more["workflow_execution_expiration_time"] = timestamp(ends)
    ledger.write(
        "WorkflowExecutionStarted",
        workflow_type=WorkflowType(name=opening.workflow_type),
        task_queue=ledger.queue(),
        input=encoder.payloads(opening.values) if opening.values else None,
        workflow_execution_timeout=_length(opening.execution_timeout),
        workflow_run_timeout=_length(opening.run_timeout or opening.execution_timeout),
        workflow_task_timeout=duration(ledger.task_timeout),
        original_execution_run_id=ledger.run_id,
        first_execution_run_id=opening.first_run_id or ledger.run_id,
        identity=IDENTITY,
        attempt=1,
        workflow_id=opening.workflow_id,
        first_workflow_task_backoff=Duration(),
        priority=Priority(),
        **more,
    )
    ledger.schedule_task()
    return ledger


def _length(timeout: timedelta | None) -> Duration | None:
    if timeout is None:
        return None
    length = Duration()
    length.FromTimedelta(timeout)
    return length
