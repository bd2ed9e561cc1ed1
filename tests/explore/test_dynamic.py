"""A dynamic workflow is explored as one of a type that is called like its class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import Config, WorkerConfig
from replaykit.explore.searching.itself import explore_itself
from replaykit.explore.searching.search import Budget
from replaykit.explore.workflows import workflow_of_history, workflows_of
from tests.conftest import RunReplaykit
from tests.explore.reading_workflows import TIMEOUT
from tests.gate.repository import Repository
from tests.history.builders import HistoryBuilder

RUNNER = UnsandboxedWorkflowRunner()


@workflow.defn
class Named:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Anything")
class CalledLikeTheDynamicOne:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)


@workflow.defn(dynamic=True)
class Anything:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None:
        await workflow.execute_activity(workflow.info().workflow_type, start_to_close_timeout=TIMEOUT)


def _config(*names: str) -> Config:
    specs = tuple(f"tests.explore.test_dynamic:{name}" for name in names)
    runner = "tests.explore.test_dynamic:RUNNER"
    return Config(root=Path(), workers=(WorkerConfig(workflows=specs, workflow_runner=runner),))


@pytest.mark.parametrize(
    ("classes", "types"),
    [
        (("Anything",), ["Anything"]),
        (("Named", "Anything"), ["Named", "Anything"]),
        (("CalledLikeTheDynamicOne", "Anything"), ["Anything", "AnythingDynamic"]),
        (("Named",), ["Named"]),
    ],
)
def test_it_is_one_of_the_workflows(classes: tuple[str, ...], types: list[str]) -> None:
    assert [each.workflow_type for each in workflows_of(_config(*classes))] == types


@pytest.mark.parametrize(
    ("patterns", "recorded", "found"),
    [
        ((), "Named", "Named"),
        ((), "Whatever", "Anything"),
        (("Anything",), "Named", None),
        (("Named",), "Whatever", None),
    ],
)
def test_a_recorded_run_is_its_where_no_other_has_the_name(
    patterns: tuple[str, ...], recorded: str, found: str | None
) -> None:
    config = _config("Named", "Anything")
    history = HistoryBuilder(workflow_type=recorded).history(workflow_type=recorded)
    workflow_found = workflow_of_history(history, workflows_of(config, patterns), config)
    assert (workflow_found.workflow_type if workflow_found is not None else None) == found


def test_its_runs_reach_commands_and_replay() -> None:
    config = _config("Anything")
    (only,) = workflows_of(config)
    explored = explore_itself(config, only, Budget(scenarios=10), seed=0)
    assert explored.summary.started == explored.summary.scenarios == 10
    assert explored.summary.command_pairs
    assert explored.summary.findings == {}


CODE = """from datetime import timedelta
from collections.abc import Sequence
from temporalio import workflow
from temporalio.common import RawValue

@workflow.defn(dynamic=True)
class Anything:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=timedelta(seconds=9))
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize(("new", "code"), [(CODE, 0), (CODE.replace('"work"', '"toil"'), 1)])
def test_a_base_is_compared_with(tmp_path: Path, run_replaykit: RunReplaykit, new: str, code: int) -> None:
    repository = Repository(tmp_path)
    repository.code(CODE)
    (tmp_path / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n', encoding="utf-8")
    repository.commit("base")
    repository.code(new)
    result = run_replaykit("explore", "--base", "main", "--scenarios", "8", cwd=tmp_path)
    assert result.returncode == code, result.stdout
