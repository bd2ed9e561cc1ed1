"""Values without parts: numbers, texts, points in time; small ones, and readable ones first."""

from __future__ import annotations

import functools
import math
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.limits import NO_LIMITS, Limits, Unsatisfiable, exactly
from replaykit.explore.values.moments import a_date, a_datetime, a_duration, a_time

__all__ = ["SCALARS", "MakeScalar", "texts_of"]

MakeScalar = Callable[[Chooser], Any]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
_RANGES = ((0, 3), (0, 10), (-1, 10), (-1000, 1000))
"""Most numbers are small: a loop that one of them counts ends soon."""


def _number(limits: Limits, steps: Iterable[Fraction]) -> tuple[Fraction, Callable[[Chooser], int]]:
    """The first step that has multiples within the limits, and what picks one."""
    if limits.multiple_of is not None:
        steps = (exactly(limits.multiple_of),)
    for step in steps:
        ranges = _ranges(limits, step)
        if ranges:
            return step, _whole(ranges)
    raise Unsatisfiable("no number within its limits")


def _ranges(limits: Limits, step: Fraction) -> list[tuple[int, int]]:
    """Ranges of whole multiples of the step, the simplest first."""
    lows = [math.ceil(exactly(limits.ge) / step)] if limits.ge is not None else []
    lows += [math.floor(exactly(limits.gt) / step) + 1] if limits.gt is not None else []
    highs = [math.floor(exactly(limits.le) / step)] if limits.le is not None else []
    highs += [math.ceil(exactly(limits.lt) / step) - 1] if limits.lt is not None else []
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
    limits = _within_digits(limits)
    finest = None if limits.decimal_places is None else Fraction(1, 10**limits.decimal_places)
    steps = _FINE if finest is None else (*(step for step in _FINE if step % finest == 0), finest)
    step, number = _number(limits, steps)
    return lambda chooser: Decimal(step.numerator * number(chooser)) / Decimal(step.denominator)


def _within_digits(limits: Limits) -> Limits:
    """The same, where so many digits are limits of size and of places too."""
    if limits.max_digits is None:
        return limits
    places = min(2, limits.max_digits) if limits.decimal_places is None else limits.decimal_places
    end = 10 ** (limits.max_digits - places)
    lt = end if limits.lt is None else min(limits.lt, end)
    gt = -end if limits.gt is None else max(limits.gt, -end)
    return replace(limits, lt=lt, gt=gt, decimal_places=places)


@functools.lru_cache(maxsize=256)
def texts_of(pattern: str | re.Pattern[str], shortest: int, longest: int | None) -> SearchStrategy[str]:
    """Texts that match a pattern; the same strategy each time, for drawing from a new one is slow."""
    found = st.from_regex(pattern, fullmatch=True, alphabet=_PRINTABLE)
    if not shortest and longest is None:
        return found
    return found.filter(lambda text: shortest <= len(text) and (longest is None or len(text) <= longest))


def _text(limits: Limits) -> MakeScalar:
    shortest, longest = limits.lengths(4)
    if limits.pattern is not None:
        matching = texts_of(limits.pattern, shortest, limits.max_length)
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


def _path(kind: type[PurePath]) -> Callable[[Limits], MakeScalar]:
    def makes(_: Limits) -> MakeScalar:
        text = _text(NO_LIMITS)
        return lambda chooser: kind(text(chooser) or "a", *["b.txt"] * chooser.integer(0, 1))

    return makes


SCALARS: Mapping[Any, Callable[[Limits], MakeScalar]] = {
    type(None): lambda _: lambda _: None,
    None: lambda _: lambda _: None,
    bool: _counted(bool, 1),
    int: _integer,
    float: _float,
    Decimal: _decimal,
    str: _text,
    bytes: _bytes,
    datetime: a_datetime,
    date: a_date,
    time: a_time,
    timedelta: a_duration,
    uuid.UUID: _counted(lambda n: uuid.UUID(int=n), 1000),
    **{kind: _path(kind) for kind in (Path, PurePath, PurePosixPath)},
    RawValue: _raw_value,
}
"""By type: what makes its values within limits."""
