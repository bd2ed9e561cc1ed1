"""A History as rows to read: when, what, and which earlier event it belongs to. Nothing is printed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from temporalio.api.history.v1 import HistoryEvent

from replaykit.history.events import attributes_of, event_name
from replaykit.history.labels import describe_event
from replaykit.history.model import History

__all__ = ["TimelineRow", "timeline"]

_LINKS = (
    "scheduled_event_id",
    "started_event_id",
    "initiated_event_id",
    "accepted_event_id",
    "requested_event_id",
    "latest_cancel_requested_event_id",
    "workflow_task_completed_event_id",
)
"""Fields of attributes that name an earlier event of the same History, nearest relation first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineRow:
    """One event of a History."""

    event_id: int
    """As Temporal numbers events, from 1."""
    time: datetime | None
    """When the service recorded it, in UTC to the microsecond; None where the event has no time
    that a datetime can hold."""
    elapsed_s: float | None
    """Seconds since the first event; None where either has no time."""
    name: str
    """CamelCase name of the event's type."""
    label: str
    """One line that begins with the name."""
    links: tuple[int, ...]
    """Ids of the earlier events that it belongs to, such as the one that scheduled it; nearest first."""


def timeline(history: History) -> tuple[TimelineRow, ...]:
    """The rows of a History, in file order; of a damaged one too."""
    start = _time(history.events[0]) if history.events else None
    return tuple(_row(event, start) for event in history.events)


def _row(event: HistoryEvent, start: datetime | None) -> TimelineRow:
    time = _time(event)
    return TimelineRow(
        event_id=event.event_id,
        time=time,
        elapsed_s=(time - start).total_seconds() if time is not None and start is not None else None,
        name=event_name(event),
        label=describe_event(event),
        links=_links(event),
    )


def _time(event: HistoryEvent) -> datetime | None:
    if not event.HasField("event_time"):
        return None
    try:
        return event.event_time.ToDatetime(tzinfo=timezone.utc)
    except (OverflowError, ValueError):
        return None


def _links(event: HistoryEvent) -> tuple[int, ...]:
    attributes = attributes_of(event)
    ids = (getattr(attributes, field, 0) for field in _LINKS)
    return tuple(dict.fromkeys(event_id for event_id in ids if event_id > 0))
