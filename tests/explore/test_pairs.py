"""Exploration over all pairs: old code grows histories, and new code is judged by them.

No recorded History takes part: what a person recorded for a pair must be found again by growing. Every
24th pair is explored in each test run, every sixth in that of CI (`-m exhaustive`), the others in the
weekly one.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from replaykit.capture import quiet_runtime
from replaykit.explore import Grown, Values
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget, Discovery, Exploration, Search
from replaykit.explore.searching.shrink import is_smaller
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from tests.pairs.judging import is_refused
from tests.pairs.pair import ROOT, Pair, Plain
from tests.pairs.runs import RUNS
from tests.pairs.table import PAIRS

UNSAFE = [pair for pair in PAIRS if pair.diverges]
SAFE = [pair for pair in PAIRS if not pair.diverges]
OLD = {run.name: run.workflow for run in RUNS}

_UNFINISHED = "ignore::temporalio.workflow.Unfinished{}HandlersWarning"
"""Grown runs end in the middle of handlers now and then."""
pytestmark = pytest.mark.filterwarnings(*map(_UNFINISHED.format, ("Update", "Signal")))

OTHER_FUTURES = {
    "safe.Gathered": "the first of both activities fails: the old code had not started the other",
    "gathered.ByHandles": "cancelled before its first task it still starts both, the old one neither",
    "gathered.AsCompleted": "cancelled before its first task it still starts both, the old one neither",
    "children.Started": "a child ends as the run is cancelled: the new code cancels the child",
    "cancellations.ActivityAbandoned": "an abandoned activity that fails: the old one no longer hears of it",
    "handlers.OtherHandlers": "a signal and an update in one task: the handlers' order differs",
    "patches.Deprecated": "a run from before the patch has no marker, and its old path is gone",
    "endings.WaitsBeforeMore": "the recorded run had not come to the change",
}
"""Pairs whose recorded History is consistent under the new code, where another future is not.

Some of these futures are rare, so finding one is not asked for; what is found must be real.
"""

_SECONDS = 600.0
"""Out of reach: the number of scenarios ends a search, so a slow machine finds the same."""
_SCENARIOS = 150
_SCENARIOS_IF_SAFE = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Explored:
    """What came of one pair, and the means to look again."""

    exploration: Exploration
    grower: FromStart
    judge: GrownJudge

    @property
    def finding(self) -> Discovery | None:
        return next(iter(self.exploration.findings), None)


class Engines:
    """One engine for each old class: starting a Replayer costs more than a hundred histories."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._engines: dict[type, Warm] = {}

    def close(self) -> None:
        self._stack.close()

    def of(self, old: type) -> Warm:
        if old not in self._engines:
            engine = Warm(_worker(old), root=ROOT)
            self._stack.callback(engine.close)
            engine.lines.is_wanted = True
            self._engines[old] = engine
        return self._engines[old]


def _worker(workflow: type) -> Worker:
    return worker_of([workflow], workflow_runner=UnsandboxedWorkflowRunner())


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    engines = Engines()
    yield engines
    engines.close()


@pytest.fixture
def explored(request: pytest.FixtureRequest, engines: Engines) -> Iterator[Explored]:
    """A pair, explored."""
    pair: Pair = request.param
    if not is_refused(pair):
        pytest.skip("the Core of this temporalio does not compare that")
    old = OLD[pair.history.workflow_type or ""]
    engine = engines.of(old)
    # What the recorded activities answer: their own names.
    values = Values(activities={name: name for name in ("reserve", "charge")})
    with ReplaySession(_worker(pair.workflow), root=ROOT, timeout_s=20) as session:
        judge = GrownJudge(session, old=engine.cold.session)
        grower = FromStart(engine, old, values)
        scenarios = _SCENARIOS if pair.diverges else _SCENARIOS_IF_SAFE
        budget = Budget(seconds=_SECONDS, scenarios=scenarios)
        exploration = Search(grower, judge).run(budget, workflow_type=pair.history.workflow_type or "")
        yield Explored(exploration=exploration, grower=grower, judge=judge)


def explored_pairs(pairs: list[Pair]) -> pytest.MarkDecorator:
    params = [
        pytest.param(
            pair,
            pair,
            id=pair.new,
            marks=()
            if number % 24 == 12
            else pytest.mark.weekly
            if number % 6 != 3
            else pytest.mark.exhaustive,
        )
        for number, pair in enumerate(pairs)
    ]
    return pytest.mark.parametrize(("pair", "explored"), params, indirect=["explored"])


@explored_pairs(UNSAFE)
@pytest.mark.thinned(3)
def test_what_breaks_a_recorded_run_is_found_without_it(pair: Pair, explored: Explored) -> None:
    assert explored.finding is not None, (
        f"{pair.new}: missed in {explored.exploration.scenarios} scenarios: {explored.exploration.statuses}"
    )
    if pair.plain is not Plain.HANGS:
        _ensure_confirmed(pair, explored.finding.grown)
    _ensure_no_step_is_idle(explored)


@pytest.mark.exhaustive
@explored_pairs(SAFE)
def test_a_safe_change_alarms_nobody_unless_another_future_breaks(pair: Pair, explored: Explored) -> None:
    if explored.finding is None:
        assert explored.exploration.scenarios == _SCENARIOS_IF_SAFE
        return
    assert pair.new in OTHER_FUTURES, f"{explored.finding.key}\n{explored.finding.grown.scenario}"
    _ensure_confirmed(pair, explored.finding.grown)
    _ensure_no_step_is_idle(explored)


def _ensure_confirmed(pair: Pair, grown: Grown) -> None:
    """The SDK's own Replayer refuses the new code, and accepts the old one."""
    old = OLD[pair.history.workflow_type or ""]
    assert _plain_failure(old, grown) is None
    assert _plain_failure(pair.workflow, grown) is not None, str(grown.scenario)


def _plain_failure(workflow: type, grown: Grown) -> Exception | None:
    return asyncio.run(_replay_failure(workflow, grown))


async def _replay_failure(workflow: type, grown: Grown) -> Exception | None:
    replayer = Replayer(
        workflows=[workflow],
        build_id="pairs",
        runtime=quiet_runtime(),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    history = WorkflowHistory(grown.history.workflow_id or "", grown.history.events)
    result = await asyncio.wait_for(replayer.replay_workflow(history, raise_on_replay_failure=False), 60)
    return result.replay_failure


def _ensure_no_step_is_idle(explored: Explored) -> None:
    """Without any one of its steps the story shows something else, or nothing."""
    finding = explored.finding
    assert finding is not None
    scenario = finding.grown.scenario
    for index, step in enumerate(scenario.steps):
        steps = (*scenario.steps[:index], *scenario.steps[index + 1 :])
        again = explored.grower.again(dataclasses.replace(scenario, steps=steps))
        # A local activity without a step fails all the same: that is no shorter story.
        if is_smaller(again.scenario, scenario):
            assert explored.judge(again) != finding.key, f"{step} is not needed in:\n{scenario}"


# The suite itself


def test_every_exception_is_a_safe_pair() -> None:
    assert set(OTHER_FUTURES) <= {pair.new for pair in SAFE}
    assert all(OTHER_FUTURES.values())
