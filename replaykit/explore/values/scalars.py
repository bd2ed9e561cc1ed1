"""Values without parts: numbers, texts, points in time; small ones, and readable ones first."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from replaykit.explore.values.choosers import Chooser, pick

__all__ = ["NO_LIMITS", "SCALARS", "Limits", "Unsatisfiable", "limits_of"]

MakeScalar = Callable[[Chooser], Any]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
_RANGES = ((0, 3), (0, 10), (-1, 10), (-1000, 1000))
"""Most numbers are small: a loop that one of them counts ends soon."""
_NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Unsatisfiable(Exception):
    """Nothing lies within the limits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What `Annotated` or a pydantic field demands, in the words of annotated-types."""

    ge: Any = None
    gt: Any = None
    le: Any = None
    lt: Any = None
    multiple_of: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | re.Pattern[str] | None = None

    def lengths(self, usual: int) -> tuple[int, int]:
        """The shortest and the longest, as long as `usual` where nothing is demanded."""
        shortest = self.min_length or 0
        longest = shortest + usual if self.max_length is None else min(self.max_length, shortest + usual)
        if longest < shortest:
            raise Unsatisfiable(f"no length between {shortest} and {longest}")
        return shortest, longest


NO_LIMITS = Limits()
_NAMES = tuple(field.name for field in fields(Limits))


def limits_of(metadata: Iterable[Any], outer: Limits = NO_LIMITS) -> Limits:
    """The limits that metadata of annotated-types or pydantic states on top of outer ones.

    Metadata of any other kind has no effect.
    """
    found: dict[str, Any] = {}
    for item in metadata:
        for part in (item, *_metadata_inside(item)):
            stated = {name: getattr(part, name, None) for name in _NAMES if not isinstance(part, type)}
            found.update({name: value for name, value in stated.items() if _says_something(value)})
    return replace(outer, **found) if found else outer


def _says_something(limit: Any) -> bool:
    if isinstance(limit, (int, float, Decimal)):
        return math.isfinite(limit)
    return isinstance(limit, (str, re.Pattern))


def _metadata_inside(item: Any) -> Iterable[Any]:
    inside = getattr(item, "metadata", ())  # of pydantic's Field()
    return inside if isinstance(inside, (list, tuple)) else ()


def _number(limits: Limits, steps: Iterable[Fraction]) -> tuple[Fraction, Callable[[Chooser], int]]:
    """The first step that has multiples within the limits, and what picks one."""
    if limits.multiple_of is not None:
        steps = (_exactly(limits.multiple_of),)
    for step in steps:
        ranges = _ranges(limits, step)
        if ranges:
            return step, _whole(ranges)
    raise Unsatisfiable("no number within its limits")


def _ranges(limits: Limits, step: Fraction) -> list[tuple[int, int]]:
    """Ranges of whole multiples of the step, the simplest first."""
    lows = [math.ceil(_exactly(limits.ge) / step)] if limits.ge is not None else []
    lows += [math.floor(_exactly(limits.gt) / step) + 1] if limits.gt is not None else []
    highs = [math.floor(_exactly(limits.le) / step)] if limits.le is not None else []
    highs += [math.ceil(_exactly(limits.lt) / step) - 1] if limits.lt is not None else []
    clipped = [(max([low, *lows]), min([high, *highs])) for low, high in _RANGES]
    ranges = [(low, high) for low, high in clipped if low <= high]
    if ranges:
        return ranges
    low = max(lows, default=min(highs) - 10 if highs else 0)
    high = min(highs, default=low + 10)
    return [(low, min(high, low + 10))] if low <= high else []


def _whole(ranges: Sequence[tuple[int, int]]) -> Callable[[Chooser], int]:
    """A number of any of the ranges, by one question: Hypothesis takes fewer answers for simpler."""
    count = len(ranges)
    highest = count * max(high - low + 1 for low, high in ranges) - 1

    def make(chooser: Chooser) -> int:
        answer = chooser.integer(0, highest)
        low, high = ranges[answer % count]
        nth = answer // count % (high - low + 1)
        if low > 0:
            return low + nth
        return nth if nth <= high else min(high, -1) - (nth - max(high + 1, 0))

    return make


def _exactly(limit: Any) -> Fraction:
    """0.1 as a tenth, which is not what the float is."""
    return Fraction(str(limit))


def _integer(limits: Limits) -> MakeScalar:
    if limits is NO_LIMITS:
        return _whole(_RANGES)
    step, number = _number(limits, (Fraction(1),))
    return lambda chooser: int(step * number(chooser))


_FINE = (Fraction(1, 4), Fraction(1, 100), Fraction(1, 10**6))
"""A quarter is a float exactly, and reads well."""


def _float(limits: Limits) -> MakeScalar:
    step, number = _number(limits, _FINE)
    return lambda chooser: float(step * number(chooser))


def _decimal(limits: Limits) -> MakeScalar:
    step, number = _number(limits, _FINE)
    return lambda chooser: Decimal(step.numerator * number(chooser)) / Decimal(step.denominator)


def _text(limits: Limits) -> MakeScalar:
    shortest, longest = limits.lengths(4)
    if limits.pattern is not None:
        matching = st.from_regex(limits.pattern, fullmatch=True, alphabet=_PRINTABLE).filter(
            lambda text: (
                shortest <= len(text) and (limits.max_length is None or len(text) <= limits.max_length)
            )
        )
        return lambda chooser: chooser.given(matching)

    def make(chooser: Chooser) -> str:
        return "".join(pick(chooser, _LETTERS) for _ in range(chooser.integer(shortest, longest)))

    return make


def _bytes(limits: Limits) -> MakeScalar:
    text = _text(limits)
    return lambda chooser: text(chooser).encode()


def _raw_value(limits: Limits) -> MakeScalar:
    text = _text(NO_LIMITS)
    return lambda chooser: RawValue(DataConverter.default.payload_converter.to_payload(text(chooser)))


def _counted(make: Callable[[int], Any], highest: int) -> Callable[[Limits], MakeScalar]:
    """Values that a count from zero stands for."""
    return lambda _: lambda chooser: make(chooser.integer(0, highest))


SCALARS: Mapping[Any, Callable[[Limits], MakeScalar]] = {
    type(None): lambda _: lambda _: None,
    None: lambda _: lambda _: None,
    bool: _counted(bool, 1),
    int: _integer,
    float: _float,
    Decimal: _decimal,
    str: _text,
    bytes: _bytes,
    # Aware, as workflow.now() is: the two can be compared.
    datetime: _counted(lambda n: _NEW_YEAR + timedelta(hours=n), 1000),
    date: _counted(lambda n: _NEW_YEAR.date() + timedelta(days=n), 1000),
    time: _counted(lambda n: time(n // 60, n % 60), 24 * 60 - 1),
    timedelta: _counted(lambda n: timedelta(minutes=n), 1000),
    uuid.UUID: _counted(lambda n: uuid.UUID(int=n), 1000),
    RawValue: _raw_value,
}
"""By type: what makes its values within limits."""
