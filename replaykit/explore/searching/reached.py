"""What a grown history has reached: what its commands look like one behind the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from replaykit.explore.growing.grow import Grown
from replaykit.history import command_events, command_name, event_name

__all__ = ["shapes_of"]


def shapes_of(grown: Grown) -> Iterator[str]:
    """Each pair of neighbours among the commands, and how it all ended."""
    names = [f"{event_name(event)} {command_name(event)}".strip() for event in command_events(grown.history)]
    for one, other in pairwise(["start", *names, f"end {grown.history.status}"]):
        yield f"{one} -> {other}"
    if grown.failure is not None:
        yield f"raised {grown.failure.error_type}"
