"""New events and changed ones, numbered again so that every link between them holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from google.protobuf.message import Message
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history.events import attributes_of

__all__ = ["copy_of", "event_like", "numbered"]

_NOT_OURS = frozenset({"parent_initiated_event_id", "external_initiated_event_id"})
"""Links into the history of another workflow."""


def event_like(beside: HistoryEvent, event_type: EventType.ValueType) -> HistoryEvent:
    """An event of that type, recorded when the other was."""
    event = HistoryEvent(event_type=event_type, task_id=beside.task_id)
    event.event_time.CopyFrom(beside.event_time)
    return event


def copy_of(event: HistoryEvent) -> HistoryEvent:
    """An event of its own with the same content."""
    copy = HistoryEvent()
    copy.CopyFrom(event)
    return copy


def numbered(events: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """Copies whose ids count from 1 and whose links follow; one to an event that is gone goes before it."""
    ids = {event.event_id: index for index, event in enumerate(events, 1) if event.event_id}
    newest = max(ids, default=0)
    for old in range(1, newest + 1):
        ids.setdefault(old, ids.get(old - 1, 1))
    copies = []
    for index, event in enumerate(events, 1):
        copy = copy_of(event)
        copy.event_id = index
        attributes = attributes_of(copy)
        for field in _link_fields(attributes) if attributes is not None else ():
            linked = getattr(attributes, field)
            if linked > 0:
                setattr(attributes, field, ids.get(linked, linked))
        copies.append(copy)
    return tuple(copies)


def _link_fields(attributes: Message) -> Iterator[str]:
    for field in attributes.DESCRIPTOR.fields:
        if field.name.endswith("_event_id") and field.name not in _NOT_OURS:
            yield field.name
