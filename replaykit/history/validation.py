"""Damage that must not reach Core, which hangs on it, panics, or calls it a nondeterminism error.

Each rule names what Core did with a history that breaks it (measured with temporalio 1.35).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.history.v1 import HistoryEvent

from replaykit.errors import InvalidHistoryError
from replaykit.history.events import (
    ATTRIBUTE_FIELDS,
    EVENT_NAMES,
    attributes_of,
    close_status,
    event_name,
    is_command_event,
)
from replaykit.history.labels import patch_detail
from replaykit.history.model import History

__all__ = ["validate"]

_STARTED = "WorkflowExecutionStarted"
_TASK_CLOSED = frozenset({"WorkflowTaskCompleted", "WorkflowTaskFailed", "WorkflowTaskTimedOut"})

_NEEDED = {
    _STARTED: (("workflow_type", "name"), ("task_queue", "")),
    "ActivityTaskScheduled": (("activity_id", ""), ("activity_type", "name")),
    "ActivityTaskFailed": (("failure", ""),),
    "StartChildWorkflowExecutionInitiated": (("workflow_id", ""), ("workflow_type", "name")),
    "ChildWorkflowExecutionFailed": (("failure", ""),),
}
"""Fields (and their subfields) without which Core hangs (the first two) or calls the History another's."""

_NEED_START = {
    "ActivityTaskCompleted": ("scheduled_event_id", "ActivityTaskStarted"),
    "ActivityTaskFailed": ("scheduled_event_id", "ActivityTaskStarted"),
    "ChildWorkflowExecutionCompleted": ("initiated_event_id", "ChildWorkflowExecutionStarted"),
    "ChildWorkflowExecutionFailed": ("initiated_event_id", "ChildWorkflowExecutionStarted"),
    "ChildWorkflowExecutionCanceled": ("initiated_event_id", "ChildWorkflowExecutionStarted"),
    "ChildWorkflowExecutionTimedOut": ("initiated_event_id", "ChildWorkflowExecutionStarted"),
    "ChildWorkflowExecutionTerminated": ("initiated_event_id", "ChildWorkflowExecutionStarted"),
}
"""Events that need another of the same activity or child before them. An activity can time out unstarted."""

_ANY = ""
_LINK_TARGETS = {
    "WorkflowTask": {"scheduled_event_id": "WorkflowTaskScheduled", "started_event_id": _ANY},
    "Activity": {"scheduled_event_id": "ActivityTaskScheduled", "started_event_id": _ANY},
    "Timer": {"started_event_id": "TimerStarted"},
    "ChildWorkflow": {
        "initiated_event_id": "StartChildWorkflowExecutionInitiated",
        "started_event_id": _ANY,
    },
    "Signal": {"initiated_event_id": "SignalExternalWorkflowExecutionInitiated"},
    "Cancel": {"initiated_event_id": "RequestCancelExternalWorkflowExecutionInitiated"},
    "Update": {"accepted_event_id": "WorkflowExecutionUpdateAccepted"},
    "NexusOperation": {
        "scheduled_event_id": "NexusOperationScheduled",
        "requested_event_id": "NexusOperationCancelRequested",
    },
}
"""By a part of the event's name, the type that a link must point at; a canceled child is a child first.

The time-skipping test server writes some links one event too low (`_ANY`, and
`workflow_task_completed_event_id`, which is not here) or as 0 or -1. Core looks at none of those, and such
histories replay.
"""

_OPTIONAL_LINKS = frozenset(
    {
        # The time-skipping test server does not write it.
        ("WorkflowExecutionUpdateCompleted", "accepted_event_id"),
        # Servers wrote it only later on.
        ("NexusOperationCancelRequestCompleted", "scheduled_event_id"),
        ("NexusOperationCancelRequestFailed", "scheduled_event_id"),
    }
)


def validate(history: History) -> None:
    """Raise for a damaged History; return for a sound one.

    A sound History can still hold no command at all: see `has_commands`.

    Raises:
        InvalidHistoryError: What is damaged, at which event, and what to do about it.
    """
    _Validation(history=history).run()


@dataclass(frozen=True, slots=True)
class _Validation:
    history: History

    @property
    def events(self) -> Sequence[HistoryEvent]:
        return self.history.events

    def run(self) -> None:
        if not self.events:
            raise self._damage("the history holds no events")
        self._check_ids()
        self._check_start()
        for index, event in enumerate(self.events):
            self._check_kind(index, event)
        self._check_tasks()
        for index, event in enumerate(self.events):
            # None only where workers may ignore the event.
            if event.WhichOneof("attributes") is not None:
                self._check_needed(index, event)
                self._check_marker(index, event)
                self._check_links(index, event)
        self._check_starts()
        self._check_end()

    def _damage(self, what: str, place: str = "", *, cure: str | None = None) -> InvalidHistoryError:
        name = str(self.history.path) if self.history.path else self.history.workflow_id or "history"
        return InvalidHistoryError(
            what, where=f"{name}: {place}" if place else name, cure=cure or self._capture_again()
        )

    def _capture_again(self) -> str:
        return f"Capture it again: replaykit capture {self.history.workflow_id or 'WORKFLOW_ID'}"

    def _check_ids(self) -> None:
        """Core: "History is out of order", a hang, or a panic."""
        ids = [event.event_id for event in self.events]
        if len(ids) > 1 and ids == sorted(ids, reverse=True) and ids[-1] < ids[0]:
            raise self._damage(
                f"the newest event comes first (ids {ids[0]} to {ids[-1]})",
                "events",
                cure="Export it with the oldest event first: `temporal workflow show` without --reverse",
            )
        for index, event_id in enumerate(ids):
            if event_id != index + 1:
                raise self._damage(
                    f"expected event id {index + 1}, got {event_id}: {_what_happened(ids, index)}",
                    f"events[{index}].eventId",
                )

    def _check_start(self) -> None:
        """Core: a hang or a panic."""
        first = event_name(self.events[0])
        if first != _STARTED:
            raise self._damage(f"expected {_STARTED}, got {first}: the beginning is missing", "events[0]")
        for index, event in enumerate(self.events[1:], 1):
            if event_name(event) == _STARTED:
                raise self._damage(f"a second {_STARTED}: two runs in one history", f"events[{index}]")

    def _check_kind(self, index: int, event: HistoryEvent) -> None:
        """Core: "Event type is unspecified!", or a hang where it was the end of a workflow task."""
        known = EVENT_NAMES.get(event.event_type)
        if known is None:
            if event.worker_may_ignore:
                return
            what = (
                "the event has no type" if not event.event_type else f"unknown event type {event.event_type}"
            )
            cure = "Upgrade temporalio to a release that knows it" if event.event_type else None
            raise self._damage(what, f"events[{index}].eventType", cure=cure)
        found, expected = event.WhichOneof("attributes"), ATTRIBUTE_FIELDS[event.event_type]
        if found != expected and not (found is None and event.worker_may_ignore):
            got = _camel(found) if found else "none"
            raise self._damage(f"{known} needs {_camel(expected)}, got {got}", f"events[{index}]")
        needs_time = known in (_STARTED, "WorkflowTaskStarted")
        if needs_time and not event.HasField("event_time"):
            raise self._damage(
                f"{known} has no time, which becomes the workflow's clock", f"events[{index}].eventTime"
            )

    def _check_tasks(self) -> None:
        """A workflow task that is started and never closed, or commands outside one. Core: a hang."""
        open_task: int | None = None
        completed = False
        for index, event in enumerate(self.events):
            name = event_name(event)
            if name == "WorkflowTaskStarted":
                if open_task is not None:
                    raise self._damage(
                        f"a workflow task starts before that of event {open_task} ended: events are missing",
                        f"events[{index}]",
                    )
                open_task = event.event_id
            elif name in _TASK_CLOSED:
                if name == "WorkflowTaskCompleted" and open_task is None:
                    raise self._damage(
                        f"{name} of a workflow task that never started: events are missing",
                        f"events[{index}]",
                    )
                open_task = None
                completed = completed or name == "WorkflowTaskCompleted"
            elif is_command_event(event) and (open_task is not None or not completed):
                raise self._damage(
                    f"{name} records a command, but no workflow task completed before it: events are missing",
                    f"events[{index}]",
                )

    def _check_needed(self, index: int, event: HistoryEvent) -> None:
        name = event_name(event)
        for field, subfield in _NEEDED.get(name, ()):
            attributes: Any = attributes_of(event)
            value = getattr(attributes, field)
            if subfield:
                found = bool(getattr(value, subfield))
            else:
                found = bool(value) if isinstance(value, str) else attributes.HasField(field)
            if not found:
                path = map(_camel, filter(None, (ATTRIBUTE_FIELDS[event.event_type], field, subfield)))
                raise self._damage(f"{name} without this", f"events[{index}].{'.'.join(path)}")

    def _check_marker(self, index: int, event: HistoryEvent) -> None:
        """Neither Core nor we can match a patch whose id cannot be read, such as one encrypted by a codec."""
        marker = event.marker_recorded_event_attributes
        if marker.marker_name == "core_patch" and patch_detail(marker) is None:
            place = f"events[{index}].markerRecordedEventAttributes.details.patch-data"
            raise self._damage("a patch marker without a readable patch id", place)

    def _check_links(self, index: int, event: HistoryEvent) -> None:
        """Core: a NondeterminismError that blames the code for a damaged file."""
        name = event_name(event)
        for field, target in _links(event.event_type):
            linked = getattr(attributes_of(event), field)
            if linked <= 0 and (target == _ANY or (name, field) in _OPTIONAL_LINKS):
                continue
            found = event_name(self.events[linked - 1]) if 0 < linked < event.event_id else None
            if found is None or (found != target and target != _ANY):
                place = f"events[{index}].{_camel(ATTRIBUTE_FIELDS[event.event_type])}.{_camel(field)}"
                got = f"event {linked}, which is {found}" if found else f"{linked}, which is no earlier event"
                raise self._damage(f"{name} must name an earlier {target or 'event'}, got {got}", place)

    def _check_starts(self) -> None:
        """Core: "the transition is invalid during event"."""
        started: set[tuple[str, int]] = set()
        for index, event in enumerate(self.events):
            name = event_name(event)
            if name in ("ActivityTaskStarted", "ChildWorkflowExecutionStarted"):
                field = "scheduled_event_id" if name == "ActivityTaskStarted" else "initiated_event_id"
                started.add((name, getattr(attributes_of(event), field, 0)))
            elif name in _NEED_START:
                field, needed = _NEED_START[name]
                linked = getattr(attributes_of(event), field, 0)
                if (needed, linked) not in started:
                    raise self._damage(
                        f"{name} without the {needed} of event {linked} before it: events are missing",
                        f"events[{index}]",
                    )

    def _check_end(self) -> None:
        for index, event in enumerate(self.events[:-1]):
            if close_status(event):
                after = event_name(self.events[index + 1])
                raise self._damage(
                    f"{after} after the run was closed by {event_name(event)}", f"events[{index + 1}]"
                )
        status = self.history.status
        closed = close_status(self.events[-1])
        # A run can close between the moment its status was asked for and that of its history.
        if status not in (None, "RUNNING", closed):
            last = f"events[{len(self.events) - 1}]"
            if closed is None:
                end = event_name(self.events[-1])
                what = f"the status is {status}, but the last event is {end}: the end is cut off"
            else:
                what = f"the status is {status}, but the last event closes the run as {closed}"
            raise self._damage(what, last)


@functools.cache
def _links(event_type: int) -> tuple[tuple[str, str], ...]:
    """Fields of an event type that name an earlier event of the same History, and the type of that event."""
    name = EVENT_NAMES.get(event_type)
    if name is None:
        return ()
    attributes = HistoryEvent.DESCRIPTOR.fields_by_name[ATTRIBUTE_FIELDS[event_type]].message_type
    links = ((field.name, _target(name, field.name)) for field in attributes.fields) if attributes else ()
    return tuple((field, target) for field, target in links if target is not None)


def _target(name: str, field: str) -> str | None:
    """What `field` of an event called `name` must point at; None where it points into another workflow."""
    for part, targets in _LINK_TARGETS.items():
        if part in name and field in targets:
            return targets[field]
    return None


def _what_happened(ids: list[int], index: int) -> str:
    if index == 0 and ids == list(range(ids[0], ids[0] + len(ids))) and ids[0] > 1:
        return "the beginning is missing"
    if ids[index] == 0:
        return "the event has no id"
    if ids[index] in ids[:index]:
        return "an event comes twice"
    return "events are missing" if ids == sorted(ids) else "events are out of order"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
