"""Whether a command is what an event recorded, now in another place."""

from __future__ import annotations

from temporalio.api.history.v1 import HistoryEvent

from replaykit.code.statements import awaits_below, mentions_below
from replaykit.replay.align import Alignment, fits
from replaykit.replay.commands import Command, recorded_in
from replaykit.replay.kinds import SCHEDULE_NEXUS_OPERATION, START_TIMER

__all__ = ["asked_later", "is_one_more", "is_same", "recorded_later", "returns_early"]


def is_same(command: Command, event: HistoryEvent) -> bool:
    """Whether an event is likely to have recorded that very command: timers go by their length."""
    if command.kind is START_TIMER:
        recorded = event.timer_started_event_attributes.start_to_fire_timeout
        length = command.message.start_timer.start_to_fire_timeout
        if recorded != length:
            return False
    return fits(command, recorded_in(event))


def asked_later(alignment: Alignment) -> list[int]:
    """The lines, further down than a replay gets, on which the code asks for what was recorded."""
    event, command = alignment.event, alignment.command
    recorded = recorded_in(event) if event is not None else None
    if recorded is None or command is None or command.source is None:
        return []
    below = mentions_below(command.source)
    if recorded.kind.call is None:
        name = recorded.name
        if name and recorded.kind is SCHEDULE_NEXUS_OPERATION:
            name = name.rpartition(".")[2]
        return [each.line for each in below if each.text == name]
    calls = [each.line for each in below if each.is_attribute and each.text == recorded.kind.call]
    still_to_come = [recorded_in(later) for later in alignment.events_after]
    like_it = [later for later in still_to_come if later is not None and later.kind is recorded.kind]
    return calls if len(calls) > len(like_it) else []


def recorded_later(alignment: Alignment) -> list[HistoryEvent]:
    """The events further down that are likely to have recorded the first wrong command."""
    command = alignment.command
    return [e for e in alignment.events_after if command is not None and is_same(command, e)]


def is_one_more(alignment: Alignment) -> bool:
    """Whether the first wrong command comes besides those of its name that are recorded later.

    It is called with something else than they are, and the code below mentions its name as often as they are.
    """
    command = alignment.command
    if not alignment.is_unlike_later or command is None or command.source is None or not command.name:
        return False
    below = [each for each in mentions_below(command.source) if each.text == command.name]
    return len(below) >= len(recorded_later(alignment))


def returns_early(command: Command) -> bool:
    """Whether the workflow returns in the middle of its code, and there is more to wait for further down."""
    return command.source is not None and awaits_below(command.source)
