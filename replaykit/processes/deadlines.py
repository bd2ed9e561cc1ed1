"""How long a child may take: the one place where that is set."""

from __future__ import annotations

__all__ = ["GRACE_S", "LOADING_S", "to_answer", "to_load"]

LOADING_S = 30.0
"""For the interpreter, the SDK and the user's imports, besides the configured timeout."""
GRACE_S = 10.0
"""Beyond the deadline of a replay itself: reading the History, and sending the answer."""


def to_load(timeout_s: float) -> float:
    """Seconds until a child must have loaded its code.

    Args:
        timeout_s: The configured deadline of a replay.
    """
    return LOADING_S + timeout_s


def to_answer(timeout_s: float) -> float:
    """Seconds until a child must have answered about one History.

    Args:
        timeout_s: The configured deadline of a replay.
    """
    return timeout_s + GRACE_S
