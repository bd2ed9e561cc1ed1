"""A timeline in lanes: which events belong together, from the one that asked to the one that closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replaykit.history import TimelineRow

__all__ = ["LANES", "Span", "lane_of", "spans_of"]

LANES = ("tasks", "activities", "timers", "children", "messages", "other")
"""Workflow tasks; activities, local ones too; timers; child workflows and Nexus operations; signals, updates
and cancel requests; everything else."""

_MAX_TRACKS = 8
"""Spans of one lane that lie side by side; a wider fan-out shares the last track."""

_PREFIXES = (
    ("WorkflowTask", "tasks"),
    ("Activity", "activities"),
    ("MarkerRecorded local activity", "activities"),
    ("Timer", "timers"),
    ("ChildWorkflow", "children"),
    ("StartChildWorkflowExecution", "children"),
    ("Nexus", "children"),
    ("SignalExternal", "messages"),
    ("External", "messages"),
    ("RequestCancelExternal", "messages"),
    ("WorkflowExecutionSignaled", "messages"),
    ("WorkflowExecutionUpdate", "messages"),
    ("WorkflowExecutionCancelRequested", "messages"),
)
_FAILED = ("Failed", "TimedOut", "Terminated", "Rejected")
_UNDECIDED = ("Scheduled", "Started", "Initiated", "Accepted", "Admitted", "CancelRequested")
_ALWAYS_DONE = (
    "WorkflowExecutionStarted",
    "WorkflowExecutionCancelRequested",
    "ExternalWorkflowExecutionCancelRequested",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Events of one lane that are about one thing, such as an activity from scheduled to completed."""

    lane: int
    """Index into `LANES`."""
    track: int
    """Where it lies in its lane, counted from 0. Spans of one track do not overlap, but for the last one."""
    first: int
    """Index of its first event, counted from 0."""
    last: int
    """Index of its last event; that of the History's last one while it is open."""
    state: str
    """`done`, `failed`, `cancelled` or `open`."""
    events: tuple[int, ...]
    """Indices of its events."""


def lane_of(row: TimelineRow) -> int:
    """Index of the lane that an event lies in."""
    for prefix, lane in _PREFIXES:
        if row.label.startswith(prefix):
            return LANES.index(lane)
    return LANES.index("other")


def spans_of(rows: Sequence[TimelineRow]) -> tuple[Span, ...]:
    """The spans of a History, by their first event.

    An event belongs to the span of the earlier event of its own lane that it names.
    """
    lanes = [lane_of(row) for row in rows]
    index_of = {row.event_id: index for index, row in enumerate(rows)}
    root_of: list[int] = []
    members: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        linked = (index_of[link] for link in row.links if link in index_of)
        earlier = (root_of[link] for link in linked if link < index and lanes[link] == lanes[index])
        root = next(earlier, index)
        root_of.append(root)
        members.setdefault(root, []).append(index)
    busy_until: list[list[int]] = [[] for _ in LANES]
    return tuple(_span(rows, lanes[root], events, busy_until) for root, events in members.items())


def _span(rows: Sequence[TimelineRow], lane: int, events: list[int], busy_until: list[list[int]]) -> Span:
    state = _state(rows, events)
    first, last = events[0], len(rows) - 1 if state == "open" else events[-1]
    tracks = busy_until[lane]
    track = next((number for number, until in enumerate(tracks) if until < first), len(tracks))
    if track == len(tracks) and track < _MAX_TRACKS:
        tracks.append(last)
    track = min(track, _MAX_TRACKS - 1)
    tracks[track] = max(tracks[track], last)
    return Span(lane=lane, track=track, first=first, last=last, state=state, events=tuple(events))


def _state(rows: Sequence[TimelineRow], events: Sequence[int]) -> str:
    names = [rows[index].name for index in events]
    if names[-1] in _ALWAYS_DONE:
        return "done"
    # A cancel request may follow the event that closed an activity in the file, never the other way about.
    closing = next((name for name in reversed(names) if not name.endswith(_UNDECIDED)), None)
    if closing is None:
        return "open"
    if closing.endswith(_FAILED):
        return "failed"
    return "cancelled" if closing.endswith("Canceled") else "done"
