"""The attributes of each kind of command, on both sides.

One function per kind of event: it yields what the event recorded beside what the same command asks for now,
after the service's own rules (`defaults`). Payloads stay payloads here; `values` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import SerializationContext

from replaykit.replay.kinds import CANCEL_CHILD_WORKFLOW
from replaykit.replay.strict import defaults, starts
from replaykit.replay.strict.attribute import Attribute, coded, event_groups, headers, indexed, plain
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds, time_span
from replaykit.replay.strict.derived import timeouts
from replaykit.replay.strict.envelopes import nexus_context
from replaykit.replay.strict.failures import failure_values
from replaykit.replay.strict.run import Pair, Run
from replaykit.replay.strict.versions import initial_versioning_behavior

__all__ = ["attributes_of"]

_E = EventType
_CHANGE_VERSION = "TemporalChangeVersion"
"""Core's own search attribute, beside a patch marker."""


def attributes_of(pair: Pair, run: Run) -> Iterator[Attribute]:
    """Every comparable attribute of a matched pair; nothing for a kind whose name is all it has."""
    reader = _READERS.get(pair[0].event_type)
    if reader is not None:
        yield from reader(pair, run)
        yield from event_groups(pair, run, _context_of(pair[0], run))


def _context_of(event: HistoryEvent, run: Run) -> SerializationContext | None:
    """The codec's context for all payloads of a command, where it is not the workflow's."""
    if event.HasField("nexus_operation_scheduled_event_attributes"):
        return nexus_context(event.nexus_operation_scheduled_event_attributes, run)
    return None


def _continue_as_new(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.workflow_execution_continued_as_new_event_attributes
    produced = command.message.continue_as_new_workflow_execution
    kind, context, started = "continue_as_new", run.context, run.started
    yield plain(
        f"{kind}.workflow_type",
        recorded.workflow_type.name,
        produced.workflow_type or started.workflow_type.name,
    )
    yield plain(
        f"{kind}.task_queue", recorded.task_queue.name, produced.task_queue or started.task_queue.name
    )
    yield coded(f"{kind}.arguments", list(recorded.input.payloads), list(produced.arguments), context)
    yield from timeouts(kind, recorded, produced, lambda asked: _next_timeouts(asked, run))
    if hasattr(produced, "backoff_start_interval"):
        yield plain(
            f"{kind}.backoff_start_interval",
            time_span(nanoseconds(recorded.backoff_start_interval)),
            time_span(nanoseconds(produced.backoff_start_interval)),
        )
    yield from initial_versioning_behavior(kind, recorded, produced)
    # Core carries over the memo that the run began with, and the search attributes as they are now.
    yield _carried_over(f"{kind}.memo", recorded.memo.fields, produced.memo, (started.memo.fields,), context)
    yield _carried_over(
        f"{kind}.search_attributes",
        recorded.search_attributes.indexed_fields,
        indexed(produced.search_attributes),
        (started.search_attributes.indexed_fields, run.search_attributes),
        None,
    )
    yield from headers(kind, recorded.header.fields, produced.headers, context)


def _next_timeouts(produced: Any, run: Run) -> dict[str, Nanoseconds]:
    """The next run's timeouts: this one's where none is asked for, never longer than the execution's."""
    asked = nanoseconds(produced.workflow_run_timeout) or run.run_timeout
    execution = nanoseconds(run.started.workflow_execution_timeout)
    run_timeout = min(asked or execution, execution) if execution else asked
    task = nanoseconds(produced.workflow_task_timeout) or nanoseconds(run.started.workflow_task_timeout)
    return {
        "workflow_run_timeout": run_timeout,
        "workflow_task_timeout": defaults.task_timeout(task, run_timeout),
    }


def _carried_over(
    field: str,
    recorded: Mapping[str, Payload],
    produced: Mapping[str, Payload],
    known: tuple[Mapping[str, Payload], ...],
    context: SerializationContext | None,
) -> Attribute:
    """A map that Core fills from the current run where the code gives none.

    Args:
        field: Of the attribute.
        recorded: The map of the event.
        produced: The map of the command.
        known: What the current run has, as it began and as it went on.
        context: For the codec; None where there is none to pass.
    """
    before = _without_change_version(recorded)
    now = dict(produced)
    if not now:
        values = [_without_change_version(each) for each in known]
        now = before if before in values else values[-1]
    elif _CHANGE_VERSION in now:
        before = dict(recorded)
    return Attribute(
        field=field, recorded=before, produced=now, context=context, is_coded=context is not None
    )


def _without_change_version(values: Mapping[str, Payload]) -> dict[str, Payload]:
    return {key: value for key, value in values.items() if key != _CHANGE_VERSION}


def _signal(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.signal_external_workflow_execution_initiated_event_attributes
    produced = command.message.signal_external_workflow_execution
    kind = "signal_external"
    context = run.context_of_workflow(recorded.workflow_execution.workflow_id)
    target = produced.child_workflow_id or produced.workflow_execution.workflow_id
    yield plain(f"{kind}.signal_name", recorded.signal_name, produced.signal_name)
    yield coded(f"{kind}.arguments", list(recorded.input.payloads), list(produced.args), context)
    yield plain(f"{kind}.workflow_id", recorded.workflow_execution.workflow_id, target)
    yield plain(
        f"{kind}.run_id",
        recorded.workflow_execution.run_id or None,
        produced.workflow_execution.run_id or None,
    )
    yield plain(f"{kind}.child_workflow_only", recorded.child_workflow_only, bool(produced.child_workflow_id))
    if recorded.namespace and produced.workflow_execution.namespace:
        yield plain(f"{kind}.namespace", recorded.namespace, produced.workflow_execution.namespace)
    yield from headers(kind, recorded.header.fields, produced.headers, context)


def _cancel_external(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.request_cancel_external_workflow_execution_initiated_event_attributes
    is_child = command.kind is CANCEL_CHILD_WORKFLOW
    yield plain("cancel_external.child_workflow_only", recorded.child_workflow_only, is_child)
    if is_child:  # which child: see `targets`
        asked = command.message.cancel_child_workflow_execution.reason
        yield plain("cancel_child.reason", _reason(recorded.reason), asked or None)
        return
    produced = command.message.request_cancel_external_workflow_execution
    execution = produced.workflow_execution
    kind = "cancel_external"
    yield plain(f"{kind}.workflow_id", recorded.workflow_execution.workflow_id, execution.workflow_id)
    yield plain(f"{kind}.run_id", recorded.workflow_execution.run_id or None, execution.run_id or None)
    if recorded.namespace and execution.namespace:
        yield plain(f"{kind}.namespace", recorded.namespace, execution.namespace)
    yield plain(f"{kind}.reason", _reason(recorded.reason), produced.reason or None)


def _reason(recorded: str) -> str | None:
    """A cancellation's reason without what Core writes before it."""
    before, separator, own = recorded.partition(" with reason: ")
    is_cores = bool(separator) and before.startswith("Cancel requested by workflow with run id ")
    return (own if is_cores else recorded) or None


def _upsert(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = dict(event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields)
    produced = indexed(command.message.upsert_workflow_search_attributes.search_attributes)
    if _CHANGE_VERSION not in produced:
        recorded.pop(_CHANGE_VERSION, None)  # Core's own, beside a patch marker
    yield Attribute(field="search_attributes", recorded=recorded, produced=produced, is_coded=False)


def _memo(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.workflow_properties_modified_event_attributes.upserted_memo.fields
    produced = command.message.modify_workflow_properties.upserted_memo.fields
    yield coded("memo", dict(recorded), dict(produced), run.context)


def _completed(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = list(event.workflow_execution_completed_event_attributes.result.payloads)
    produced = command.message.complete_workflow_execution.result
    yield coded("workflow.result", recorded[0] if recorded else None, produced, run.context)


def _failed(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.workflow_execution_failed_event_attributes.failure
    produced = command.message.fail_workflow_execution.failure
    yield coded("workflow.failure", failure_values(recorded), failure_values(produced), run.context)


def _cancelled(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.workflow_execution_canceled_event_attributes.details
    produced = command.message.cancel_workflow_execution
    if hasattr(produced, "details"):  # later than temporalio 1.24
        yield coded(
            "workflow.cancel_details", list(recorded.payloads), list(produced.details.payloads), run.context
        )


_READERS: Mapping[int, Callable[[Pair, Run], Iterator[Attribute]]] = {
    _E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: starts.activity,
    _E.EVENT_TYPE_MARKER_RECORDED: starts.local_activity,
    _E.EVENT_TYPE_TIMER_STARTED: starts.timer,
    _E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: starts.child_workflow,
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: _continue_as_new,
    _E.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: _signal,
    _E.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: _cancel_external,
    _E.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: _upsert,
    _E.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED: _memo,
    _E.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED: starts.nexus_operation,
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: _completed,
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: _failed,
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: _cancelled,
}
