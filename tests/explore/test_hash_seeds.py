"""A set of texts that feeds commands: plain exploration judges under other hash seeds too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import Config, StrictPolicy, StrictRules, WorkerConfig
from replaykit.explore.run import Effort, ExploreRun, run_explore
from replaykit.explore.searching.futures import Future
from replaykit.explore.searching.itself import explore_itself
from replaykit.explore.searching.search import Budget
from replaykit.explore.searching.summary import Explored
from replaykit.explore.workflows import workflows_of
from replaykit.verdict import Outcome
from tests.explore.reading_workflows import TIMEOUT

RUNNER = UnsandboxedWorkflowRunner()
NAMES = ("asia", "europe", "america", "africa", "oceania")


async def act(name: str) -> None:
    await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)


@workflow.defn
class Built:
    @workflow.run
    async def run(self) -> None:
        for name in set(NAMES):
            await act(name)


@workflow.defn
class Comprehended:
    @workflow.run
    async def run(self) -> None:
        for name in {name.upper() for name in NAMES}:
            await act(name)


@workflow.defn
class Collected:
    def __init__(self) -> None:
        self.names = {"asia"}

    @workflow.run
    async def run(self) -> None:
        self.names.update(NAMES)
        self.names.discard("asia")
        for name in self.names:
            await act(name)


@workflow.defn
class InOrder:
    @workflow.run
    async def run(self) -> None:
        for name in sorted(set(NAMES)):
            await act(name)


@workflow.defn
class WithoutSets:
    @workflow.run
    async def run(self) -> None:
        for name in NAMES:
            await act(name)


@workflow.defn
class Joined:
    """Its order reaches an argument, which no service compares."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("act", " ".join(set(NAMES)), start_to_close_timeout=TIMEOUT)


@workflow.defn
class Summed:
    """Its order reaches what people read."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("act", start_to_close_timeout=TIMEOUT, summary=" ".join(set(NAMES)))


def _config(workflow_class: type, *ignore: str) -> Config:
    here = "tests.explore.test_hash_seeds"
    worker = WorkerConfig(workflows=(f"{here}:{workflow_class.__name__}",), workflow_runner=f"{here}:RUNNER")
    policy = StrictPolicy(rules=StrictRules(ignore=ignore))
    return Config(root=Path(__file__).parents[2], workers=(worker,), strict_policy=policy)


@pytest.mark.parametrize(
    ("workflow_class", "has_samples"),
    [(Built, True), (Comprehended, True), (Collected, True), (InOrder, True), (WithoutSets, False)],
)
def test_only_histories_of_code_with_sets_are_kept_to_judge_again(
    workflow_class: type, has_samples: bool
) -> None:
    config = _config(workflow_class)
    (only,) = workflows_of(config)
    explored = explore_itself(config, only, Budget(scenarios=4), seed=0)
    assert bool(explored.samples) == has_samples
    assert explored.verdicts == {}  # under its own hash seed the code agrees with itself


class Unwatched:
    """A watcher that shows nothing."""

    def explored(self, explored: Explored, root: Path, kept: Mapping[str, Path]) -> None: ...

    def future(self, future: Future, kept: Mapping[str, Path]) -> None: ...

    def note(self, message: str) -> None:
        raise AssertionError(message)


def _run(workflow_class: type, *ignore: str) -> ExploreRun:
    effort = Effort(seconds=60, scenarios=4)
    return run_explore(_config(workflow_class, *ignore), (), effort, watcher=Unwatched())


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "workflow_class",
    [Built, *(pytest.param(each, marks=pytest.mark.exhaustive) for each in (Comprehended, Collected))],
)
@pytest.mark.thinned(3)
def test_its_order_is_a_finding_with_a_cure(workflow_class: type) -> None:
    run = _run(workflow_class)
    assert run.exit_code == 1
    (explored,) = run.explored
    (verdict,) = explored.verdicts.values()
    assert verdict.divergence is not None
    assert "under another hash seed" in (verdict.divergence.suggestion or "")
    assert list(explored.summary.findings) == list(explored.verdicts)


@pytest.mark.exhaustive
def test_its_order_in_an_argument_is_one_too() -> None:
    run = _run(Joined)
    assert run.exit_code == 1
    ((verdict,),) = [each.verdicts.values() for each in run.explored]
    assert verdict.outcome is Outcome.DRIFTED
    assert [drift.field for drift in verdict.drifts] == ["activity.arguments[0]"]
    assert "other values to the same commands under another hash seed" in (verdict.drifts[0].suggestion or "")


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("workflow_class", "ignore"),
    [(Joined, ("activity.arguments",)), (Joined, ("activity.*",)), (Summed, ())],
)
@pytest.mark.thinned(3)
def test_what_strict_mode_leaves_out_alarms_nobody(workflow_class: type, ignore: tuple[str, ...]) -> None:
    assert _run(workflow_class, *ignore).exit_code == 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("workflow_class", [InOrder, WithoutSets])
@pytest.mark.thinned(2)
def test_a_fixed_order_alarms_nobody(workflow_class: type) -> None:
    run = _run(workflow_class)
    assert run.exit_code == 0
    assert run.explored[0].summary.started == 4
