"""Threads that workflow code starts: one after the other, or in turned-around order."""

from __future__ import annotations

import concurrent.futures
import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from replaykit.perturb.child.scope import Scope

__all__ = ["ThreadTiming"]

_HEAD_START_S = 0.25
"""How long a start waits for the thread to end, so that threads that can run one by one do."""
_LONGEST_S = 0.08


class ThreadTiming:
    """How fast threads are.

    Args:
        salt: 0 for nearly one after the other; else each waits before it does anything.
        turned: Whether the first one waits longest, in place of any time at all.
    """

    def __init__(self, scope: Scope, *, salt: int, turned: bool) -> None:
        self._scope = scope
        self._salt, self._turned = salt, turned
        self._count = 0
        self._random = random.Random(salt)
        self._is_submitting = False
        self._hold_threads()
        self._hold_pools()

    def begin(self) -> None:
        self._count = 0
        self._random = random.Random(self._salt)

    @contextmanager
    def applied(self, scope: Scope) -> Iterator[None]:
        yield

    def _hold_threads(self) -> None:
        start_with = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            if not self._scope.is_active or self._is_submitting:
                start_with(thread)
                return
            if self._salt:
                thread.run = self._late(thread.run)  # type: ignore[method-assign]
            start_with(thread)
            if not self._salt:
                thread.join(_HEAD_START_S)

        threading.Thread.start = start  # type: ignore[assignment,method-assign]

    def _hold_pools(self) -> None:
        """A pool's threads live on: there it is the jobs that wait."""
        pool = concurrent.futures.ThreadPoolExecutor
        submit_with = pool.submit

        def submit(
            executor: concurrent.futures.ThreadPoolExecutor,
            fn: Callable[..., Any],
            /,
            *args: Any,
            **kwargs: Any,
        ) -> concurrent.futures.Future[Any]:
            if not self._scope.is_active:
                return submit_with(executor, fn, *args, **kwargs)
            self._is_submitting = True
            try:
                job = self._late(fn) if self._salt else fn
                future = submit_with(executor, job, *args, **kwargs)
            finally:
                self._is_submitting = False
            if not self._salt:
                with contextlib.suppress(Exception, concurrent.futures.CancelledError):
                    future.exception(_HEAD_START_S)
            return future

        pool.submit = submit  # type: ignore[assignment,method-assign]

    def _late(self, job: Callable[..., Any]) -> Callable[..., Any]:
        # A shorter and shorter wait for each: those begun together end last first.
        wait = _LONGEST_S / 1.35**self._count if self._turned else self._random.uniform(0, _LONGEST_S)
        self._count += 1

        def late(*args: Any, **kwargs: Any) -> Any:
            time.sleep(wait)
            return job(*args, **kwargs)

        return late
