"""Where values go: a result, or the arguments of a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from replaykit.explore.values.choosers import Chooser
from replaykit.explore.values.shapes import Shape, as_strategy

__all__ = ["OfHint", "Place", "arguments_of", "as_arguments", "overridden"]


class OfHint(Protocol):
    """Finds the shape of a hint."""

    def __call__(self, hint: Any, *, where: str = ...) -> Shape:
        """Raises ValuesError where there is no strategy for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where values go."""

    where: str
    """As an error names it."""
    hints: tuple[Any, ...]
    """One for each argument; the only one of a result."""
    required: int
    """Arguments that may not be left out."""
    arguments: bool = False
    """Whether its values are tuples of arguments."""


def arguments_of(place: Place, of_hint: OfHint) -> Shape:
    """Tuples of arguments, each made from its hint; raises as `of_hint` does."""
    parts = tuple(
        of_hint(hint, where=f"{place.where} argument {number}")
        for number, hint in enumerate(place.hints, start=1)
    )

    def make(chooser: Chooser) -> tuple[Any, ...]:
        count = chooser.integer(place.required, len(parts))
        return tuple(part.make(chooser) for part in parts[:count])

    return Shape(where=place.where, hints=place.hints, make=make, parts=parts, arguments=True)


def overridden(
    strategy: SearchStrategy[Any], hints: tuple[Any, ...], where: str, *, arguments: bool = False
) -> Shape:
    """A shape of what a user gave."""
    return Shape(where=where, hints=hints, make=lambda chooser: chooser.given(strategy), arguments=arguments)


def as_arguments(value: Any) -> SearchStrategy[Any]:
    """What a user gave for arguments: a tuple of values, a strategy of tuples, or the only argument."""
    if isinstance(value, tuple):
        return st.tuples(*map(as_strategy, value))
    return as_strategy(value).map(lambda drawn: drawn if isinstance(drawn, tuple) else (drawn,))
