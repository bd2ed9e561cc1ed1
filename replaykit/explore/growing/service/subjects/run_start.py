"""The start of a run."""

from __future__ import annotations

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Memo, Priority, RetryPolicy, SearchAttributes, WorkflowType
from temporalio.api.enums.v1 import ContinueAsNewInitiator as Initiator
from temporalio.common import TypedSearchAttributes
from temporalio.converter import encode_search_attributes

from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.growing.service.journal import IDENTITY, SECOND, duration, timestamp
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects.filling import retry_policy
from replaykit.explore.scenario import Opening

__all__ = ["opened"]


def opened(opening: Opening, encoder: Encoder) -> Ledger:
    """A ledger with its started event, and the first workflow task scheduled."""
    ledger = Ledger(opening, encoder)
    more: dict[str, object] = {**_before(ledger), **_parent(ledger), **_carried(ledger)}
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
        identity=IDENTITY,
        attempt=opening.attempt,
        workflow_id=opening.workflow_id,
        first_workflow_task_backoff=Duration(),
        priority=Priority(),
        **more,
    )
    ledger.schedule_task()
    return ledger


def _before(ledger: Ledger) -> dict[str, object]:
    """What the event has of the run before: one that continued as new, failed, or was the cron's last."""
    opening = ledger.opening
    earlier, how = opening.continued_from, Initiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW
    found: dict[str, object] = {}
    if opening.attempt > 1:
        earlier = ledger.made_up_id("attempt")
        how = Initiator.CONTINUE_AS_NEW_INITIATOR_RETRY
        found["retry_policy"] = retry_policy(RetryPolicy())
        if opening.last_failure is not None:
            found["continued_failure"] = ledger.encoder.failure(opening.last_failure)
    elif opening.cron and opening.last_result and not earlier:
        earlier = ledger.made_up_id("cron")
        how = Initiator.CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE
    if opening.last_result:
        found["last_completion_result"] = ledger.encoder.payloads(opening.last_result)
    if earlier:
        found |= {"continued_execution_run_id": earlier, "initiator": how}
    return {**found, "first_execution_run_id": opening.first_run_id or earlier or ledger.run_id}


def _parent(ledger: Ledger) -> dict[str, object]:
    opening = ledger.opening
    if not opening.parent:
        return {}
    parent = ledger.execution(opening.parent, ledger.made_up_id("parent"))
    return {
        "parent_workflow_namespace": opening.namespace,
        "parent_workflow_namespace_id": ledger.made_up_id("namespace"),
        "parent_workflow_execution": parent,
        "parent_initiated_event_id": 5,
        "root_workflow_execution": parent,
    }


def _carried(ledger: Ledger) -> dict[str, object]:
    """What a client or a schedule gives a run to carry with it."""
    opening = ledger.opening
    found: dict[str, object] = {"cron_schedule": opening.cron}
    if opening.memo:
        plain = ledger.encoder.plain_payloads(list(opening.memo.values()))
        ledger.set_memo(dict(zip(opening.memo, plain, strict=True)))
        found["memo"] = Memo(fields=dict(zip(opening.memo, ledger.encoder.coded(plain), strict=True)))
    if opening.search_attributes:
        attributes = SearchAttributes()
        encode_search_attributes(TypedSearchAttributes(opening.search_attributes), attributes)
        found["search_attributes"] = attributes
        ledger.set_search_attributes(attributes.indexed_fields)
    return found


def _length(timeout: timedelta | None) -> Duration | None:
    if timeout is None:
        return None
    length = Duration()
    length.FromTimedelta(timeout)
    return length
