"""One readable line for every event: the name of its type, and what distinguishes it from others of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import TimeoutType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history.durations import TimeSpan
from replaykit.history.events import EVENT_NAMES, attributes_of, event_name

__all__ = ["command_name", "describe_event", "encoded_message", "json_detail", "patch_detail"]

_WIDTH = 160
"""Characters after which a label is cut: a failure message can be pages long."""


def describe_event(event: HistoryEvent) -> str:
    """A one-line label such as `ActivityTaskScheduled process_payment` or `TimerStarted 30 s`.

    The first word is the CamelCase name of the event's type. An event of a type that this temporalio does not
    know shows as `Unknown event type 9999`.
    """
    label = event_name(event)
    attributes = attributes_of(event)
    detail = _DETAILS.get(label)
    if detail is not None and attributes is not None:
        label += detail(attributes)
    elif event.worker_may_ignore and event.event_type not in EVENT_NAMES:
        label += " (workers may ignore it)"
    line = " ".join(label.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def command_name(event: HistoryEvent) -> str:
    """What a command event is about, without ids or lengths: an activity's type, a patch id; may be empty."""
    name = _NAMES.get(event_name(event))
    attributes = attributes_of(event)
    return name(attributes) if name is not None and attributes is not None else ""


def marker_name(attributes: Any) -> str:
    """What a marker marks: `patch my-patch`, `local activity greet`, `Version change-id`.

    Core writes the first two (its `core_patch` and `core_local_activity` markers), Go and Java the rest.
    """
    if attributes.marker_name == "core_patch":
        patch = patch_detail(attributes)
        return f"patch {patch[0] if patch is not None else ''}"
    if attributes.marker_name == "core_local_activity":
        return f"local activity {json_detail(attributes, 'data').get('activity_type', '')}"
    change = _text_detail(attributes, "change-id") or _text_detail(attributes, "changeId")
    return f"{attributes.marker_name} {change}".strip()


def patch_detail(attributes: Any) -> tuple[str, bool] | None:
    """Patch id of a `core_patch` marker, and whether it is a deprecated one; None where it cannot be read.

    Core writes one JSON object; its first releases wrote two details.
    """
    data = json_detail(attributes, "patch-data")
    if "id" in data:
        return str(data["id"]), bool(data.get("deprecated", False))
    early = _text_detail(attributes, "patch_id")
    return (early, _text_detail(attributes, "deprecated") == "true") if early else None


def json_detail(attributes: Any, key: str) -> dict[str, Any]:
    """A detail of a marker that is a JSON object; empty where it is missing or anything else."""
    try:
        value = json.loads(_text_detail(attributes, key))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _text_detail(attributes: Any, key: str) -> str:
    payloads = attributes.details[key] if key in attributes.details else Payloads()
    text: str = payloads.payloads[0].data.decode(errors="replace") if payloads.payloads else ""
    return text.strip('"') if text.startswith('"') else text


def _failure(value: Failure) -> str:
    """The most specific message: that of a cause, rather than of a wrapper such as a Nexus operation's."""
    while value.HasField("nexus_operation_execution_failure_info") and value.HasField("cause"):
        value = value.cause
    kind = value.application_failure_info.type
    if value.HasField("encoded_attributes"):
        return encoded_message(value) or "(encoded)"
    return value.message or kind


def encoded_message(value: Failure) -> str:
    """The text that a failure converter put away among the attributes, where reading it needs no codec."""
    try:
        attributes = json.loads(value.encoded_attributes.data)
    except ValueError:
        return ""
    message = attributes.get("message") if isinstance(attributes, dict) else None
    return message if isinstance(message, str) else ""


def _colon(text: str) -> str:
    return f": {text}" if text else ""


def _space(text: str) -> str:
    return f" {text}" if text else ""


def _enum(wrapper: Any, number: int) -> str:
    """`StartToClose` of `TIMEOUT_TYPE_START_TO_CLOSE`; nothing for the unspecified one."""
    if not number:
        return ""
    value = wrapper.DESCRIPTOR.values_by_number.get(number)
    if value is None:
        return str(number)
    prefix = wrapper.DESCRIPTOR.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return str(value.name).removeprefix(prefix).title().replace("_", "")


def _attempt(a: Any) -> str:
    return f" attempt {a.attempt}" if a.attempt > 1 else ""


def _timed_out(a: Any) -> str:
    return _space(_enum(TimeoutType, a.failure.timeout_failure_info.timeout_type))


def _started_child(a: Any) -> str:
    return f" {a.workflow_type.name} ({a.workflow_execution.workflow_id})"


def _external(a: Any) -> str:
    return _space(a.workflow_execution.workflow_id)


def _external_failed(a: Any) -> str:
    cause = a.DESCRIPTOR.fields_by_name["cause"].enum_type.values_by_number.get(a.cause)
    kind = (
        str(cause.name).rpartition("_FAILED_CAUSE_")[2].title().replace("_", "") if cause and a.cause else ""
    )
    return _space(a.workflow_execution.workflow_id) + _colon(kind)


def _child_not_started(a: Any) -> str:
    cause = a.DESCRIPTOR.fields_by_name["cause"].enum_type.values_by_number.get(a.cause)
    kind = (
        str(cause.name).rpartition("_FAILED_CAUSE_")[2].title().replace("_", "") if cause and a.cause else ""
    )
    return f" {a.workflow_type.name} ({a.workflow_id})" + _colon(kind)


def _update(a: Any) -> str:
    return str(a.accepted_request.input.name or a.protocol_instance_id)


def _keys(fields: Mapping[str, Any]) -> str:
    return ", ".join(sorted(fields))


def _nexus(a: Any) -> str:
    return f"{a.service}.{a.operation}"


_NAMES: dict[str, Callable[[Any], str]] = {
    "ActivityTaskScheduled": lambda a: a.activity_type.name,
    "StartChildWorkflowExecutionInitiated": lambda a: a.workflow_type.name,
    "SignalExternalWorkflowExecutionInitiated": lambda a: a.signal_name,
    "MarkerRecorded": marker_name,
    "UpsertWorkflowSearchAttributes": lambda a: _keys(a.search_attributes.indexed_fields),
    "WorkflowPropertiesModified": lambda a: _keys(a.upserted_memo.fields),
    "NexusOperationScheduled": _nexus,
    "WorkflowExecutionUpdateAccepted": _update,
    "WorkflowExecutionContinuedAsNew": lambda a: a.workflow_type.name,
}

_DETAILS: dict[str, Callable[[Any], str]] = {
    "WorkflowExecutionStarted": lambda a: _space(a.workflow_type.name) + _attempt(a),
    "WorkflowExecutionFailed": lambda a: _colon(_failure(a.failure)),
    "WorkflowExecutionTerminated": lambda a: _colon(a.reason),
    "WorkflowExecutionCancelRequested": lambda a: _colon(a.cause),
    "WorkflowExecutionSignaled": lambda a: _space(a.signal_name),
    "WorkflowExecutionContinuedAsNew": lambda a: _space(a.workflow_type.name),
    "WorkflowExecutionOptionsUpdated": lambda a: _space(_keys({item.name: 1 for item, _ in a.ListFields()})),
    "WorkflowExecutionPaused": lambda a: _colon(a.reason),
    "WorkflowExecutionUnpaused": lambda a: _colon(a.reason),
    "WorkflowExecutionTimeSkippingTransitioned": lambda a: f" to {a.target_time.ToJsonString()}",
    "WorkflowTaskScheduled": _attempt,
    "WorkflowTaskTimedOut": lambda a: _space(_enum(TimeoutType, a.timeout_type)),
    "WorkflowTaskFailed": lambda a: (
        _space(_enum(WorkflowTaskFailedCause, a.cause)) + _colon(_failure(a.failure))
    ),
    "ActivityTaskScheduled": lambda a: _space(a.activity_type.name),
    "ActivityTaskStarted": _attempt,
    "ActivityTaskFailed": lambda a: _colon(_failure(a.failure)),
    "ActivityTaskTimedOut": _timed_out,
    "ActivityTaskCancelRequested": lambda a: f" of event {a.scheduled_event_id}",
    "TimerStarted": lambda a: f" {TimeSpan.of(a.start_to_fire_timeout)}",
    "TimerFired": lambda a: _space(a.timer_id),
    "TimerCanceled": lambda a: _space(a.timer_id),
    "RequestCancelExternalWorkflowExecutionInitiated": _external,
    "RequestCancelExternalWorkflowExecutionFailed": _external_failed,
    "ExternalWorkflowExecutionCancelRequested": _external,
    "SignalExternalWorkflowExecutionInitiated": lambda a: (
        _space(a.signal_name) + f" to {_external(a).strip()}"
    ),
    "SignalExternalWorkflowExecutionFailed": _external_failed,
    "ExternalWorkflowExecutionSignaled": _external,
    "MarkerRecorded": lambda a: _space(marker_name(a)),
    "StartChildWorkflowExecutionInitiated": lambda a: f" {a.workflow_type.name} ({a.workflow_id})",
    "StartChildWorkflowExecutionFailed": _child_not_started,
    "ChildWorkflowExecutionStarted": _started_child,
    "ChildWorkflowExecutionCompleted": _started_child,
    "ChildWorkflowExecutionFailed": lambda a: _started_child(a) + _colon(_failure(a.failure)),
    "ChildWorkflowExecutionCanceled": _started_child,
    "ChildWorkflowExecutionTimedOut": _started_child,
    "ChildWorkflowExecutionTerminated": _started_child,
    "UpsertWorkflowSearchAttributes": lambda a: _space(_keys(a.search_attributes.indexed_fields)),
    "WorkflowExecutionUpdateAdmitted": lambda a: _space(a.request.input.name),
    "WorkflowExecutionUpdateAccepted": lambda a: _space(_update(a)),
    "WorkflowExecutionUpdateRejected": lambda a: (
        _space(a.rejected_request.input.name) + _colon(_failure(a.failure))
    ),
    "WorkflowExecutionUpdateCompleted": lambda a: (
        _space(a.meta.update_id) + _colon(_failure(a.outcome.failure))
    ),
    "WorkflowPropertiesModified": lambda a: _space(_keys(a.upserted_memo.fields)),
    "WorkflowPropertiesModifiedExternally": lambda a: _space(
        _keys({item.name: 1 for item, _ in a.ListFields()})
    ),
    "ActivityPropertiesModifiedExternally": lambda a: f" of event {a.scheduled_event_id}",
    "NexusOperationScheduled": lambda a: _space(_nexus(a)),
    "NexusOperationFailed": lambda a: _colon(_failure(a.failure)),
    "NexusOperationCanceled": lambda a: _colon(_failure(a.failure)),
    "NexusOperationTimedOut": lambda a: _colon(_failure(a.failure)),
    "NexusOperationCancelRequested": lambda a: f" of event {a.scheduled_event_id}",
    "NexusOperationCancelRequestFailed": lambda a: _colon(_failure(a.failure)),
}
"""What follows the name of an event type, by that name. A type without an entry has nothing to add."""
