"""Code that reads a meaning in its own workflow id goes on under the user's ids, and under no others."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import Config, ExploreConfig, WorkerConfig
from replaykit.errors import ValuesError
from replaykit.explore import Values
from replaykit.explore.growing.openings import Openings
from replaykit.explore.searching.itself import explore_itself
from replaykit.explore.searching.search import Budget
from replaykit.explore.searching.summary import Explored
from replaykit.explore.values.choosers import Sampled
from replaykit.explore.workflows import workflows_of
from tests.explore.reading_workflows import TIMEOUT

RUNNER = UnsandboxedWorkflowRunner()


@workflow.defn
class OfOrder:
    @workflow.run
    async def run(self) -> None:
        kind, _, number = workflow.info().workflow_id.partition("/")
        if kind != "order":
            raise AssertionError(f"not of an order: {kind}")
        await workflow.execute_activity(f"ship-{number}", start_to_close_timeout=TIMEOUT)


IDS = Values(workflow_ids={OfOrder: st.sampled_from(["order/1", "order/2"])})


def explored(values: str | None) -> Explored:
    config = Config(
        root=Path(),
        workers=(
            WorkerConfig(
                workflows=("tests.explore.test_workflow_ids:OfOrder",),
                workflow_runner="tests.explore.test_workflow_ids:RUNNER",
            ),
        ),
        explore=ExploreConfig(values=values),
    )
    (found,) = workflows_of(config)
    return explore_itself(config, found, Budget(scenarios=20), seed=0)


def test_without_them_it_never_starts_and_with_them_it_comes_to_its_end() -> None:
    without = explored(None).summary
    assert without.started == 0
    assert [*without.raised] == ["AssertionError: not of an order: explored"]
    summary = explored("tests.explore.test_workflow_ids:IDS").summary
    assert summary.started == summary.scenarios == 20
    assert summary.statuses["COMPLETED"] > 0
    assert not summary.raised


@pytest.mark.parametrize("name", [OfOrder, "OfOrder"])
def test_an_id_goes_by_class_or_type_name(name: Any) -> None:
    openings = Openings(workflow=OfOrder, values=Values(workflow_ids={name: "order/7"}))
    assert openings.chosen(Sampled(random.Random(0))).workflow_id == "order/7"
    others = Openings(workflow=OfOrder, values=Values(workflow_ids={"Other": "order/7"}))
    assert others.chosen(Sampled(random.Random(0))).workflow_id == "explored"


@pytest.mark.parametrize("wrong", [7, ""])
def test_what_is_no_id_is_refused(wrong: Any) -> None:
    openings = Openings(workflow=OfOrder, values=Values(workflow_ids={OfOrder: wrong}))
    with pytest.raises(ValuesError, match=r"id of workflow 'OfOrder': expected a text that is not empty"):
        openings.chosen(Sampled(random.Random(0)))
