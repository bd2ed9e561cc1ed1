"""Where objects of built-in types come to lie: side by side in fresh memory, or anywhere.

Python keeps objects of up to 512 bytes in pools, one for each multiple of 16 bytes. What is freed is used
again first, so where a new object lies depends on all that happened before.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

__all__ = ["Disorder", "Memory", "Order"]

_POOL = 16 * 1024
_STREAK = 64
"""Objects side by side that show that a pool is fresh; half of it, where it holds fewer."""
_MOST = 2**20
"""Bytes that are filled at most, for each size."""


class Memory(Protocol):
    """A way to arrange it."""

    def arrange(self) -> None:
        """To be called before workflow code runs."""

    def release(self) -> None:
        """Give back what is held; to be called between two runs."""


def _maker_of(size: int) -> Callable[[], object]:
    """Makes objects that take that many bytes and no others."""
    if size == 16:
        return object
    return (lambda: complex(size, 1)) if size == 32 else (lambda: bytes(size - 40))


_MAKERS = {size: _maker_of(size) for size in range(16, 513, 16)}


class Order:
    """Fills what is free, until the next objects lie side by side near the start of a fresh pool."""

    def __init__(self) -> None:
        self._kept: list[object] = []

    def arrange(self) -> None:
        for size, make in _MAKERS.items():
            self._kept += self._filled(size, make)

    def release(self) -> None:
        self._kept.clear()

    def _filled(self, size: int, make: Callable[[], object]) -> list[object]:
        made: list[object] = []
        streak, before, wanted = 0, 0, min(_STREAK, _POOL // size // 2)
        while len(made) * size < _MOST and streak < wanted:
            made.append(make())
            address = id(made[-1])
            if address % _POOL < size + 64:
                streak = 1  # the first of its pool
            elif streak:
                streak = streak + 1 if address == before + size else 0
            before = address
        return made


class Disorder:
    """Frees memory here and there, so that the next objects lie anywhere.

    Args:
        seed: Of the disorder.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kept: list[object] = []

    def arrange(self) -> None:
        made = [make() for make in _MAKERS.values() for _ in range(40)]
        self._random.shuffle(made)
        self._kept = made[: self._random.randrange(len(made) // 4, len(made) // 2)]
        while made:  # freed one by one, in this order: the next ones made take their places
            made.pop()

    def release(self) -> None:
        self._kept.clear()
