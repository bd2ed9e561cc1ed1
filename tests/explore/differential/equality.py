"""Holds a real history against a grown one, attribute by attribute, but for what must differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import event_name
from replaykit.replay.strict.defaults import nanoseconds
from tests.explore.differential.planning import Plan, attributes_of

__all__ = ["SCRUBBED", "differences"]

SCRUBBED: Mapping[str, str] = {
    r"event_time": "a service's clock; grown histories have one of their own",
    r"WorkflowExecutionStarted\.workflow_execution_expiration_time": "the same clock",
    r"task_id": "a number of the service's storage",
    r".*\brequest_id": "a UUID that the service or a client makes up",
    r".*\bnamespace_id": "a UUID that the service made up when the namespace was created",
    r".*\bhistory_size_bytes": "counts the ids and times above, and how the service stores events",
    r".*\bstack_trace": "paths and lines of whoever raised",
    r"WorkflowTask(Started|Completed)\.worker_version\..*": "a hash of the worker's code, or the user's",
    r"NexusOperationScheduled\.endpoint_id": "a UUID that the service made up when the endpoint was created",
    r".*\boperation_(id|token)": "made up by whoever answers the operation",
    r"NexusOperationStarted\.links.*": "made by whoever answers the operation, about its workflow",
    r"WorkflowExecutionContinuedAsNew\.new_execution_run_id": "a UUID that the service makes up",
    r"MarkerRecorded\.details\.data\.\d+\.(complete_time|original_schedule_time).*": "the worker's clock",
}
"""Attributes that two services would not agree on either, as patterns of their paths, with the reason.

Beside these, the run ids of the run and of its children are matched by their place in the history, not by
their text; and durations and task queues that were changed on the way to the service (`planning`, `steering`)
are taken back.
"""
_SCRUB = re.compile("|".join(SCRUBBED))
_TIMEOUTS = (
    "schedule_to_close_timeout",
    "schedule_to_start_timeout",
    "start_to_close_timeout",
    "heartbeat_timeout",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Flat:
    """An event as lines that can be compared."""

    name: str
    attributes: Mapping[str, str]


def differences(plan: Plan, real: Sequence[HistoryEvent]) -> list[str]:
    """What differs between the two, a line each; empty where nothing does.

    Args:
        plan: With the grown history.
        real: What the service wrote.
    """
    grown = plan.events
    if plan.is_cut:
        real = real[: len(grown)]
    renamed = _renamed(grown, real)
    lines: list[str] = []
    for number in range(max(len(grown), len(real))):
        ours = _flat(grown[number], plan) if number < len(grown) else None
        theirs = _flat(renamed[number], plan) if number < len(renamed) else None
        if ours is None or theirs is None or ours.name != theirs.name:
            lines.append(
                f"event {number + 1}: grown {ours.name if ours else 'nothing'}, "
                f"service {theirs.name if theirs else 'nothing'}"
            )
            lines += _both(grown, real, number)
            return lines
        for path in sorted({*ours.attributes, *theirs.attributes}):
            mine, its = ours.attributes.get(path, "unset"), theirs.attributes.get(path, "unset")
            if mine != its:
                lines.append(f"event {number + 1} {ours.name}: {path}: grown {mine}, service {its}")
    return lines


def _both(grown: Sequence[HistoryEvent], real: Sequence[HistoryEvent], around: int) -> Iterator[str]:
    for number in range(max(0, around - 4), min(max(len(grown), len(real)), around + 8)):
        ours = event_name(grown[number]) if number < len(grown) else ""
        theirs = event_name(real[number]) if number < len(real) else ""
        yield f"  {number + 1:>3} {ours:<50} {theirs}"


def _renamed(grown: Sequence[HistoryEvent], real: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """The real events under the grown run's ids. Run ids are all of one length, so texts keep their form."""
    pairs = [(its, ours) for ours, its in zip(_run_ids(grown), _run_ids(real), strict=False) if ours and its]
    renamed = []
    for event in real:
        data = event.SerializeToString()
        for its, ours in pairs:
            data = data.replace(its.encode(), ours.encode())
        renamed.append(HistoryEvent.FromString(data))
    return renamed


def _run_ids(events: Sequence[HistoryEvent]) -> Iterator[str]:
    for event in events:
        if event_name(event) == "WorkflowExecutionStarted":
            yield attributes_of(event).original_execution_run_id
        elif event_name(event) == "ChildWorkflowExecutionStarted":
            yield attributes_of(event).workflow_execution.run_id


def _flat(event: HistoryEvent, plan: Plan) -> _Flat:
    name = event_name(event)
    values: dict[str, str] = {}
    for field, value in event.ListFields():
        if field.name == event.WhichOneof("attributes"):
            values.update(_walk(name, value))
        elif field.name not in ("event_id", "event_type"):
            values.update(_walk(field.name, value))
        elif field.name == "event_id":
            values["event_id"] = str(value)
    changed = set(plan.changed(event.event_id))
    if changed and name == "ActivityTaskScheduled":
        changed = set(_TIMEOUTS)
    if name == "ActivityTaskScheduled":
        queue = values.get(f"{name}.task_queue.name", "")
        own = plan.opening.task_queue
        values[f"{name}.task_queue.name"] = queue.removeprefix(f"{own}/")
    if name == "StartChildWorkflowExecutionInitiated":
        changed |= {"task_queue.name", "inherit_build_id"}
    kept = {
        path: text
        for path, text in values.items()
        if not _SCRUB.fullmatch(path) and path.removeprefix(f"{name}.") not in changed
    }
    return _Flat(name=name, attributes=kept)


def _walk(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every leaf under a value, with its path."""
    if isinstance(value, Duration):
        yield path, f"{nanoseconds(value) / 1e9:g}s"
    elif isinstance(value, Timestamp):
        yield path, value.ToJsonString()
    elif isinstance(value, Payload):
        yield from _payload(path, value)
    elif isinstance(value, Message):
        fields = value.ListFields()
        if not fields:
            yield path, "{}"
        for field, inner in fields:
            yield from _field(f"{path}.{field.name}", field, inner)
    else:
        yield path, str(value)


def _field(path: str, field: Any, value: Any) -> Iterator[tuple[str, str]]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        for key in sorted(value):
            yield from _walk(f"{path}.{key}", value[key])
    elif isinstance(value, str | bytes | int | float | Message):
        named = field.enum_type.values_by_number[value].name if field.enum_type is not None else value
        yield from _walk(path.replace(".payloads", ""), named)
    else:
        # Core writes its flags in the order of a hash table.
        items = sorted(value) if field.name.endswith("_used_flags") else value
        for number, inner in enumerate(items):
            yield from _walk(f"{path.replace('.payloads', '')}.{number}", inner)


def _payload(path: str, payload: Payload) -> Iterator[tuple[str, str]]:
    if path.startswith("MarkerRecorded.details.data."):
        for key, value in json.loads(payload.data).items():
            yield f"{path}.{key}", json.dumps(value)
        return
    metadata = " ".join(f"{key}={value.decode()}" for key, value in sorted(payload.metadata.items()))
    yield path, f"{payload.data.decode(errors='replace')!r} ({metadata})"
