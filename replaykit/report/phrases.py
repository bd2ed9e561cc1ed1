"""Small phrases that every report words in one way."""

from __future__ import annotations

from replaykit.verdict import Divergence, InterceptorLine, SourceLine

__all__ = ["counted", "place_in_code", "shortened", "stops_later"]


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun, such as `1 history` or `3 histories`.

    Args:
        count: How many.
        one: The noun for one.
        many: For any other number; by default with an `s`.
    """
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def shortened(text: str, most: int = 500) -> str:
    """The text; where it is longer than anybody reads, its beginning and how much is left out."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} more characters)"


def place_in_code(source: SourceLine | InterceptorLine) -> str:
    """Such as `app/workflows.py:31 in run`."""
    return f"{source.file}:{source.line} in {source.function}"


def stops_later(divergence: Divergence) -> str | None:
    """Where Temporal itself stops, if the change is at an earlier event; None where it is the same."""
    if divergence.stopped_at is None:
        return None
    change, stop = divergence.event_id, divergence.stopped_at
    return f"Temporal stops at event {stop}; the arguments show that the change is at event {change}"
