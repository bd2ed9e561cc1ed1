"""Which fields strict mode, labels and explore notice: each is tried with another value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.replay.kinds import BY_FIELD
from tests.fields.samples import Path
from tests.fields.trying import EVENTS, command, compared, event, named, recorders, shown, written
from tests.fields.walking import fields_of, inner, section

__all__ = ["Descend", "Noticed", "noticed"]

Noticed = tuple[str, str, str, bool]
"""Who looks (`strict`, `labels`, `explore`), the section and the field, and whether it is noticed."""
See = Callable[[Path, bool], object]
"""What somebody makes of a message: with a field at its first value, or at its second."""
Trial = tuple[str, Any, Path, See]
"""Who looks, at which root, from which field on, and how."""
Descend = Callable[[str, str, str], bool]
"""Whether to look into what a field holds: who looks, the section and the field."""

_COMMAND = WorkflowCommand.DESCRIPTOR
_EVENT = HistoryEvent.DESCRIPTOR
_COMMON = ("user_metadata", "event_group_markers")


def noticed(who: str, descend: Descend) -> Iterator[Noticed]:
    """Every field that can be tried with the one who looks."""
    for each, root, start, see in _trials():
        if each == who:
            yield from _tried(who, root, start, descend, see)


def _trials() -> Iterator[Trial]:
    for field in (*_COMMON, *BY_FIELD):
        if field in _COMMAND.fields_by_name:
            yield from _of_command(field)
    timer = EVENTS["timer_started_event_attributes"]
    for common in fields_of(_EVENT):
        start = (common.name,)
        yield "labels", _EVENT, start, lambda p, s: shown(event(timer, p, second=s))
        yield "strict", _EVENT, start, _comparison("start_timer", timer)
    for name, number in EVENTS.items():
        yield "labels", _EVENT, (name,), _label(number)
        for field in BY_FIELD:
            if number in recorders(field):
                yield "strict", _EVENT, (name,), _comparison(field, number)


def _of_command(field: str) -> Iterator[Trial]:
    kind = field if field in BY_FIELD else "start_timer"

    def strictly(path: Path, second: bool) -> object:
        asked = command(path, second=second)
        return [compared(event(number, _outcome(path), of=kind), asked) for number in recorders(kind)]

    yield "labels", _COMMAND, (field,), lambda p, s: named(command(p, second=s))
    yield "explore", _COMMAND, (field,), lambda p, s: written(command(p, second=s))
    yield "strict", _COMMAND, (field,), strictly


def _label(number: int) -> See:
    return lambda path, second: shown(event(number, path, second=second))


_COMPLETED = "workflow_execution_update_completed_event_attributes"


def _outcome(path: Path) -> Path:
    """An update's outcome is recorded in another field if it failed."""
    return (_COMPLETED, "outcome", "failure") if path[:2] == ("update_response", "rejected") else ()


def _comparison(field: str, number: int) -> See:
    def comparison(path: Path, second: bool) -> object:
        recorded = event(number, path, of=field, second=second)
        answer = "rejected" if path[1:3] == ("outcome", "failure") else "completed"
        asked = (field, answer) if field == "update_response" else (field,)
        return compared(recorded, command(asked))

    return comparison


def _tried(who: str, root: Any, start: Path, descend: Descend, see: See) -> Iterator[Noticed]:
    """The fields from a path on; a message that is held in several places is looked into once."""
    holder = root
    for name in start[:-1]:
        holder = inner(holder.fields_by_name[name])
    waiting: list[tuple[Any, Any, Path]] = [(holder, holder.fields_by_name[start[-1]], start)]
    seen: set[str] = set()
    while waiting:
        owner, field, path = waiting.pop(0)
        if field in list(fields_of(owner)):
            yield who, section(owner), field.name, see(path, False) != see(path, True)
            if not descend(who, section(owner), field.name):
                continue
        message = inner(field)
        if message is not None and message.full_name not in seen:
            seen.add(message.full_name)
            waiting += [(message, each, (*path, each.name)) for each in fields_of(message)]
