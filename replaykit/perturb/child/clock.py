"""The wall clock: stands still while workflow code runs, and goes on a second with each activation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import time_machine

from replaykit.perturb.child.scope import Scope, caller_is_user_code

__all__ = ["Clock"]

_NANOSECONDS = 10**9
_COUNTERS = ("monotonic", "perf_counter", "process_time", "thread_time")


class Clock:
    """Shows a given time to workflow code.

    `time_machine` changes what the C functions answer, so that `datetime.now` stays one and the same class.
    What counts from an unknown moment (`time.monotonic`) is answered to the user's code alone: event loops
    and deadlines use it too.

    Args:
        start: Unix time of the first activation of every replay.
    """

    def __init__(self, scope: Scope, *, start: float) -> None:
        self._start = start
        self._scope = scope
        for name in _COUNTERS:
            self._hold(name, 1.0)
            self._hold(f"{name}_ns", _NANOSECONDS)

    def begin(self) -> None:
        """Nothing: the time depends on the number of the activation."""

    @contextmanager
    def applied(self, scope: Scope) -> Iterator[None]:
        with time_machine.travel(self._now, tick=False):
            yield

    @property
    def _now(self) -> float:
        return self._start + self._scope.activations

    def _hold(self, name: str, per_second: float) -> None:
        real: Callable[[], Any] | None = getattr(time, name, None)
        if real is None:
            return  # not on this machine
        kind = type(real())

        def counter() -> Any:
            if self._scope.is_active and caller_is_user_code():
                return kind(self._now % 10**6 * per_second)
            return real()

        counter.__name__ = counter.__qualname__ = name
        counter.__module__ = "time"
        setattr(time, name, counter)
