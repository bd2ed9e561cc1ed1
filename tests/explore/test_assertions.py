"""Exploration as a test of the user's own: green, red with a story, and the fixture that is kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.errors import WorkflowCodeError
from replaykit.explore import Counterexample, Values, assert_deterministic, compatible
from replaykit.explore.classes import worker_of
from replaykit.history import find_fixtures, read_history
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome
from tests.gallery.order import v1, v2, v3
from tests.pairs.pair import ROOT

OPTIONS: dict[str, Any] = {"max_examples": 20, "workflow_runner": UnsandboxedWorkflowRunner()}


SOON = timedelta(seconds=10)
RUNS = itertools.count()


@workflow.defn
class Changing:
    """Asks for another activity in each run of the code, or for the same with another argument."""

    @workflow.run
    async def run(self, by_argument: bool) -> None:
        run = next(RUNS)
        name = "even" if by_argument or run % 2 == 0 else "odd"
        await workflow.execute_activity(name, run, start_to_close_timeout=SOON)


@workflow.defn(name="OrderWorkflowV2")
class Renamed:
    @workflow.run
    async def run(self, order_id: str) -> None: ...


@workflow.defn(dynamic=True)
class AnyOrder:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None: ...


@pytest.mark.exhaustive
@pytest.mark.parametrize("release", [v1, v2, v3], ids=["v1", "v2", "v3"])
@pytest.mark.thinned(3)
def test_every_release_of_the_order_agrees_with_itself(release: Any) -> None:
    assert_deterministic(release.OrderWorkflow, **OPTIONS)


def test_a_guarded_change_is_compatible() -> None:
    compatible(old=v1.OrderWorkflow, new=v3.OrderWorkflow, **OPTIONS)


def test_an_unguarded_change_is_reported_with_story_line_and_cure(tmp_path: Path) -> None:
    with pytest.raises(Counterexample) as raised:
        compatible(old=v1.OrderWorkflow, new=v2.OrderWorkflow, keep=tmp_path, **OPTIONS)
    text, verdict = str(raised.value), raised.value.verdict
    assert text.startswith("OrderWorkflow cannot take over every run of OrderWorkflow. This story shows it:")
    assert str(raised.value.grown.scenario) in text
    assert "tests/gallery/order/v2.py:" in text
    assert "workflow.patched(" in text
    assert verdict.outcome is Outcome.DIVERGED

    (kept,) = find_fixtures([tmp_path])
    assert f"kept as {kept}" in text
    worker = worker_of([v2.OrderWorkflow], workflow_runner=UnsandboxedWorkflowRunner())
    with ReplaySession(worker, root=ROOT, timeout_s=20) as session:
        again = session.judge(read_history(kept), name="kept")
    assert again.outcome is Outcome.DIVERGED
    assert again.divergence is not None
    assert verdict.divergence is not None
    assert again.divergence.source == verdict.divergence.source


@pytest.mark.parametrize("by_argument", [True, False], ids=["drift", "divergence"])
def test_code_that_differs_from_itself_gets_no_cure_to_guard_a_change(by_argument: bool) -> None:
    """Nothing was changed, so there is nothing to guard."""
    values = Values(inputs={Changing: (by_argument,)})
    with pytest.raises(Counterexample) as raised:
        assert_deterministic(Changing, values=values, **OPTIONS)
    text, verdict = " ".join(str(raised.value).split()), raised.value.verdict
    assert verdict.outcome is (Outcome.DRIFTED if by_argument else Outcome.DIVERGED)
    kinds = [verdict.divergence.suggestion_kind] if verdict.divergence is not None else []
    assert kinds == ([] if by_argument else [None])
    assert "patched" not in text
    assert "the same code answers differently each time" in text
    assert text.count("module globals, sets, random, clocks, threads") == 1
    assert "`replaykit replay --perturb`" in text


def test_a_new_version_of_another_type_is_refused_up_front() -> None:
    with pytest.raises(WorkflowCodeError) as raised:
        compatible(old=v1.OrderWorkflow, new=Renamed, **OPTIONS)
    assert str(raised.value) == (
        f"{__name__}.Renamed: it is registered as 'OrderWorkflowV2', but runs of the old version are of type "
        "'OrderWorkflow'. Give it that name: @workflow.defn(name=\"OrderWorkflow\")."
    )


@pytest.mark.exhaustive
def test_a_dynamic_workflow_takes_over_runs_of_any_type() -> None:
    with pytest.raises(Counterexample):
        compatible(old=v1.OrderWorkflow, new=AnyOrder, **OPTIONS)


def across() -> None:
    compatible(old=v1.OrderWorkflow, new=v2.OrderWorkflow, **OPTIONS)


def itself() -> None:
    assert_deterministic(Changing, **OPTIONS)


def under_another_name() -> None:
    compatible(old=v1.OrderWorkflow, new=Renamed, **OPTIONS)


@pytest.mark.parametrize("test", [across, itself, under_another_name])
def test_a_failing_test_shows_no_line_of_replaykit(test: Callable[[], None]) -> None:
    with pytest.raises((Counterexample, WorkflowCodeError)) as raised:
        test()
    assert [entry.path for entry in raised.traceback.filter(raised)] == [Path(__file__)] * 2
