"""Ends code in another thread, and keeps that from stopping this one.

An exception that is raised in a thread waits until it runs Python again. Until then CPython 3.11 has a sign
up for every thread of the process, and under it a function that is traced, as coverage and `explore` do,
never gets past its first instruction.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading

__all__ = ["interrupt", "settle"]

_IS_CONCERNED = sys.version_info[:2] == (3, 11)
_MOST_TURNS = 10_000
"""Of a loop in which the interpreter looks for exceptions, and finds ours at one of the first."""


def interrupt(thread: threading.Thread) -> None:
    """Raise SystemExit in a thread at its next bytecode; in one that waits in C, once it is back.

    Args:
        thread: Another one than this.
    """
    if thread.ident is not None:
        _raise_in(thread.ident, SystemExit)
        settle()


def settle() -> None:
    """Take the sign down that a thread may be interrupted: one that is keeps its exception.

    Whoever takes an exception does that, so this thread raises one in itself.
    """
    if _IS_CONCERNED:
        with contextlib.suppress(_Settled):
            _raise_in(threading.get_ident(), _Settled)
            for _ in range(_MOST_TURNS):
                pass


class _Settled(BaseException):
    """Raised in our own thread, and caught there."""


def _raise_in(ident: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(error))
