"""Small phrases that every report words in one way."""

from __future__ import annotations

from replaykit.verdict import InterceptorLine, SourceLine

__all__ = ["counted", "place_in_code"]


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun, such as `1 history` or `3 histories`.

    Args:
        count: How many.
        one: The noun for one.
        many: For any other number; by default with an `s`.
    """
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def place_in_code(source: SourceLine | InterceptorLine) -> str:
    """Such as `app/workflows.py:31 in run`."""
    return f"{source.file}:{source.line} in {source.function}"
