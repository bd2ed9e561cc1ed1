"""What replaykit adds to a replay: the SDK's own loop beside a ReplaySession, over the gallery.

Contract: strict mode and source lines add at most 15 % to the loop.

Left out of the times, on all sides: reading the files, and setting the Replayers up (one for each worker,
kept for all rounds; the SDK imports every workflow there, replaykit only those that have a History).
A History that the plain loop refuses although its code is unchanged (ids derived from the task queue or the
namespace, reset runs) is left out too: it would end early there, and not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer, WorkflowInboundInterceptor, WorkflowReplayResult

from replaykit.check import fixtures_of
from replaykit.config import Config, StrictPolicy, load_config
from replaykit.history import History, read_history
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker, load_worker
from replaykit.verdict import Outcome
from tests.benchmarks.measuring import Way, measured, table

__all__ = ["ROOT", "Corpus", "Loop", "compared", "corpus_of", "run"]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Corpus:
    """Histories, by the worker that they belong to."""

    config: Config
    histories: Mapping[str, Sequence[History]]
    workers: Mapping[str, Worker]
    left_out: int = 0

    @property
    def size(self) -> int:
        return sum(map(len, self.histories.values()))


def run(rounds: int) -> str:
    """The gallery's table."""
    config = load_config(ROOT)
    corpus = corpus_of(config, map(read_history, fixtures_of(config)))
    return compared(corpus, rounds=rounds)


def compared(corpus: Corpus, *, rounds: int) -> str:
    """The table of a corpus."""
    with ExitStack() as stack:
        loop = stack.enter_context(Loop(corpus))
        bare, plain = (stack.enter_context(_Sessions(corpus)) for _ in range(2))
        strict = stack.enter_context(_Sessions(corpus, strict=StrictPolicy()))

        def without_lines() -> None:
            """Commands are recorded and aligned; nobody asks which line made them."""
            with patch("replaykit.replay.recorder.noting_sources", lambda *_: WorkflowInboundInterceptor):
                bare.run()

        ways = (
            Way(name="the SDK's own loop", run=loop.run),
            Way(name="replaykit without source lines", run=without_lines),
            Way(name="replaykit", run=plain.run),
            Way(name="replaykit, strict", run=strict.run),
        )
        results = measured(ways, rounds=rounds)
    note = f" ({corpus.left_out} more left out: the SDK's own loop refuses them)" if corpus.left_out else ""
    return table(f"replay: {corpus.size} histories{note}", results)


def corpus_of(config: Config, histories: Iterable[History]) -> Corpus:
    """The Histories that every way judges alike."""
    workers = {worker.name: load_worker(config, worker) for worker in config.workers}
    by_worker: dict[str, list[History]] = {}
    for history in histories:
        name = next(w.name for w in config.workers if w.polls(history.task_queue or ""))
        by_worker.setdefault(name, []).append(history)
    whole = Corpus(config=config, histories=by_worker, workers=workers)
    with Loop(whole) as loop:
        refused = loop.run()
    kept = {name: [h for h in each if id(h) not in refused] for name, each in by_worker.items()}
    return Corpus(
        config=config,
        histories={name: each for name, each in kept.items() if each},
        workers=workers,
        left_out=len(refused),
    )


class Loop:
    """The loop that people write, at its best: one Replayer a worker, fed with all of its Histories."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._lanes: dict[str, tuple[asyncio.Queue[History | None], AsyncIterator[WorkflowReplayResult]]] = {}

    def __enter__(self) -> Loop:
        self._loop.run_until_complete(self._open())
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.run_until_complete(self._close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def run(self) -> set[int]:
        """Replay everything.

        Returns:
            Identities of the Histories that were refused.
        """
        return self._loop.run_until_complete(self._replay())

    async def _open(self) -> None:
        for name in self._corpus.histories:
            feed: asyncio.Queue[History | None] = asyncio.Queue()
            replayer = _replayer(self._corpus.workers[name])
            opened = replayer.workflow_replay_iterator(_fed(feed))
            self._lanes[name] = feed, await self._stack.enter_async_context(opened)

    async def _close(self) -> None:
        for feed, _ in self._lanes.values():
            feed.put_nowait(None)
        await self._stack.aclose()

    async def _replay(self) -> set[int]:
        refused = set()
        for name, histories in self._corpus.histories.items():
            feed, results = self._lanes[name]
            for history in histories:
                feed.put_nowait(history)
                if (await results.__anext__()).replay_failure is not None:
                    refused.add(id(history))
        return refused


async def _fed(feed: asyncio.Queue[History | None]) -> AsyncIterator[WorkflowHistory]:
    while (history := await feed.get()) is not None:
        yield WorkflowHistory(history.workflow_id or "", history.events)


@lru_cache(maxsize=1)
def _runtime() -> Runtime:
    return Runtime(telemetry=TelemetryConfig(logging=None))


def _replayer(worker: Worker) -> Replayer:
    options: dict[str, Any] = {"workflow_runner": worker.workflow_runner} if worker.workflow_runner else {}
    return Replayer(
        workflows=worker.workflows,
        namespace="default",
        data_converter=worker.data_converter or DataConverter.default,
        interceptors=worker.interceptors,
        plugins=worker.plugins,
        build_id="replaykit",
        workflow_failure_exception_types=worker.workflow_failure_exception_types,
        runtime=_runtime(),
        **options,
    )


class _Sessions:
    """replaykit: one ReplaySession a worker."""

    def __init__(self, corpus: Corpus, *, strict: StrictPolicy | None = None) -> None:
        self._corpus = corpus
        timeout_s = corpus.config.timeout_s
        self._sessions = {
            name: ReplaySession(corpus.workers[name], root=ROOT, timeout_s=timeout_s, strict=strict)
            for name in corpus.histories
        }

    def __enter__(self) -> _Sessions:
        return self

    def __exit__(self, *exc: object) -> None:
        for session in self._sessions.values():
            session.close()

    def run(self) -> None:
        """Judge everything."""
        for name, histories in self._corpus.histories.items():
            for history in histories:
                verdict = self._sessions[name].judge(history, name=history.workflow_id or "")
                assert verdict.outcome is Outcome.CONSISTENT, verdict
