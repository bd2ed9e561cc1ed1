"""A name of the user's own values that matches nothing is noted, and what there is instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow

from replaykit.config import Config, ExploreConfig, WorkerConfig
from replaykit.explore.run import Effort, run_explore
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.unmet import Names, names_of, unmet
from tests.explore.learning_workflows import Tiered
from tests.explore.test_run import Watching

ROOT = Path(__file__).resolve().parents[2]
MISSPELLED = Values(activities={"lokup": {}}, signals={"approve": ()}, inputs={Tiered: {"customer": 1}})


@workflow.defn(name="waiting")
class Waiting:
    @workflow.run
    async def run(self) -> None:
        pass

    @workflow.signal
    def approve(self) -> None: ...

    @workflow.update
    def change(self) -> None: ...

    @workflow.query
    def state(self) -> str:
        return ""


def noted(own: Values, *, asked: Any = lambda values: None) -> list[str]:
    used = Values()
    asked(used)
    return list(unmet([names_of(own, used, Waiting)]))


@pytest.mark.parametrize(
    ("own", "note"),
    [
        ({"signals": {"aprove": ()}}, "signal 'aprove' has no handler; handlers are there for approve"),
        ({"updates": {"chagne": ()}}, "update 'chagne' has no handler; handlers are there for change"),
        ({"queries": {"stat": ()}}, "query 'stat' has no handler; handlers are there for state"),
        ({"inputs": {"Waiting": ()}}, "workflow 'Waiting' is not there; explored were waiting"),
        ({"workflow_ids": {Tiered: "a"}}, "workflow 'Tiered' is not there; explored were waiting"),
        ({"last_results": {Tiered: 1}}, "workflow 'Tiered' is not there; explored were waiting"),
    ],
)
def test_what_no_workflow_has_is_noted(own: Any, note: str) -> None:
    (field,) = own
    assert noted(Values(**own)) == [f"Values({field}=...): {note}"]


def test_an_activity_that_was_never_asked_for_is_noted_with_those_that_were() -> None:
    def ask(values: Values) -> None:
        values.activity_result("charge", str)
        values.activity_result("ship", str)

    assert noted(Values(activities={"chrage": "ok", "ship": "ok"}), asked=ask) == [
        "Values(activities=...): activity 'chrage' was never asked for; asked for were charge, ship"
    ]


def test_a_child_and_an_operation_are_noted_too() -> None:
    def ask(values: Values) -> None:
        values.child_result("Refund", str)
        values.nexus_result("bank.pay", str)

    own = Values(children={"Refnd": 1}, nexus={"pay": 1, "bank.pay": 1, "bank.apy": 1})
    assert noted(own, asked=ask) == [
        "Values(children=...): child 'Refnd' was never started; started were Refund",
        "Values(nexus=...): Nexus operation 'bank.apy' was never started; started were bank.pay",
    ]


def test_nothing_is_noted_where_nothing_was_asked_for_or_another_workflow_met_it() -> None:
    assert noted(Values(activities={"charge": 1}, signals={"approve": ()}, inputs={Waiting: ()})) == []
    given = names_of(Values(signals={"go": ()}), Values(), Waiting)
    other = Names(given=given.given, met={**given.met, "signals": frozenset({"go"})})
    assert list(unmet([given, other])) == []
    assert len(list(unmet([given]))) == 1


class Noting(Watching):
    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.mark.exhaustive
@pytest.mark.parametrize("names", [(), pytest.param(("Tiered",), marks=pytest.mark.exhaustive)])
@pytest.mark.thinned(2)
def test_an_exploration_of_every_workflow_ends_with_the_notes(names: tuple[str, ...]) -> None:
    worker = WorkerConfig(workflows=("tests.explore.learning_workflows",))
    explore = ExploreConfig(values=f"{__name__}:MISSPELLED")
    config, watching = Config(root=ROOT, workers=(worker,), explore=explore), Noting()
    run_explore(config, names, Effort(seconds=20, scenarios=10), watcher=watching)
    expected = ["Values(activities=...): activity 'lokup' was never asked for; asked for were lookup"]
    assert watching.notes == ([] if names else expected)
