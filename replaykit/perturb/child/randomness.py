"""Random numbers: the same in every run, or those of another seed."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from replaykit.perturb.child.scope import Scope

__all__ = ["Randomness"]


class Randomness:
    """Gives workflow code the random numbers of a seed, from every source that Python code draws on.

    Args:
        seed: Of all of them.
    """

    def __init__(self, scope: Scope, *, seed: int) -> None:
        self._scope = scope
        self._seed = seed
        self._stream = random.Random(seed)
        self._urandom = os.urandom
        os.urandom = self._bytes
        random._urandom = self._bytes  # type: ignore[attr-defined]  # SystemRandom, and with it `secrets`
        self._hold_unseeded()
        self.begin()

    def begin(self) -> None:
        self._stream = random.Random(self._seed)
        random.seed(self._seed)
        numpy: Any = sys.modules.get("numpy.random")
        if numpy is not None:
            numpy.seed(self._seed % 2**32)

    @contextmanager
    def applied(self, scope: Scope) -> Iterator[None]:
        yield

    def _bytes(self, size: int, /) -> bytes:
        if self._scope.is_active:
            return self._stream.getrandbits(8 * size).to_bytes(size, "little") if size else b""
        return self._urandom(size)

    def _hold_unseeded(self) -> None:
        """`random.Random()` without a seed takes one from the machine, past `os.urandom`."""
        seed_with = random.Random.seed

        def seed(generator: random.Random, a: Any = None, version: int = 2) -> None:
            if a is None and self._scope.is_active:
                a = self._stream.getrandbits(64)
            seed_with(generator, a, version)

        random.Random.seed = seed  # type: ignore[assignment,method-assign]
        random.seed = random._inst.seed
