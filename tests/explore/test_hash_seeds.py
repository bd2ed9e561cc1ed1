"""A set of texts that feeds commands: plain exploration judges under other hash seeds too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import Config, WorkerConfig
from replaykit.explore.run import Effort, ExploreRun, run_explore
from replaykit.explore.searching.futures import Future
from replaykit.explore.searching.itself import explore_itself
from replaykit.explore.searching.search import Budget
from replaykit.explore.searching.summary import Explored
from replaykit.explore.workflows import workflows_of
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


def _config(workflow_class: type) -> Config:
    here = "tests.explore.test_hash_seeds"
    worker = WorkerConfig(workflows=(f"{here}:{workflow_class.__name__}",), workflow_runner=f"{here}:RUNNER")
    return Config(root=Path(__file__).parents[2], workers=(worker,))


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


def _run(workflow_class: type) -> ExploreRun:
    effort = Effort(seconds=60, scenarios=4)
    return run_explore(_config(workflow_class), (), effort, watcher=Unwatched())


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "workflow_class",
    [Built, *(pytest.param(each, marks=pytest.mark.exhaustive) for each in (Comprehended, Collected))],
)
def test_its_order_is_a_finding_with_a_cure(workflow_class: type) -> None:
    run = _run(workflow_class)
    assert run.exit_code == 1
    (explored,) = run.explored
    (verdict,) = explored.verdicts.values()
    assert verdict.divergence is not None
    assert "under another hash seed" in (verdict.divergence.suggestion or "")
    assert list(explored.summary.findings) == list(explored.verdicts)


@pytest.mark.exhaustive
@pytest.mark.parametrize("workflow_class", [InOrder, WithoutSets])
def test_a_fixed_order_alarms_nobody(workflow_class: type) -> None:
    run = _run(workflow_class)
    assert run.exit_code == 0
    assert run.explored[0].summary.started == 4
