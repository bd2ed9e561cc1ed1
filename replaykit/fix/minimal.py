"""The fewest of many that are still enough: small sets first, then delta debugging."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypeVar

__all__ = ["fewest"]

_T = TypeVar("_T")
_TRIED = 60
"""Small sets that are tried before anything is left out of the whole."""


def fewest(items: Sequence[_T], are_enough: Callable[[Sequence[_T]], bool]) -> list[_T]:
    """Those of some items that are enough, and of which none can be spared.

    What two items do together neither may do alone: so the way down from all of them can miss a single one
    that is enough by itself, which is looked for first.

    Args:
        items: All; they are enough.
        are_enough: Asked about some of them.
    """
    tried = 0
    for size in (1, 2):
        for some in combinations(items, size):
            if size >= len(items) or tried == _TRIED:
                break
            tried += 1
            if are_enough(some):
                return list(some)
    return _without_spare(list(items), are_enough)


def _without_spare(kept: list[_T], are_enough: Callable[[Sequence[_T]], bool]) -> list[_T]:
    size = len(kept) // 2
    while size:
        start = 0
        while start < len(kept):
            without = kept[:start] + kept[start + size :]
            if without and len(without) < len(kept) and are_enough(without):
                kept = without
            else:
                start += size
        size //= 2
    return kept
