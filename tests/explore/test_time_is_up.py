"""A scenario is left open where the time of the search is up, but for its first workflow task."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.explore import Values
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.engine import Turn
from replaykit.explore.growing.resume import Recorded
from replaykit.explore.growing.service import Ledger
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.choices import Choices
from replaykit.explore.searching.growers import FromHistories, FromStart
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget, Search
from replaykit.replay.session import ReplaySession
from tests.explore.gallery_workflows import ROOT

SIMPLE = (0,) * 400


@workflow.defn
class Naps:
    @workflow.run
    async def run(self) -> None:
        while True:
            await workflow.sleep(timedelta(seconds=10))


@workflow.defn
class GoesOn:
    @workflow.run
    async def run(self) -> None:
        workflow.continue_as_new()


WORKER = worker_of([Naps, GoesOn], workflow_runner=UnsandboxedWorkflowRunner())


@pytest.fixture(scope="module")
def engine() -> Iterator[Warm]:
    with closing(Warm(WORKER, root=ROOT)) as engine:
        yield engine


def after(asked: int) -> Callable[[], bool]:
    """The time is up when it was asked about so often."""
    left = asked

    def is_over() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    return is_over


def simple() -> Choices:
    return Choices(SIMPLE, random.Random(0))


@pytest.mark.parametrize("asked", [0, 1, 5])
def test_a_run_is_left_where_it_is(asked: int, engine: Warm) -> None:
    grown = FromStart(engine, Naps, Values()).fresh(simple(), is_over=after(asked))
    assert (len(grown.scenario.steps), grown.is_started, grown.history.status) == (asked, True, "RUNNING")


def test_what_is_left_open_is_a_history_that_replays(engine: Warm) -> None:
    grown = FromStart(engine, Naps, Values()).fresh(simple(), is_over=after(3))
    with ReplaySession(WORKER, root=ROOT, timeout_s=20) as session:
        assert GrownJudge(session)(grown) is None
        assert session.judge(grown.history, name="it").commands_compared == 4


def test_no_run_follows_once_the_time_is_up(engine: Warm) -> None:
    grower = FromStart(engine, GoesOn, Values())

    def continued(*, is_up: bool) -> bool:
        grown = [grower.fresh(Choices((), random.Random(seed)), is_over=lambda: is_up) for seed in range(10)]
        return any(each.scenario.opening.continued_from for each in grown)

    assert not continued(is_up=True)
    assert continued(is_up=False)


def test_a_run_is_asked_cold_about_its_first_task_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of its kind too: each question to Core is a replay of all that there is so far."""
    asked: list[int] = []
    ask = Cold.ask

    def counted(self: Cold, ledger: Ledger, *rest: Any) -> Turn:
        asked.append(ledger.tasks)
        return ask(self, ledger, *rest)

    monkeypatch.setattr(Cold, "ask", counted)
    with closing(Warm(WORKER, root=ROOT)) as engine:
        grown = FromStart(engine, Naps, Values()).fresh(simple(), is_over=after(5))
    assert (len(grown.scenario.steps), asked) == (5, [0])


def test_a_recorded_run_is_not_continued_for_longer(engine: Warm) -> None:
    recorded = FromStart(engine, Naps, Values()).fresh(simple(), is_over=after(2))
    start = Recorded.of(engine.cold.session.record(recorded.history))
    grower = FromHistories(engine.cold, Naps, Values(), [start])
    assert len(grower.fresh(simple(), is_over=after(4)).scenario.steps) == 4


def test_a_search_ends_its_scenario_when_its_time_is_up(engine: Warm) -> None:
    def steps(budget: Budget) -> int:
        search = Search(FromStart(engine, Naps, Values()), lambda grown: None)
        exploration = search.run(budget, workflow_type="Naps")
        assert (exploration.scenarios, exploration.started) == (1, 1)
        return exploration.steps

    assert steps(Budget(seconds=0.0)) == 0
    assert steps(Budget(seconds=600.0, scenarios=1)) == 60
