"""Handlers that code sets while it runs are called as those are that its class declares."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner

from replaykit.explore import Values, assert_deterministic
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.engine import Engine
from replaykit.explore.growing.grow import Grown, Scripted, grow
from replaykit.explore.growing.resume import Recorded
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Opening, Step, StepKind, Subject, Target
from replaykit.explore.searching.choices import Choices
from replaykit.explore.searching.growers import FromHistories, FromStart
from replaykit.explore.values.unmet import names_of, unmet
from replaykit.history import event_name
from replaykit.replay.sdk.instance import handlers_set
from tests.explore.gallery_workflows import ROOT
from tests.explore.setting_workflows import Agent, SetsLate, Turn

UNSANDBOXED = UnsandboxedWorkflowRunner()
_K = StepKind
FIRST = Step(kind=_K.COMPLETES, target=Target(subject=Subject.ACTIVITY, name="first"), values=(None,))
Started = Callable[..., Engine]


@pytest.fixture
def started() -> Iterator[Started]:
    engines: list[Engine] = []

    def start(
        workflow: type, kind: type[Warm] | type[Cold] = Warm, runner: WorkflowRunner | None = UNSANDBOXED
    ) -> Engine:
        engines.append(kind(worker_of([workflow], workflow_runner=runner), root=ROOT))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def grown_of(engine: Engine, workflow: type, *, values: Values | None = None, count: int = 40) -> list[Grown]:
    grower = FromStart(engine, workflow, values or Values())
    return [grower.fresh(Choices((), random.Random(seed))) for seed in range(count)]


def messages(grown: list[Grown]) -> Counter[tuple[StepKind, str]]:
    steps = (step for each in grown for step in each.scenario.steps)
    return Counter((step.kind, step.name) for step in steps if step.kind in (_K.SIGNAL, _K.UPDATE, _K.QUERY))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("runner", [UNSANDBOXED, pytest.param(None, id="sandboxed")])
@pytest.mark.parametrize("kind", [Warm, Cold])
def test_they_are_called_with_what_their_hints_say(
    started: Started, kind: type[Warm] | type[Cold], runner: WorkflowRunner | None
) -> None:
    grown = grown_of(started(Agent, kind, runner), Agent, count=12)
    assert set(messages(grown)) == {(_K.UPDATE, "say"), (_K.SIGNAL, "close"), (_K.QUERY, "turns")}
    words = [step.values for each in grown for step in each.scenario.steps if step.name == "say"]
    assert all(type(turn) is Turn for (turn,) in words)
    closed = [step.values for each in grown for step in each.scenario.steps if step.name == "close"]
    assert set(closed) == {()}
    assert any(
        event_name(event) == "ActivityTaskScheduled" for each in grown for event in each.history.events
    )
    assert {each.history.status for each in grown} >= {"COMPLETED"}
    assert not any(each.is_stuck for each in grown)


def test_only_while_they_are_set_and_as_they_are_set_then(started: Started) -> None:
    grown = grown_of(started(SetsLate), SetsLate)
    assert set(messages(grown)) == {(_K.SIGNAL, "late"), (_K.SIGNAL, "note")}
    for each in grown:
        steps = each.scenario.steps
        first = next((at for at, step in enumerate(steps) if step.target == FIRST.target), len(steps))
        second = [at for at, step in enumerate(steps) if step.target and step.target.name == "second"]
        for at, step in enumerate(steps):
            assert step.name != "late" or (first < at and not (second and second[0] < at))
            if step.name == "note" and at <= first:
                assert isinstance(step.values[0], int)
    notes = {type(step.values[0]) for each in grown for step in each.scenario.steps if step.name == "note"}
    assert notes == {int, Turn}


def test_a_run_that_was_not_asked_yet_knows_nothing_of_the_one_before(started: Started) -> None:
    """For Hypothesis the same choices have to make the same History."""
    engine = started(Agent)
    first, *_ = grown_of(engine, Agent, count=1)
    grown_of(engine, Agent, count=5)
    again, *_ = grown_of(engine, Agent, count=1)
    assert again.scenario == first.scenario


def test_the_users_own_values_are_theirs_too_and_no_note_is_made_of_them(started: Started) -> None:
    own = Values(updates={"say": (Turn("hello"),)}, signals={"clsoe": ()})
    engine = started(Agent)
    grown = grown_of(engine, Agent, values=own, count=12)
    words = [step.values for each in grown for step in each.scenario.steps if step.name == "say"]
    assert {turn.text for (turn,) in words} == {"hello"}
    names = names_of(own, Values(), Agent, engine.heard.handlers.known.values())
    assert list(unmet([names])) == [
        "Values(signals=...): signal 'clsoe' has no handler; handlers are there for close"
    ]


def test_their_arguments_get_simple_as_others_do(started: Started) -> None:
    engine = started(Agent)
    grower = FromStart(engine, Agent, Values())
    opening = Opening(workflow_type="Agent")
    grown = grow(engine, opening, Scripted([Step(kind=_K.UPDATE, name="say", values=(Turn("long"),))]))
    grown_of(engine, Agent, count=3)
    simpler = [scenario.steps[0].values for scenario in grower.simpler(grown.scenario) if scenario.steps]
    assert (Turn(""),) in simpler


def test_a_recorded_run_goes_on_with_them(started: Started) -> None:
    waiting = grow(started(Agent), Opening(workflow_type="Agent"), Scripted(()))
    engine = started(Agent, Cold)
    assert isinstance(engine, Cold)
    recorded = Recorded.of(engine.session.record(waiting.history))
    grower = FromHistories(engine, Agent, Values(), [recorded])
    grown = [grower.fresh(Choices((), random.Random(seed))) for seed in range(15)]
    first = {each.scenario.steps[0].name for each in grown if each.scenario.steps}
    assert first >= {"say", "close"}


def test_with_hypothesis() -> None:
    assert_deterministic(Agent, max_examples=20)


def test_where_the_sdk_keeps_them_elsewhere_none_is_known() -> None:
    nothing: dict[str, Any] = {"signal": {}, "update": {}, "query": {}}
    assert handlers_set(SimpleNamespace()) == nothing
    assert handlers_set(None) == nothing
    assert handlers_set(SimpleNamespace(_signals={"go": SimpleNamespace(fn=print)})) == nothing
