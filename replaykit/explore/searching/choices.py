"""The choices that made a grown history, as plain numbers: to repeat it, and to try another one close by."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis.strategies import SearchStrategy

from replaykit.explore.values.choosers import Sampled

__all__ = ["Choices"]


class Choices:
    """Answers with given numbers as far as they go, then by chance; and remembers all of them.

    Args:
        given: Answers of an earlier growth, or a change of them.
        rng: Answers the rest.
    """

    def __init__(self, given: Sequence[int], rng: random.Random) -> None:
        self._given = given
        self._rng = rng
        self.made: list[int] = []

    def integer(self, low: int, high: int) -> int:
        place = len(self.made)
        answer = self._given[place] if place < len(self._given) else self._rng.randint(low, high)
        self.made.append(min(max(answer, low), high))
        return self.made[-1]

    def given(self, strategy: SearchStrategy[Any]) -> Any:
        # The pool of a strategy has its own order, so one number stands for one of its values.
        seed = self.integer(0, 1_000_000)
        return Sampled(random.Random(seed)).given(strategy)
