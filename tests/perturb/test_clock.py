"""The clock stands still for workflow code, and for no other code that counts seconds."""

from __future__ import annotations

import asyncio
import gc
import time

import pytest

from replaykit.perturb.child.clock import Clock
from replaykit.perturb.child.scope import Scope

_START = 1_000_000_000.5
_COUNTERS = ("monotonic", "perf_counter", "process_time", "thread_time")


@pytest.fixture
def scope(monkeypatch: pytest.MonkeyPatch) -> Scope:
    """With a clock that starts at a given time."""
    for name in _COUNTERS:
        for each in (name, f"{name}_ns"):
            monkeypatch.setattr(time, each, getattr(time, each))
    scope = Scope()
    scope.parts = (Clock(scope, start=_START),)
    return scope


def test_it_goes_on_a_second_with_each_activation(scope: Scope) -> None:
    for past in range(3):
        with scope.running():
            assert time.time() == _START + past
            assert time.monotonic() == time.perf_counter() == 0.5 + past
            assert time.monotonic_ns() == (0.5 + past) * 10**9
    assert time.time() > _START + 10**8
    assert time.monotonic() != 3.5


def test_event_loops_keep_theirs(scope: Scope) -> None:
    loop = asyncio.new_event_loop()
    seen = [loop.time()]
    for _ in range(3):
        with scope.running():
            seen.append(loop.time())
            time.sleep(0.01)
            seen.append(loop.time())
    seen.append(loop.time())
    loop.close()
    assert seen == sorted(seen)
    assert 0.03 <= seen[-1] - seen[0] < 60


def test_garbage_is_collected_at_any_moment(scope: Scope) -> None:
    """Old releases of time-machine write into the functions of `time` while the clock is changed."""
    for _ in range(2):
        with scope.running():
            gc.collect()
        gc.collect()
