"""Standard input, output and error, kept open whatever code in this process closes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["descriptors_kept"]

_STANDARD = (0, 1, 2)


@contextmanager
def descriptors_kept() -> Iterator[None]:
    """Open descriptors 0 to 2 again at the end of the block, where it has closed them."""
    copies: dict[int, int] = {}
    for number in _STANDARD:
        with contextlib.suppress(OSError):  # closed before
            copies[number] = os.dup(number)
    try:
        yield
    finally:
        for number, copy in copies.items():
            try:
                os.fstat(number)
            except OSError:
                os.dup2(copy, number)
            os.close(copy)
