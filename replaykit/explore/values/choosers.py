"""Who chooses a value: there is one description of how it is made, and three that answer its questions.

A value is made by a function that asks a `Chooser` for whole numbers. Hypothesis answers them in a test, so
that it can shrink; a `random.Random` answers them in a search that has no time for an engine; and one always
gives the simplest answer.
"""

from __future__ import annotations

import concurrent.futures
import functools
import random
import weakref
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, Protocol, TypeVar

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from replaykit.errors import ValuesError

__all__ = ["Drawn", "Sampled", "Simplest", "Chooser", "pick"]

_T = TypeVar("_T")
_POOL = 50
"""Examples of a user's strategy that a search without Hypothesis chooses from."""


class Chooser(Protocol):
    """Answers the questions that making a value asks."""

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included; the simplest is the one nearest to zero."""

    def given(self, strategy: SearchStrategy[Any]) -> Any:
        """A value of a strategy that the user or Hypothesis wrote."""


def pick(chooser: Chooser, options: Sequence[_T]) -> _T:
    """One of them; the first is the simplest."""
    return options[chooser.integer(0, len(options) - 1)] if len(options) > 1 else options[0]


class Drawn:
    """Hypothesis decides."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return self._draw(_integers(low, high))

    def given(self, strategy: SearchStrategy[Any]) -> Any:
        return self._draw(strategy)


class Sampled:
    """A random number generator decides: the same seed gives the same values."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def integer(self, low: int, high: int) -> int:
        return self._rng.randint(low, high)

    def given(self, strategy: SearchStrategy[Any]) -> Any:
        pool: list[Any] = _kept(_pools, strategy, _pool_of)
        return self._rng.choice(pool)


class Simplest:
    """Always the simplest answer."""

    def integer(self, low: int, high: int) -> int:
        return min(max(0, low), high)

    def given(self, strategy: SearchStrategy[Any]) -> Any:
        return _kept(_simplest, strategy, _simplest_of)


_QUIETLY = settings(
    database=None,
    deadline=None,
    derandomize=True,  # the same pool in every process
    max_examples=_POOL,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
_pools: weakref.WeakKeyDictionary[SearchStrategy[Any], list[Any]] = weakref.WeakKeyDictionary()
_simplest: weakref.WeakKeyDictionary[SearchStrategy[Any], Any] = weakref.WeakKeyDictionary()


@functools.lru_cache(maxsize=1024)
def _integers(low: int, high: int) -> SearchStrategy[int]:
    return st.integers(low, high)


def _kept(
    kept: MutableMapping[SearchStrategy[Any], _T],
    strategy: SearchStrategy[Any],
    make: Callable[[SearchStrategy[Any]], _T],
) -> _T:
    if strategy not in kept:
        # A thread of its own: Hypothesis objects to a test inside a test, and here may be inside one.
        with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
            try:
                kept[strategy] = pool.submit(make, strategy).result()
            except Exception as error:
                raise ValuesError(
                    f"drawing from it raised {type(error).__name__}: {error}",
                    where=f"strategy {strategy!r}",
                    cure="Try it alone: its example() raises the same.",
                ) from error
    return kept[strategy]


def _pool_of(strategy: SearchStrategy[Any]) -> list[Any]:
    pool: list[Any] = []

    @_QUIETLY
    @given(strategy)
    def collect(value: Any) -> None:
        pool.append(value)

    collect()
    return pool


def _simplest_of(strategy: SearchStrategy[Any]) -> Any:
    return find(strategy, lambda _: True, settings=_QUIETLY)
