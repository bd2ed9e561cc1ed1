"""Where a replay shows a command that a service refuses."""

from __future__ import annotations

from replaykit.replay.recorder import has_codec
from replaykit.replay.refused_commands import Refusal, refusal_of
from replaykit.replay.replayed import Replayed

__all__ = ["first_refusal", "refusal_at_the_end"]


def first_refusal(replayed: Replayed) -> Refusal | None:
    """The first command of a replay that a service refuses; None where it takes all of them."""
    return _first(replayed, since=0)


def refusal_at_the_end(replayed: Replayed) -> Refusal | None:
    """The same in the task that the History does not complete; None also where it has no such task."""
    recording = replayed.recording
    if not recording.replaying or recording.replaying[-1]:
        return None
    return _first(replayed, since=recording.tasks - 1)


def _first(replayed: Replayed, *, since: int) -> Refusal | None:
    commands = [command for command in replayed.recording.commands if command.task >= since]
    taken_back = {(each.task, each.kind.cancels, each.seq) for each in commands if each.kind.cancels}
    converter = replayed.recording.data_converter
    is_coded = converter is not None and has_codec(converter)
    for command in commands:
        if (command.task, command.kind, command.seq) in taken_back:
            continue  # Core sends neither of the two
        refusal = refusal_of(command, is_coded=is_coded)
        if refusal is not None:
            return refusal
    return None
