"""Ctrl-C and requests to end: held back where they would leave a process, and never without clean-up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Stopped", "held_back", "unwound"]

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""Signals whose default is to end this process at once, with whatever it has started still there."""


class Stopped(KeyboardInterrupt):  # as KeyboardInterrupt itself
    """This process was asked to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def unwound() -> Iterator[None]:
    """Have signals that would end this process at once raise `Stopped`, so that every block is left in order.

    Where such a signal has a handler already, or outside the main thread, nothing is changed.
    """
    ours: list[int] = []
    if threading.current_thread() is threading.main_thread():
        ours = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)


@contextmanager
def held_back() -> Iterator[None]:
    """Keep Ctrl-C and its like back until the block has ended: while a new process is not registered yet."""
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers run in the main thread alone
        return
    caught: list[tuple[int, FrameType | None]] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDING)}
    handlers = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in handlers:
        signal.signal(number, lambda number, frame: caught.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number, frame in caught[:1]:
            handler = handlers[number]
            assert callable(handler)
            handler(number, frame)
