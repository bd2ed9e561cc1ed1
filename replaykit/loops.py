"""Event loops of our own, whatever loop policy the code under test has installed."""

from __future__ import annotations

import asyncio
import errno
from asyncio import SelectorEventLoop
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run_in_own_loop"]

_T = TypeVar("_T")


def run_in_own_loop(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end, as `asyncio.run` does, in a loop that no policy chooses.

    Importing trio_asyncio or installing uvloop replaces the policy of the whole process. The loop of the
    former runs inside Trio only, and a replay in it would wait for ever.
    """
    loop = SelectorEventLoop()
    loop.set_exception_handler(_without_closed_files)
    try:
        try:
            return loop.run_until_complete(work)
        finally:
            _cancel_rest(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def _without_closed_files(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Code that closes every descriptor closes the loop's own: that has no message at each turn of it."""
    error = context.get("exception")
    if not (isinstance(error, OSError) and error.errno == errno.EBADF):
        loop.default_exception_handler(context)


def _cancel_rest(loop: asyncio.AbstractEventLoop) -> None:
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
