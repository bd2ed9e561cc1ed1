"""Runs that were recorded go on under the code: each future is as sound as the recorded part."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import StrictPolicy
from replaykit.explore.growing.grow import grow_on
from replaykit.explore.growing.resume import Recorded, sound_prefixes
from replaykit.explore.growing.warm import Warm
from replaykit.history import History, validate
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker, load_worker
from replaykit.verdict import Outcome, Reason
from tests.check.gallery import CONFIG, MUTABLE, named
from tests.explore.directing import AtRandom
from tests.explore.gallery_workflows import LEFT_OUT, ROOT
from tests.gallery.scenario import workflow_type_of

_PREFIXES = 4
"""Of each history, spread over it."""


def _workers() -> Mapping[str, Worker]:
    """By name, each worker of the gallery, without the sandbox."""
    loaded = {each.name: load_worker(CONFIG, each) for each in CONFIG.workers}
    return {
        name: dataclasses.replace(worker, workflow_runner=UnsandboxedWorkflowRunner())
        for name, worker in loaded.items()
    }


def _starts(history: History) -> list[History]:
    prefixes = list(sound_prefixes(history))
    chosen = prefixes[:: max(1, len(prefixes) // _PREFIXES)]
    return [*chosen, history] if history.status == "RUNNING" else chosen


def _class_of(worker: Worker, workflow_type: str) -> type:
    by_name = {workflow_type_of(cls): cls for cls in worker.workflows}
    dynamic = by_name.get("")
    found = by_name.get(workflow_type, dynamic)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def workers() -> Mapping[str, Worker]:
    return _workers()


@pytest.fixture(scope="module")
def engines(workers: Mapping[str, Worker]) -> Iterator[Mapping[str, Warm]]:
    engines = {name: Warm(worker, root=ROOT) for name, worker in workers.items()}
    yield engines
    for engine in engines.values():
        engine.close()


@pytest.mark.sampled(8)
@pytest.mark.parametrize("history", MUTABLE, ids=named)
@pytest.mark.thinned(4)
def test_the_future_of_a_recorded_run_is_sound(
    history: History, workers: Mapping[str, Worker], engines: Mapping[str, Warm]
) -> None:
    name = next(each.name for each in CONFIG.workers if each.polls(history.task_queue or ""))
    worker, engine = workers[name], engines[name]
    workflow = _class_of(worker, history.workflow_type or "")
    if workflow.__module__ in LEFT_OUT:
        pytest.skip(LEFT_OUT[workflow.__module__])
    with ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy()) as session:
        for start in _starts(history):
            replayed = engine.cold.session.record(start)
            recorded = Recorded.of(replayed)
            for seed in range(2):
                grown = grow_on(
                    engine, recorded.ledger(engine.encoder), AtRandom(workflow, seed), most_steps=12
                )
                if grown.failure is not None:
                    continue  # a value of no use to the code
                assert not grown.problem, grown.problem
                assert grown.history.events[: len(start.events)] == start.events
                validate(grown.history)
                verdict = session.judge(grown.history, name=named(history))
                fine = verdict.outcome is Outcome.CONSISTENT or verdict.reason is Reason.VACUOUS
                assert fine, f"{grown.scenario}\n{verdict.message}"
