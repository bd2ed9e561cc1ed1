"""How long something lasts: an exact value, and the one way in which texts show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.duration_pb2 import Duration

__all__ = ["TimeSpan", "with_readable_spans"]

_MILLISECOND = 1_000_000
_SECOND = 1_000 * _MILLISECOND
_LONGER = ((86_400 * _SECOND, "d"), (3_600 * _SECOND, "h"), (60 * _SECOND, "min"))


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """A length of time; its text is exact, such as `30 d`, `1 h 30 min`, `1.5 s` or `50 ms`."""

    nanoseconds: int

    @classmethod
    def of(cls, span: Duration | timedelta) -> TimeSpan:
        """The same as Temporal's messages, or Python, have it."""
        if isinstance(span, timedelta):
            return cls(span // timedelta(microseconds=1) * 1_000)
        return cls(span.seconds * _SECOND + span.nanos)

    def __str__(self) -> str:
        sign, rest = "-" if self.nanoseconds < 0 else "", abs(self.nanoseconds)
        if 0 < rest < _SECOND:
            return f"{sign}{_decimal(rest, _MILLISECOND)} ms"
        parts = []
        for length, unit in _LONGER:
            count, rest = divmod(rest, length)
            if count:
                parts.append(f"{count} {unit}")
        if rest or not parts:
            parts.append(f"{_decimal(rest, _SECOND)} s")
        return f"{sign}{' '.join(parts)}"

    @property
    def in_json(self) -> str:
        """In seconds, as Temporal's own JSON writes it: `30s`, `0.05s`."""
        sign = "-" if self.nanoseconds < 0 else ""
        return f"{sign}{_decimal(abs(self.nanoseconds), _SECOND)}s"


def _decimal(value: int, unit: int) -> str:
    """A multiple of a unit, which is a power of ten, without trailing zeros."""
    whole, rest = divmod(value, unit)
    digits = len(str(unit)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")


def with_readable_spans(value: object) -> object:
    """A JSON-like value with each `TimeSpan` in it as text."""
    if isinstance(value, TimeSpan):
        return str(value)
    if isinstance(value, Mapping):
        return {key: with_readable_spans(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_readable_spans(item) for item in value]
    return value
