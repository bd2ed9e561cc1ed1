"""How fast histories are grown: whole runs of a workflow of five activities, 35 events each.

Contract: at least 50 a second on one core, their judging included.

What is traded: the code lives on between the tasks of a run, so a prefix is not replayed cold at each task,
but the whole once, at its end. Growing "by replays" does replay each prefix.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from statistics import median

from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import Config, StrictPolicy
from replaykit.explore import Grown, Values
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.engine import Engine
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.choices import Choices
from replaykit.explore.searching.growers import FromStart
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome
from tests.benchmarks.flows import FiveActivities
from tests.benchmarks.measuring import Measured, Way, measured, table
from tests.benchmarks.replay import ROOT, Corpus, Loop

__all__ = ["compared", "run"]

_HISTORIES = 40
"""Grown in each round."""


def run(rounds: int) -> str:
    """Both tables: without the sandbox, and inside it, where each run imports the workflow's module again."""
    return "\n\n".join(
        compared(title, worker, count=_HISTORIES, rounds=rounds)
        for title, worker in (
            ("explore", worker_of([FiveActivities], workflow_runner=UnsandboxedWorkflowRunner())),
            ("explore, sandboxed", worker_of([FiveActivities])),
        )
    )


def compared(title: str, worker: Worker, *, count: int, rounds: int) -> str:
    """The table of one worker.

    Args:
        title: What stands above it.
        worker: The code.
        count: Histories grown in each round.
        rounds: How often.
    """
    with ExitStack() as stack:
        warm, cold = Warm(worker, root=ROOT), Cold(worker, root=ROOT)
        stack.callback(warm.close)
        stack.callback(cold.close)
        session = stack.enter_context(ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy()))
        histories = [grown.history for grown in _grown(warm, count)]
        corpus = Corpus(
            config=Config(root=ROOT), histories={"default": histories}, workers={"default": worker}
        )
        loop = stack.enter_context(Loop(corpus))

        def judged() -> None:
            for grown in _grown(warm, count):
                verdict = session.judge(grown.history, name="grown")
                assert verdict.outcome is Outcome.CONSISTENT, verdict
                assert verdict.commands_compared == 6

        ways = (
            Way(name="the SDK's own loop replays them", run=loop.run),
            Way(name="grown", run=lambda: _grown(warm, count)),
            Way(name="grown and judged, strict", run=judged),
            Way(name="grown by replays", run=lambda: _grown(cold, count)),
        )
        results = measured(ways, rounds=rounds)
    text = table(f"{title}: {count} histories of {len(histories[0].events)} events", results)
    return "\n".join([text, *(_rate(result, count) for result in results[1:])])


def _grown(engine: Engine, count: int) -> list[Grown]:
    grower = FromStart(engine, FiveActivities, Values())
    return [grower.fresh(Choices((0,) * 100, random.Random(number))) for number in range(count)]


def _rate(result: Measured, count: int) -> str:
    return (
        f"{result.name}: {count / median(result.cpu):.0f} a second on one core, "
        f"{count / min(result.cpu):.0f} in the least disturbed round"
    )
