"""Runs from before a patch: grown on purpose, since `patched` answers True where nothing is replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from replaykit.capture import quiet_runtime
from replaykit.config import StrictPolicy
from replaykit.explore import Values, assert_deterministic
from replaykit.explore.assertions import compatible
from replaykit.explore.classes import worker_of
from replaykit.explore.counterexample import Counterexample
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.engine import Engine
from replaykit.explore.growing.grow import Grown, Scripted, grow
from replaykit.explore.growing.openings import Openings, mentioned_by
from replaykit.explore.growing.results import ResultTypes
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Opening, Scenario, Step, StepKind, Subject, Target
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.shrink import Simplify
from replaykit.history import event_name
from replaykit.replay.markers import patch_of
from replaykit.replay.session import ReplaySession
from tests.explore.gallery_workflows import ROOT
from tests.explore.predating_workflows import (
    AskedAndDeprecated,
    AsksInLoop,
    AsksLate,
    DeprecatedTooSoon,
    Guarded,
    NoPatch,
    OldPathChanged,
    OldPathGone,
    TwoPatches,
    TwoPatchesOneGone,
)

UNSANDBOXED = UnsandboxedWorkflowRunner()


def _exhaustive(*values: object) -> Any:
    return pytest.param(*values, marks=pytest.mark.exhaustive)


class Engines:
    """Warm and cold, started once for each class."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._engines: dict[tuple[type, type], Engine] = {}

    def of(self, workflow_class: type, kind: type[Warm] | type[Cold]) -> Engine:
        key = workflow_class, kind
        if key not in self._engines:
            worker = worker_of([workflow_class], workflow_runner=UNSANDBOXED)
            self._engines[key] = self._stack.enter_context(closing(kind(worker, root=ROOT)))
        return self._engines[key]

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    engines = Engines()
    yield engines
    engines.close()


def grown(engine: Engine, workflow_type: str, predates: Sequence[str], steps: Sequence[Step]) -> Grown:
    opening = Opening(workflow_type=workflow_type, predates=tuple(predates))
    return grow(engine, opening, Scripted(steps))


def activities(found: Grown) -> list[str]:
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in found.history.events
        if event_name(event) == "ActivityTaskScheduled"
    ]


def markers(found: Grown) -> list[str]:
    return [patch.patch_id for event in found.history.events if (patch := patch_of(event)) is not None]


@pytest.mark.parametrize(
    ("workflow_class", "predates", "steps", "asked", "marked"),
    [
        (Guarded, (), ("tax", "ship"), ["tax", "ship"], ["tax"]),
        (Guarded, ("tax",), ("old-tax", "ship"), ["old-tax", "ship"], []),
        (TwoPatches, ("first",), ("charge", "mail"), ["charge", "mail"], ["second"]),
        (TwoPatches, ("second",), ("check", "charge"), ["check", "charge"], ["first"]),
        (TwoPatches, ("first", "second"), ("charge",), ["charge"], []),
        (AsksLate, ("late",), ("reserve", "ship"), ["reserve", "ship"], []),
        (AsksInLoop, ("loop",), ("old", "old", "old"), ["old"] * 3, []),
        (AskedAndDeprecated, ("both",), ("old", "end"), ["old", "end"], []),
        (AskedAndDeprecated, (), ("new", "end"), ["new", "end"], ["both"]),
    ],
)
def test_such_a_run_goes_the_old_way_warm_and_cold_and_core_agrees(
    engines: Engines,
    workflow_class: type,
    predates: Sequence[str],
    steps: Sequence[str],
    asked: list[str],
    marked: list[str],
) -> None:
    script = _numbered(steps)
    cold = grown(engines.of(workflow_class, Cold), workflow_class.__name__, predates, script)
    for _ in range(2):  # the first run of a warm engine is a cold one
        warm = grown(engines.of(workflow_class, Warm), workflow_class.__name__, predates, script)
        assert warm.history.events == cold.history.events
    assert activities(cold) == asked
    assert markers(cold) == marked
    assert cold.history.status == "COMPLETED"
    assert cold.failure is None
    assert cold.problem == ""
    assert _plain_failure(workflow_class, cold) is None
    worker = worker_of([workflow_class], workflow_runner=UNSANDBOXED)
    with ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy()) as session:
        assert str(session.judge(cold.history, name="grown").outcome) == "consistent"


def _numbered(names: Sequence[str]) -> Sequence[Step]:
    return [
        Step(
            kind=StepKind.COMPLETES,
            target=Target(subject=Subject.ACTIVITY, name=name, nth=names[: at + 1].count(name)),
            values=("done",),
        )
        for at, name in enumerate(names)
    ]


def _plain_failure(workflow_class: type, found: Grown) -> Exception | None:
    async def replayed() -> Exception | None:
        replayer = Replayer(
            workflows=[workflow_class],
            build_id="predating",
            runtime=quiet_runtime(),
            workflow_runner=UNSANDBOXED,
        )
        history = WorkflowHistory(found.history.workflow_id or "", found.history.events)
        result = await asyncio.wait_for(replayer.replay_workflow(history, raise_on_replay_failure=False), 20)
        return result.replay_failure

    return asyncio.run(replayed())


def test_the_same_engine_judges_as_a_worker_would(engines: Engines) -> None:
    """What is answered in growth is answered in no replay that judges: there the markers alone decide."""
    cold = engines.of(Guarded, Cold)
    assert isinstance(cold, Cold)
    new = grown(cold, "Guarded", (), _numbered(("tax", "ship")))
    grown(cold, "Guarded", ("tax",), _numbered(("old-tax", "ship")))
    assert str(cold.session.judge(new.history, name="new").outcome) == "consistent"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (Guarded, DeprecatedTooSoon, "Guarded starts with (), from before the patch 'tax'"),
        _exhaustive(Guarded, OldPathGone, "Guarded starts with (), from before the patch 'tax'"),
        _exhaustive(Guarded, OldPathChanged, "Guarded starts with (), from before the patch 'tax'"),
        _exhaustive(
            TwoPatches, TwoPatchesOneGone, "TwoPatches starts with (), from before the patch 'first'"
        ),
    ],
)
def test_a_change_that_breaks_only_them_is_found_and_named(
    engines: Engines, old: type, new: type, line: str
) -> None:
    engine = engines.of(old, Warm)
    assert isinstance(engine, Warm)
    with ReplaySession(worker_of([new], workflow_runner=UNSANDBOXED), root=ROOT, timeout_s=20) as session:
        judge = GrownJudge(session, old=engine.cold.session)
        search = Search(FromStart(engine, old, Values()), judge)
        found = search.run(Budget(seconds=600, scenarios=60), workflow_type=old.__name__)
    assert [str(finding.grown.scenario.opening) for finding in found.findings] == [line]


@pytest.mark.parametrize(
    "workflow_class",
    [TwoPatches, *map(_exhaustive, (Guarded, AsksLate, AsksInLoop, AskedAndDeprecated))],
)
@pytest.mark.thinned(4)
def test_code_that_keeps_both_paths_alarms_nobody(engines: Engines, workflow_class: type) -> None:
    engine = engines.of(workflow_class, Warm)
    worker = worker_of([workflow_class], workflow_runner=UNSANDBOXED)
    with ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy()) as session:
        search = Search(FromStart(engine, workflow_class, Values()), GrownJudge(session))
        found = search.run(Budget(seconds=600, scenarios=40), workflow_type=workflow_class.__name__)
    assert found.findings == []
    assert found.started == found.scenarios
    assert engine.heard.patches.seen


@pytest.mark.exhaustive
def test_assertions_find_it_too() -> None:
    with pytest.raises(Counterexample, match="from before the patch 'tax'"):
        compatible(old=Guarded, new=DeprecatedTooSoon, workflow_runner=UNSANDBOXED, max_examples=400)


@pytest.mark.exhaustive
def test_assertions_alarm_nobody() -> None:
    assert_deterministic(TwoPatches, workflow_runner=UNSANDBOXED, max_examples=60)
    compatible(old=TwoPatches, new=TwoPatches, workflow_runner=UNSANDBOXED, max_examples=60)


class Fixed:
    """A chooser whose answers are all the largest."""

    def integer(self, low: int, high: int) -> int:
        return high

    def given(self, strategy: object) -> object:
        raise AssertionError(strategy)


def test_only_code_that_asks_about_patches_is_asked_which() -> None:
    patches = ("a", "b")
    asks = Openings(workflow=Guarded, values=Values(), mentions=mentioned_by(Guarded))
    never = Openings(workflow=NoPatch, values=Values(), mentions=mentioned_by(NoPatch))
    assert asks.chosen(Fixed(), patches).predates == patches
    assert never.chosen(Fixed(), patches).predates == ()
    assert asks.chosen(Fixed(), ()).predates == ()


def test_each_smaller_set_is_offered_and_the_empty_one_first() -> None:
    simpler = Simplify(Guarded, Values(), ResultTypes())
    scenario = Scenario(opening=Opening(workflow_type="Guarded", predates=("a", "b", "c")))
    offered = [
        each.opening.predates for each in simpler(scenario) if each.opening.predates != ("a", "b", "c")
    ]
    assert offered == [(), ("b", "c"), ("a", "c"), ("a", "b")]


def test_a_story_names_every_patch_that_its_run_is_from_before() -> None:
    opening = Opening(workflow_type="Order", values=(1,), predates=("tax", "mail"))
    assert str(opening) == "Order starts with (1), from before the patches 'tax' and 'mail'"
