"""What lives longer than a run, or runs beside it: module globals, caches, threads, the replay itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache

from temporalio import workflow

_SOON = timedelta(seconds=10)
_runs = 0
_prices: dict[str, int] = {}


@workflow.defn(sandboxed=False)
class GlobalCounter:
    @workflow.run
    async def run(self) -> None:
        global _runs
        _runs += 1
        await workflow.execute_activity("work", _runs, start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class ModuleCache:
    @workflow.run
    async def run(self) -> None:
        if "book" not in _prices:
            _prices["book"] = await workflow.execute_activity(
                "price", result_type=int, start_to_close_timeout=_SOON
            )
        await workflow.execute_activity("sell", _prices["book"], start_to_close_timeout=_SOON)


@workflow.defn
class IsReplaying:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=_SOON)
        if not workflow.unsafe.is_replaying():
            await workflow.execute_activity("tell", start_to_close_timeout=_SOON)
        await workflow.sleep(0.01)


@workflow.defn(sandboxed=False)
class Threads:
    @workflow.run
    async def run(self) -> None:
        through: list[str] = []
        threads = [threading.Thread(target=through.append, args=(name,)) for name in ("one", "two", "three")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in through:
            await workflow.execute_activity(name, start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class ThreadRace:
    """Looks before the thread is through."""

    @workflow.run
    async def run(self) -> None:
        seen: list[int] = []
        threading.Thread(target=lambda: seen.append(1)).start()
        time.sleep(0.01)  # noqa: ASYNC251  # what workflow code must not do
        await workflow.execute_activity("count", len(seen), start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class ThreadPool:
    @workflow.run
    async def run(self) -> None:
        through: list[str] = []
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(through.append, ("one", "two", "three")))
        for name in through:
            await workflow.execute_activity(name, start_to_close_timeout=_SOON)


@lru_cache(maxsize=1)
def _cached_key() -> str:
    return workflow.uuid4().hex


@workflow.defn(sandboxed=False)
class CachedFunction:
    """The same again for the same run: only another run in the same process brings it out."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", _cached_key(), start_to_close_timeout=_SOON)
