"""Where the change is among commands of one kind and name: arguments show which one is new, or gone.

Core compares no arguments. Where the code asks for `item(0)` before the recorded `item(1)` and `item(2)`, it
takes the one for the other, and stops where there is one command too many. A person compares what they are
called with, and finds the fewest edits that make one row of the other; so does this.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.history.v1 import HistoryEvent

from replaykit.replay.align import Alignment, Change, differing_ids, fits
from replaykit.replay.commands import Command, recorded_or_answered_in
from replaykit.replay.replayed import Replayed
from replaykit.replay.strict.arguments import Called, called_with
from replaykit.replay.strict.payloads import CodecFailed

__all__ = ["Placed", "compared_with_later", "placed_by_arguments"]

_MOST_COMMANDS = 2_000
_WIDEST = 16
"""Commands by which the two rows may be shifted against one another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """An alignment that is cut at the change, and what both sides of it are called with there."""

    alignment: Alignment
    recorded: str | None
    """The arguments as in a call, such as `(1, "a")`; None where they are not to be shown."""
    produced: str | None

    def with_arguments(self, event: str, command: str) -> tuple[str, str]:
        """The labels of both sides, followed by their arguments where they have some."""
        return _followed_by(event, self.recorded), _followed_by(command, self.produced)


def placed_by_arguments(replayed: Replayed, alignment: Alignment) -> Placed | None:
    """Find a command that was inserted or removed before the place where Core stops.

    Only where arguments speak clearly: there are fewer edits that way, Core's own difference is none any
    more, and the first edit is an inserted or a removed command and can be nothing else.

    Args:
        replayed: One that Core refused.
        alignment: Its own; Core stops at its first difference.

    Returns:
        None where the first difference is the change, as far as arguments show.
    """
    event, command, stop = alignment.event, alignment.command, len(alignment.pairs)
    if event is None or (command is not None and differing_ids(event, command) is not None):
        return None
    events = [*(event for event, _ in alignment.pairs), event, *alignment.events_after]
    commands = [
        *(command for _, command in alignment.pairs),
        *filter(None, [command]),
        *alignment.commands_after,
    ]
    if len(commands) > _MOST_COMMANDS:
        return None
    events = events[: max(stop + 1, len(commands)) + _WIDEST]
    try:
        recorded, produced = called_with(replayed, alignment, events, commands)
    except CodecFailed:
        return None
    rows = _Rows(events, commands, recorded, produced, reached=stop + 1 if command is None else 0)
    place = _inserted_or_removed(rows, stop, waits=command is None)
    if place is None:
        return None
    index, change = place
    return Placed(
        alignment=_cut(alignment, index, events, commands, change),
        recorded=_shown(recorded[index]),
        produced=_shown(produced[index]),
    )


def compared_with_later(replayed: Replayed, alignment: Alignment) -> Alignment:
    """The same alignment, with whether its first wrong command is another one than those recorded later.

    Args:
        replayed: The replay.
        alignment: Of its events and commands.
    """
    command = alignment.command
    later = [e for e in alignment.events_after if command and fits(command, recorded_or_answered_in(e))]
    if command is None or not later:
        return alignment
    try:
        recorded, produced = called_with(replayed, alignment, later, [command])
    except CodecFailed:
        return alignment
    is_unlike = all(one and other and one.key != other.key for one in recorded for other in produced)
    return dataclasses.replace(alignment, is_unlike_later=is_unlike)


def _followed_by(label: str, arguments: str | None) -> str:
    return f"{label} {arguments}" if arguments else label


def _shown(called: Called | None) -> str | None:
    return called.shown if called is not None else None


def _cut(
    alignment: Alignment,
    index: int,
    events: Sequence[HistoryEvent],
    commands: Sequence[Command],
    change: Change,
) -> Alignment:
    later = [*(event for event, _ in alignment.pairs[index + 1 :]), alignment.event, *alignment.events_after]
    return dataclasses.replace(
        alignment,
        pairs=alignment.pairs[:index],
        event=events[index],
        command=commands[index],
        events_after=tuple(event for event in later if event is not None),
        commands_after=tuple(commands[index + 1 :]),
        change=change,
    )


class _Rows:
    """What was recorded and what the code asked for, as two rows, and the fewest edits between their ends.

    A command less or more is an edit, as is another argument. What was recorded after all that the code asked
    for is none: the replay ended before it.

    Args:
        events: The one row.
        commands: The other.
        recorded: What the events are called with.
        produced: What the commands are called with.
        reached: How many events the code certainly came past, whether it asked for them or not.
    """

    def __init__(
        self,
        events: Sequence[HistoryEvent],
        commands: Sequence[Command],
        recorded: Sequence[Called | None],
        produced: Sequence[Called | None],
        *,
        reached: int,
    ) -> None:
        self._commands, self._recorded, self._produced = commands, recorded, produced
        self._wanted = [recorded_or_answered_in(event) for event in events]
        self._reached = reached
        self._edits: dict[tuple[int, int], float] = {}
        """By numbers of events and commands, the edits from there to the end."""
        for p in range(len(commands), -1, -1):
            for e in range(min(len(events), p + _WIDEST), max(0, p - _WIDEST) - 1, -1):
                self._edits[e, p] = self._fewest(e, p)

    def _fewest(self, e: int, p: int) -> float:
        if p == len(self._commands):
            return max(0, self._reached - e)
        return min(1 + self.edits(e, p + 1), 1 + self.edits(e + 1, p), self.in_pairs(e, p))

    @property
    def commands(self) -> int:
        """How many commands there are."""
        return len(self._commands)

    def edits(self, e: int, p: int) -> float:
        """The fewest edits from that event and that command on; infinite where they are too far apart."""
        return self._edits.get((e, p), math.inf)

    def in_pairs(self, e: int, p: int) -> float:
        """The same where the one has to be the other."""
        if p >= len(self._commands) or e >= len(self._wanted):
            return math.inf
        if not fits(self._commands[p], self._wanted[e]):
            return math.inf
        return self.edits(e + 1, p + 1) + (not self.are_equal(e, p))

    def are_equal(self, e: int, p: int) -> bool:
        """Whether the one is called with what the other is."""
        one, other = self._recorded[e], self._produced[p]
        return one is not None and other is not None and one.key == other.key


def _inserted_or_removed(rows: _Rows, stop: int, *, waits: bool) -> tuple[int, Change] | None:
    """The first edit on the way with the fewest, where that way has no difference left at which Core stops.

    Args:
        rows: Both sides.
        stop: The index of Core's difference in both.
        waits: Whether the code asked for nothing there: then it is the event that has to find its command.
    """
    first: tuple[int, Change] | None = None
    is_explained = False
    e = p = 0
    while p < rows.commands and math.isfinite(fewest := rows.edits(e, p)):
        if rows.in_pairs(e, p) == fewest:
            is_explained |= rows.are_equal(e, p) and stop == (e if waits else p)
            e, p = e + 1, p + 1
            continue
        is_inserted = 1 + rows.edits(e, p + 1) == fewest
        if first is None:
            if e >= stop or (is_inserted and 1 + rows.edits(e + 1, p) == fewest):
                return None
            first = (e, Change.INSERTED if is_inserted else Change.REMOVED)
        e, p = (e, p + 1) if is_inserted else (e + 1, p)
    return first if is_explained else None
