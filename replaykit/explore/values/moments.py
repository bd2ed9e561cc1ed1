"""Points in time and spans of it, within limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta, timezone
from typing import Any

from replaykit.explore.values.choosers import Chooser
from replaykit.explore.values.limits import Limits, Unsatisfiable

__all__ = ["a_date", "a_datetime", "a_duration", "a_time"]

_Make = Callable[[Chooser], Any]
# Aware, as workflow.now() is: the two can be compared.
_NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone.utc)
_USUAL = 1000
_MICROSECOND = timedelta(microseconds=1)


def a_datetime(limits: Limits) -> _Make:
    """An hour of the weeks after 2026 began, or near a limit."""
    naive = any(isinstance(bound, datetime) and bound.tzinfo is None for bound in _bounds(limits))
    zero = _NEW_YEAR.replace(tzinfo=None) if naive else _NEW_YEAR
    return _near(zero, (timedelta(hours=1), timedelta(seconds=1), _MICROSECOND), _MICROSECOND, limits)


def a_date(limits: Limits) -> _Make:
    """A day of the three years after 2026 began, or near a limit."""
    return _near(_NEW_YEAR.date(), (timedelta(days=1),), timedelta(days=1), limits)


def a_duration(limits: Limits) -> _Make:
    """Some minutes; shorter where a limit asks for it."""
    steps = (timedelta(minutes=1), timedelta(seconds=1), _MICROSECOND)
    return _near(timedelta(0), steps, _MICROSECOND, limits)


def a_time(limits: Limits) -> _Make:
    """A minute of a day."""
    minutes = [time(count // 60, count % 60) for count in range(24 * 60)]
    fitting = [minute for minute in minutes if limits.admit(minute)]
    if not fitting:
        raise Unsatisfiable("no minute of a day within its limits")
    return lambda chooser: fitting[chooser.integer(0, len(fitting) - 1)]


def _near(zero: Any, steps: tuple[timedelta, ...], least: timedelta, limits: Limits) -> _Make:
    """Whole steps from a start, the largest step of which more than one fits."""
    lows = [limits.ge, None if limits.gt is None else limits.gt + least]
    highs = [limits.le, None if limits.lt is None else limits.lt - least]
    low = max((bound for bound in lows if bound is not None), default=None)
    high = min((bound for bound in highs if bound is not None), default=None)
    if low is not None and high is not None and low > high:
        raise Unsatisfiable(f"nothing between {low} and {high}")
    start, step, count = zero if low is None else max(zero, low), steps[0], _USUAL
    if high is not None:
        for step in steps:
            begin = start if start <= high else high - step * _USUAL
            begin = begin if low is None else max(begin, low)
            count = min(_USUAL, (high - begin) // step)
            if count > 1:
                break
        start = begin
    return lambda chooser: start + step * chooser.integer(0, count)


def _bounds(limits: Limits) -> tuple[Any, ...]:
    return (limits.ge, limits.gt, limits.le, limits.lt)
