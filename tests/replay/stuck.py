"""Workflows that a worker cannot run to an end: they block, stay when evicted, or raise no Exception."""

from __future__ import annotations

import time

from temporalio import workflow

from tests.replay.trouble import TIMEOUT

__all__ = ["Stop"]


class Stop(BaseException):
    """No Exception."""


def _sleep_long(seconds: float = 2.4) -> None:
    time.sleep(seconds)


@workflow.defn(name="Blocks", sandboxed=False)
class Blocks:
    """Fits the data-processing History, and blocks in a function of its own."""

    @workflow.run
    async def run(self, source: str) -> str:
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        _sleep_long()
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Computes", sandboxed=False)
class Computes:
    """The same, busy all the time: the line changes, the call does not."""

    @workflow.run
    async def run(self, source: str) -> str:
        until = time.thread_time() + 2.6  # on a busy machine too: what waits for a processor is not counted
        total = 0
        while time.thread_time() < until:
            total += 1
            total -= 1
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Pauses", sandboxed=False)
class Pauses:
    """Takes long, but never that long at once."""

    @workflow.run
    async def run(self, source: str) -> str:
        _sleep_long(0.8)
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        _sleep_long(0.8)
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Stays", sandboxed=False)
class Stays:
    """Takes the end of its run for a failure, and goes on; ends after a while, so that the tests do."""

    @workflow.run
    async def run(self, source: str) -> str:
        until = time.monotonic() + 6
        while time.monotonic() < until:
            try:
                return str(
                    await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
                )
            except BaseException:
                continue
        return source


@workflow.defn(name="Stops", sandboxed=False)
class Stops:
    @workflow.run
    async def run(self, source: str) -> str:
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        raise Stop(f"after {first!r}"[:5])


@workflow.defn(name="StopsInATask", sandboxed=False)
class StopsInATask:
    @workflow.run
    async def run(self, source: str) -> str:
        await self.inside()
        return source

    async def inside(self) -> None:
        raise Stop


@workflow.defn(name="FailsLater", sandboxed=False)
class FailsLater:
    """Fails its second task."""

    @workflow.run
    async def run(self, source: str) -> str:
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        raise ValueError(f"cannot read {first is None}")


@workflow.defn(name="FailsFirst", sandboxed=False)
class FailsFirst:
    @workflow.run
    async def run(self, source: str) -> str:
        raise ValueError("cannot begin")
