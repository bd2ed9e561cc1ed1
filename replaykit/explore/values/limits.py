"""What a hint's metadata demands of a value: how large, how long, of which form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import Any

__all__ = ["NO_LIMITS", "Limits", "Unsatisfiable", "exactly", "limits_of"]


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
    max_digits: int | None = None
    """Of a Decimal, before and after its point."""
    decimal_places: int | None = None

    def lengths(self, usual: int) -> tuple[int, int]:
        """The shortest and the longest, as long as `usual` where nothing is demanded."""
        shortest = self.min_length or 0
        longest = shortest + usual if self.max_length is None else min(self.max_length, shortest + usual)
        if longest < shortest:
            raise Unsatisfiable(f"no length between {shortest} and {longest}")
        return shortest, longest

    def admit(self, value: Any) -> bool:
        """Whether a text or a whole number keeps to them."""
        if isinstance(value, str):
            longest = inf if self.max_length is None else self.max_length
            matches = self.pattern is None or re.search(self.pattern, value) is not None
            return (self.min_length or 0) <= len(value) <= longest and matches
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.lt is None or value < self.lt)
            and (self.multiple_of is None or exactly(value) % exactly(self.multiple_of) == 0)
        )


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
    return isinstance(limit, (str, re.Pattern, date, time, timedelta))


def _metadata_inside(item: Any) -> Iterable[Any]:
    inside = getattr(item, "metadata", ())  # of pydantic's Field()
    return inside if isinstance(inside, (list, tuple)) else ()


def exactly(limit: Any) -> Fraction:
    """0.1 as a tenth, which is not what the float is."""
    return Fraction(str(limit))
