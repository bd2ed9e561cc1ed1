"""Commands under another name, which Core accepts where the History's SDK metadata lacks its first flag."""

from __future__ import annotations

import dataclasses

from replaykit.replay.align import Alignment, align
from replaykit.replay.commands import recorded_in
from replaykit.replay.kinds import Compares
from replaykit.replay.replayed import Replayed

__all__ = ["aligned_by_kind"]

_RENAMED = (Compares.ID_AND_TYPE, Compares.OPERATION)
_RENAMES = 50


def aligned_by_kind(replayed: Replayed) -> Alignment:
    """The alignment where another name of the same kind of command is taken for the recorded one."""
    commands, alignment = list(replayed.recording.commands), replayed.alignment
    for _ in range(_RENAMES):
        event, command = alignment.event, alignment.command
        recorded = recorded_in(event) if event is not None else None
        if recorded is None or command is None or command.kind is not recorded.kind:
            break
        if command.kind.compares not in _RENAMED:
            break
        position = next(index for index, candidate in enumerate(commands) if candidate is command)
        commands[position] = dataclasses.replace(command, name=recorded.name)
        alignment = align(replayed.history.events, commands)
    return alignment
