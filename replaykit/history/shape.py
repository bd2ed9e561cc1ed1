"""The shape of a History: which path through the code it took, without how often."""

from __future__ import annotations

import hashlib

from replaykit.history.events import command_events, event_name
from replaykit.history.labels import command_name
from replaykit.history.model import History

__all__ = ["fingerprint"]

_LONGEST_BLOCK = 8
"""Commands in the longest loop body that is folded."""
_DIGITS = 16


def fingerprint(history: History) -> str:
    """A stable hash of the History's shape: 16 hex digits.

    The shape is the sequence of command kinds and names, in which a command (or a block of up to 8, the body
    of a loop) that is repeated back to back counts once, marked as repeated. Two Histories of one shape took
    the same path through the code: ids, arguments, results, lengths of timers and the number of rounds make
    no difference.
    """
    return hashlib.sha256("\n".join(shape(history)).encode()).hexdigest()[:_DIGITS]


def shape(history: History) -> tuple[str, ...]:
    """The folded sequence itself: `("ActivityTaskScheduled poll +", "WorkflowExecutionCompleted")`."""
    tokens = [f"{event_name(event)} {command_name(event)}".strip() for event in command_events(history)]
    for size in range(1, _LONGEST_BLOCK + 1):
        tokens = _folded(tokens, size)
    return tuple(tokens)


def _folded(tokens: list[str], size: int) -> list[str]:
    """Every run of one block of `size` tokens becomes a single token."""
    folded: list[str] = []
    index = 0
    while index < len(tokens):
        block = tokens[index : index + size]
        end = index + size
        while tokens[end : end + size] == block and len(block) == size:
            end += size
        if end > index + size:
            folded.append(f"{block[0]} +" if size == 1 else f"({'; '.join(block)}) +")
            index = end
        else:
            folded.append(tokens[index])
            index += 1
    return folded
