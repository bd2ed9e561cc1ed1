"""A History as lines to read: a header, then one row per event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from rich.text import Text

from replaykit.history import History, TimelineRow, timeline
from replaykit.history.durations import TimeSpan
from replaykit.history.events import is_command_event
from replaykit.history.labels import command_name
from replaykit.report.phrases import shortened
from replaykit.visible import visible

__all__ = ["timeline_lines"]

_UNKNOWN = "-"
"""Stands for what neither the file nor its events hold."""

_STATUS_STYLES = {"COMPLETED": "green", "RUNNING": "cyan", "CONTINUED_AS_NEW": "cyan"}
_ENDINGS = {"Failed": "red", "TimedOut": "red", "Terminated": "red", "Canceled": "yellow", "Rejected": "red"}
"""Colour of an event by how its type's name ends."""


def timeline_lines(history: History) -> Iterator[Text]:
    """The lines of a History, one after the other, so that the first shows before the last is made.

    A row holds the event's id, the time since the first event, the label, and `<-` with the earlier events
    that it belongs to, nearest first, the first with what it asked for, such as `<- 5 process_payment, 6`.

    Args:
        history: Any; a damaged one shows as it is.
    """
    rows = timeline(history)
    yield from _header(history, rows)
    yield Text()
    commands = {event.event_id: command_name(event) for event in history.events if is_command_event(event)}
    id_width = max((len(str(row.event_id)) for row in rows), default=1)
    elapsed = [_elapsed(row.elapsed_s) for row in rows]
    elapsed_width = max(map(len, elapsed), default=1)
    for row, since in zip(rows, elapsed, strict=True):
        line = Text.assemble(
            (f"{row.event_id:>{id_width}}", "dim"), "  ", (f"{since:>{elapsed_width}}", "dim"), "  "
        )
        line.append(row.name, style=_style(row.name, is_command=row.event_id in commands))
        line.append(visible(row.label.removeprefix(row.name)))
        if row.links:
            line.append(f"  <- {_links(row, commands)}", style="dim")
        yield line


def _header(history: History, rows: tuple[TimelineRow, ...]) -> Iterator[Text]:
    status = history.status or _UNKNOWN
    times = [row.time for row in rows if row.time is not None]
    last = next((row.elapsed_s for row in reversed(rows) if row.elapsed_s is not None), None)
    fields: tuple[tuple[str, str, str], ...] = (
        ("workflow", history.workflow_type or _UNKNOWN, "bold"),
        ("id", history.workflow_id or _UNKNOWN, ""),
        ("run", history.run_id or _UNKNOWN, ""),
        ("status", status, _STATUS_STYLES.get(status, "" if status == _UNKNOWN else "red")),
        ("task queue", history.task_queue or _UNKNOWN, ""),
        ("namespace", history.namespace or _UNKNOWN, ""),
        ("sdk", history.sdk or _UNKNOWN, ""),
        ("started", f"{times[0]:%Y-%m-%d %H:%M:%S} UTC" if times else _UNKNOWN, ""),
        ("events", str(len(rows)), ""),
        ("duration", _lasted(last), ""),
    )
    for label, value, style in fields:
        yield Text.assemble((f"{label:<12}", "dim"), (shortened(visible(value)), style))


def _links(row: TimelineRow, commands: Mapping[int, str]) -> str:
    """Ids of the linked events; what the first asked for is named where the row's own label does not."""
    first, *rest = row.links
    name = commands.get(first, "")
    named = f"{first} {name}" if name and name not in row.label else str(first)
    return shortened(visible(", ".join((named, *map(str, rest)))))


def _style(name: str, *, is_command: bool) -> str:
    for ending, colour in _ENDINGS.items():
        if name.endswith(ending):
            return colour
    if name.startswith("WorkflowTask"):
        return "dim"
    return "bold" if is_command else ""


def _elapsed(seconds: float | None) -> str:
    """Time since the first event, in columns: `0.031 s`, `1 min 02.500 s`, `3 d 04 h 00 min 00.000 s`."""
    if seconds is None:
        return _UNKNOWN
    sign = "-" if seconds < 0 else ""
    minutes, milliseconds = divmod(round(abs(seconds) * 1000), 60_000)
    if not minutes:
        return f"{sign}{milliseconds / 1000:.3f} s"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = f"{minutes:02} min {milliseconds / 1000:06.3f} s"
    if hours or days:
        parts = f"{hours:02} h {parts}"
    if days:
        parts = f"{days} d {parts}"
    return sign + parts.lstrip("0")


def _lasted(seconds: float | None) -> str:
    return str(TimeSpan.of(timedelta(seconds=seconds))) if seconds is not None else _UNKNOWN
