"""Replays have an event loop of their own, whatever policy the code under test installs."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from replaykit.check import Check
from replaykit.config import load_config
from replaykit.loops import run_in_own_loop
from replaykit.verdict import Outcome
from tests.plugin.project import write_project

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.14: policies are on their way out
    Policy = asyncio.DefaultEventLoopPolicy

pytestmark = pytest.mark.filterwarnings("ignore:.*event_loop_policy.*:DeprecationWarning")


class NoLoops(Policy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        raise RuntimeError("no loop here")

    get_event_loop = new_event_loop


class LoopsThatNeverRun(Policy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        loop.call_soon = loop.call_soon_threadsafe = lambda *_, **__: asyncio.Handle(print, (), loop)  # type: ignore[method-assign]  # a loop that forgets
        return loop


class NoLoopIsSet(Policy):
    def set_event_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        raise RuntimeError("no loop is set here")


@pytest.fixture(params=[NoLoops, LoopsThatNeverRun, NoLoopIsSet])
def policy(request: pytest.FixtureRequest) -> Iterator[None]:
    before = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(request.param())
    yield
    asyncio.set_event_loop_policy(before)


@pytest.mark.usefixtures("policy")
def test_a_replay_needs_no_loop_policy(tmp_path: Path) -> None:
    (fixture,) = write_project(tmp_path)
    (tmp_path / "flows.py").rename(tmp_path / "flows_of_odd_loops.py")
    with Check(load_config(tmp_path).with_workflows(["flows_of_odd_loops"])) as check:
        verdict = check.judge(fixture)
    assert verdict.outcome is Outcome.CONSISTENT, verdict.message


def test_what_a_coroutine_leaves_is_cancelled_and_closed() -> None:
    seen: list[str] = []

    async def stays() -> None:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def work() -> asyncio.AbstractEventLoop:
        seen.append(asyncio.ensure_future(stays()).get_name())
        await asyncio.sleep(0)
        return asyncio.get_running_loop()

    assert run_in_own_loop(work()).is_closed()
    assert seen[1:] == ["cancelled"]


def test_what_a_coroutine_raises_is_raised() -> None:
    async def fails() -> None:
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        run_in_own_loop(fails())
