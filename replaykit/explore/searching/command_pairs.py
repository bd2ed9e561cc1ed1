"""Which commands come one after the other in a grown history: how a search knows that it got anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from replaykit.explore.growing.grow import Grown
from replaykit.history import command_events, command_name, event_name

__all__ = ["command_pairs"]


def command_pairs(grown: Grown) -> Iterator[str]:
    """Each pair of neighbours among the commands, and how it all ended."""
    names = [f"{event_name(event)} {command_name(event)}".strip() for event in command_events(grown.history)]
    for one, other in pairwise(["start", *names, f"end {grown.history.status}"]):
        yield f"{one} -> {other}"
    if grown.refused is not None:
        yield f"refused {grown.refused}"
    if grown.failure is not None:
        yield f"raised {grown.failure.error_type}"
