"""What is annotated as never answering only fails; and what a converter cannot carry is named."""

from __future__ import annotations

from contextlib import closing

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.errors import ValuesError
from replaykit.explore import Values, assert_deterministic
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import StepKind
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.search import Budget, Exploration, Search
from tests.explore import never_workflows as never
from tests.explore.gallery_workflows import ROOT


def _explored(workflow: type, values: Values) -> tuple[Exploration, set[StepKind]]:
    engine = Warm(worker_of([workflow], workflow_runner=UnsandboxedWorkflowRunner()), root=ROOT)
    kinds: set[StepKind] = set()
    with closing(engine):
        grower = FromStart(engine, workflow, values, workflow.__name__)

        def judge(grown: Grown) -> None:
            kinds.update(step.kind for step in grown.scenario.steps)

        search = Search(grower, judge)
        return search.run(Budget(seconds=60, scenarios=40), workflow_type=workflow.__name__), kinds


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "workflow", [never.Compensates, never.CompensatesLocally, never.Polls, never.Watches]
)
def test_it_fails_and_never_completes(workflow: type) -> None:
    exploration, kinds = _explored(workflow, Values())
    assert StepKind.COMPLETES not in kinds
    assert StepKind.FAILS in kinds
    assert exploration.started == 40
    assert exploration.statuses["COMPLETED"] > 10


@pytest.mark.exhaustive
def test_a_value_of_the_users_is_an_answer_for_all_that() -> None:
    _, kinds = _explored(never.Compensates, Values(activities={"always_fails": "fine"}))
    assert StepKind.COMPLETES in kinds


def test_what_the_converter_cannot_carry_is_named_with_the_cure() -> None:
    with pytest.raises(ValuesError, match=r"(?s)IPv4Address is not JSON serializable.*data_converter="):
        assert_deterministic(never.Connects, max_examples=2)
