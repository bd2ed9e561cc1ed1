"""How a search goes: by its seed, until enough was found or nothing new turns up; how a story gets short."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.explore import Values
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Opening, Scenario, Step, StepKind
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.search import Budget, Exploration, Search
from replaykit.explore.searching.shrink import is_smaller, shrunk
from replaykit.history import History
from tests.explore.gallery_workflows import ROOT
from tests.gallery.order.v1 import OrderWorkflow
from tests.properties import LAWS


@pytest.fixture(scope="module")
def grower() -> Iterator[FromStart]:
    engine = Warm(worker_of([OrderWorkflow], workflow_runner=UnsandboxedWorkflowRunner()), root=ROOT)
    engine.lines.is_wanted = True
    yield FromStart(engine, OrderWorkflow, Values())
    engine.close()


def explored(grower: FromStart, budget: Budget, *, seed: int = 0, shows: str = "") -> Exploration:
    """A search for runs that ended with a status."""
    search = Search(grower, lambda grown: shows if grown.history.status == shows else None, seed=seed)
    return search.run(budget, workflow_type="OrderWorkflow")


def numbers_of(exploration: Exploration) -> object:
    return (
        exploration.steps,
        exploration.statuses,
        exploration.command_pairs,
        exploration.lines,
        exploration.points,
    )


@pytest.mark.exhaustive
def test_a_seed_goes_the_same_way_and_another_one_does_not(grower: FromStart) -> None:
    budget = Budget(scenarios=30)
    one, again, other = (explored(grower, budget, seed=seed) for seed in (1, 1, 2))
    assert numbers_of(one) == numbers_of(again) != numbers_of(other)


def test_what_was_reached_leads_on(grower: FromStart) -> None:
    exploration = explored(grower, Budget(scenarios=60))
    assert {"COMPLETED", "FAILED", "CANCELED"} <= set(exploration.statuses)
    assert len(exploration.command_pairs) > 5
    assert {line for file, line in exploration.lines if file.endswith("v1.py")}


@pytest.mark.exhaustive
@pytest.mark.parametrize(("shows", "patience"), [("", 40), ("COMPLETED", 10)])
def test_it_ends_where_nothing_new_turns_up_and_sooner_with_a_finding(
    grower: FromStart, shows: str, patience: int
) -> None:
    exploration = explored(grower, Budget(seconds=600, stale=40, findings=2), shows=shows)
    assert bool(exploration.findings) == bool(shows)
    assert patience < exploration.scenarios < 400


@pytest.mark.parametrize(
    ("budget", "shows", "scenarios"),
    [
        (Budget(scenarios=7), "", 7),
        (Budget(scenarios=7, findings=9), "COMPLETED", 7),
        (Budget(findings=1), "COMPLETED", 1),
        (Budget(seconds=0.0), "", 1),
    ],
)
def test_a_budget_ends_it(grower: FromStart, budget: Budget, shows: str, scenarios: int) -> None:
    assert explored(grower, budget, shows=shows).scenarios == scenarios


@pytest.mark.exhaustive
def test_the_story_of_a_finding_is_the_last_that_is_judged(grower: FromStart) -> None:
    """What a judge remembers of a key is of the story that is reported, not of a later one."""
    judged: list[Grown] = []

    def judge(grown: Grown) -> str | None:
        judged.append(grown)
        return "failed" if grown.history.status == "FAILED" else None

    exploration = Search(grower, judge).run(Budget(scenarios=40, findings=5), workflow_type="OrderWorkflow")
    (finding,) = exploration.findings
    assert judged[-1] is finding.grown
    assert len(finding.grown.scenario.steps) <= len(finding.first.steps)


class TestShrinkLaw:
    """Whatever a story needs, the shortest one is found, and nothing that it does not need is left."""

    @pytest.mark.exhaustive
    @LAWS
    @given(
        names=st.lists(st.sampled_from("abcdef"), max_size=12),
        needed=st.lists(st.sampled_from("abcdef"), max_size=4),
    )
    def test_no_step_is_left_that_is_not_needed(self, names: list[str], needed: list[str]) -> None:
        whole = _story([*names, *needed])

        def attempt(scenario: Scenario) -> Grown | None:
            left = iter(step.name for step in scenario.steps)
            return _grown(scenario) if all(name in left for name in needed) else None

        small = shrunk(_grown(whole), attempt, lambda scenario: iter(()))
        assert [step.name for step in small.scenario.steps] == needed

    @pytest.mark.exhaustive
    @LAWS
    @given(value=st.integers(0, 1000), limit=st.integers(0, 1000))
    def test_values_get_as_simple_as_they_can(self, value: int, limit: int) -> None:
        def simpler(scenario: Scenario) -> Iterator[Scenario]:
            (step,) = scenario.steps
            for less in (0, step.values[0] // 2, step.values[0] - 1):
                if 0 <= less < step.values[0]:
                    yield dataclasses.replace(scenario, steps=(dataclasses.replace(step, values=(less,)),))

        def attempt(scenario: Scenario) -> Grown | None:
            return _grown(scenario) if scenario.steps and scenario.steps[0].values[0] >= limit else None

        start = _story(["a"], values=(limit + value,))
        (step,) = shrunk(_grown(start), attempt, simpler).scenario.steps
        assert len(str(step.values[0])) == len(str(limit))
        assert step.values[0] >= limit

    def test_smaller_is_an_order(self) -> None:
        short, long = _story(["a"]), _story(["a", "b"])
        together = _story(["a", "b"], together=True)
        assert is_smaller(short, long)
        assert not is_smaller(long, short)
        assert is_smaller(long, together)
        assert not is_smaller(long, long)


def _story(names: list[str], **options: object) -> Scenario:
    steps = tuple(Step(kind=StepKind.SIGNAL, name=name, **options) for name in names)  # type: ignore[arg-type]
    return Scenario(opening=Opening(workflow_type="Order"), steps=steps)


def _grown(scenario: Scenario) -> Grown:
    return Grown(history=History(events=()), scenario=scenario)
