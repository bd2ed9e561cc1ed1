"""How much of a file is read: what no Temporal service records is refused before it fills the memory."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_LIMITS", "Limits"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """`[tool.replaykit.limits]`: the largest history that is read.

    A service ends a run at 51,200 events or 50 MB, and takes payloads of 2 MB, unless it is configured
    differently: the defaults leave room for that, and for the longer texts of JSON.
    """

    megabytes: int = 512
    """Of one file, and of what is inside of it where it is gzipped."""
    events: int = 200_000
    """In one history."""
    event_megabytes: int = 64
    """Of one event with all its payloads."""

    @property
    def most_bytes(self) -> int:
        """`megabytes` as a number of bytes."""
        return self.megabytes * 1_000_000

    @property
    def most_bytes_of_event(self) -> int:
        """`event_megabytes` as a number of bytes."""
        return self.event_megabytes * 1_000_000


DEFAULT_LIMITS = Limits()
"""Where nothing else is configured."""
