"""Exploration as a test: of one version of the code, or of an old one against a new one."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from replaykit.config import StrictPolicy
from replaykit.errors import WorkflowCodeError
from replaykit.explore.counterexample import Counterexample, NothingExplored
from replaykit.explore.growing.grow import Grown
from replaykit.explore.plan import Plan, drawn, engine_of, session_of, values_for
from replaykit.explore.scenario import Scenario
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.shrink import shrunk
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.signatures import workflow_name
from replaykit.history import Store

__all__ = ["assert_deterministic", "compatible", "histories"]


def assert_deterministic(
    workflow: type,
    *,
    activities: Sequence[Callable[..., Any]] = (),
    values: Values | None = None,
    max_examples: int = 200,
    examples: Sequence[Scenario] = (),
    keep: Path | None = None,
    **worker: Any,
) -> None:
    """Grow histories of a workflow and replay each cold, strictly: any difference is the code's own.

    Args:
        workflow: The class.
        activities: The activity functions that it calls: their return types give the values to try. Not
            needed where the workflow calls them by function.
        values: What the type hints do not show.
        max_examples: How many histories are grown at most.
        examples: Scenarios to try first, such as those of bugs found before.
        keep: A folder; the history that shows a difference is written there as a fixture.
        **worker: What the worker is given: `data_converter`, by default that of the project's
            `[tool.replaykit]`; `interceptors`, `plugins`, `workflow_runner`,
            `workflow_failure_exception_types`.

    Raises:
        Counterexample: The code is not deterministic. Its text is the shortest story that shows it.
        NothingExplored: In no scenario did the code complete its first workflow task.
        ValuesError: There is no strategy for a type hint.

    Example:
        def test_orders_are_deterministic() -> None:
            assert_deterministic(OrderWorkflow, activities=[charge, ship])
    """
    __tracebackhide__ = True
    session = session_of(workflow, worker, strict=StrictPolicy())
    with closing(engine_of(workflow, worker)) as engine, session:
        _explore(
            Plan(workflow, engine, values_for(values, workflow, activities)),
            GrownJudge(session),
            max_examples,
            examples,
            f"{workflow_name(workflow) or workflow.__name__} is not deterministic. This story shows it:",
            keep,
        )


def compatible(
    *,
    old: type,
    new: type,
    activities: Sequence[Callable[..., Any]] = (),
    values: Values | None = None,
    max_examples: int = 200,
    examples: Sequence[Scenario] = (),
    keep: Path | None = None,
    **worker: Any,
) -> None:
    """Grow histories by an old version of a workflow and replay them against a new one.

    Args:
        old: The class as it runs now.
        new: The class that shall take over its runs, registered under the same name.
        activities: The activity functions that the old class calls: their return types give the values to
            try. Not needed where it calls them by function.
        values: What the type hints do not show.
        max_examples: How many histories are grown at most.
        examples: Scenarios to try first, such as those of bugs found before.
        keep: A folder; the history that shows a divergence is written there as a fixture.
        **worker: What the workers are given: `data_converter`, by default that of the project's
            `[tool.replaykit]`; `interceptors`, `plugins`, `workflow_runner`,
            `workflow_failure_exception_types`.

    Raises:
        Counterexample: Some run of the old code diverges under the new. Its text is the shortest story.
        NothingExplored: In no scenario did the code complete its first workflow task.
        WorkflowCodeError: The new class is registered under another name.
        ValuesError: There is no strategy for a type hint.

    Example:
        def test_the_next_release_takes_over_running_orders() -> None:
            compatible(old=OrderWorkflowV1, new=OrderWorkflowV2)
    """
    __tracebackhide__ = True
    _ensure_takes_over(old, new)
    with closing(engine_of(old, worker)) as engine, session_of(new, worker) as session:
        _explore(
            Plan(old, engine, values_for(values, old, activities)),
            GrownJudge(session, old=engine.cold.session),
            max_examples,
            examples,
            f"{new.__name__} cannot take over every run of {old.__name__}. This story shows it:",
            keep,
        )


def histories(
    workflow: type,
    *,
    activities: Sequence[Callable[..., Any]] = (),
    values: Values | None = None,
    **worker: Any,
) -> SearchStrategy[Grown]:
    """A Hypothesis strategy of grown histories, for tests of your own.

    Args:
        workflow: The class.
        activities: The activity functions that it calls: their return types give the values to try. Not
            needed where the workflow calls them by function.
        values: What the type hints do not show.
        **worker: What the worker is given: `data_converter`, by default that of the project's
            `[tool.replaykit]`; `interceptors`, `plugins`, `workflow_runner`,
            `workflow_failure_exception_types`.

    Returns:
        The strategy. Drawing from it runs the code of the workflow, a few milliseconds for each history.

    Raises:
        ValuesError: There is no strategy for a type hint.

    Example:
        @given(histories(OrderWorkflow, activities=[charge, ship]))
        def test_no_order_outgrows_its_history(grown: Grown) -> None:
            assert len(grown.history.events) < 50_000
    """
    engine = engine_of(workflow, worker)
    plan = Plan(workflow, engine, values_for(values, workflow, activities))
    weakref.finalize(plan, engine.close).atexit = False  # its threads are daemons
    return drawn(plan)


def _ensure_takes_over(old: type, new: type) -> None:
    """A dynamic workflow takes over runs of any type."""
    __tracebackhide__ = True
    runs, name = workflow_name(old) or old.__name__, workflow_name(new)
    if name not in (None, runs):
        raise WorkflowCodeError(
            f"it is registered as {name!r}, but runs of the old version are of type {runs!r}",
            where=f"{new.__module__}.{new.__qualname__}",
            cure=f'Give it that name: @workflow.defn(name="{runs}").',
        )


class _Shown(Exception):
    """Inside Hypothesis: this example shows something."""


def _explore(
    plan: Plan,
    judge: GrownJudge,
    max_examples: int,
    examples: Sequence[Scenario],
    what: str,
    keep: Path | None,
) -> None:
    __tracebackhide__ = True
    last: list[tuple[Grown, str]] = []
    started: list[Grown] = []
    stuck: list[Grown] = []

    def check(grown: Grown) -> None:
        (started if grown.is_started else stuck).append(grown)
        key = judge(grown)
        if key is not None:
            last.append((grown, key))
            raise _Shown(key)

    def explore(grown: Grown) -> None:
        check(grown)

    # Hypothesis keeps what it found by the name and source of the test function.
    name = f"{plan.workflow.__module__}_{plan.workflow.__qualname__}"
    explore.__name__ = explore.__qualname__ = "explore_" + re.sub(r"\W", "_", name)
    test = settings(
        max_examples=max_examples,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[phase for phase in Phase if phase is not Phase.explain],
    )(given(drawn(plan))(explore))
    try:
        for scenario in examples:
            check(plan.again(scenario))
        test()
    except (_Shown, Flaky):
        pass  # flaky is what such code is: what it showed once counts
    if last:
        raise _small(plan, judge, *last[-1], what, keep)
    refused = [grown for grown in (*stuck, *started) if grown.refused is not None]
    if not started and stuck:
        raise NothingExplored(plan.workflow, len(stuck), stuck[0])
    if refused and not any(grown.is_unhindered for grown in started):
        raise NothingExplored(plan.workflow, len(refused), refused[-1])
    if started and judge.left_out >= len(started):
        problem = next(iter(judge.problems.values()))
        raise NothingExplored(plan.workflow, len(started), problem)


def _small(
    plan: Plan, judge: GrownJudge, grown: Grown, key: str, what: str, keep: Path | None
) -> Counterexample:
    def attempt(scenario: Scenario) -> Grown | None:
        again = plan.again(scenario)
        return again if judge(again) == key else None

    best = shrunk(grown, attempt, plan.simpler)
    kept = Store(keep).save(best.history).path if keep is not None else None
    return Counterexample(what, best, judge.verdicts[key], kept)
