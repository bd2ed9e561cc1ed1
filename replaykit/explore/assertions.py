"""Exploration as a test: of one version of the code, or of an old one against a new one."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.strategies import DrawFn, SearchStrategy

from replaykit.code.classes import import_root_of
from replaykit.config import StrictPolicy
from replaykit.errors import WorkflowCodeError
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Scenario
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import Judge
from replaykit.explore.searching.shrink import shrunk
from replaykit.explore.values.choosers import Drawn
from replaykit.explore.values.constants import with_constants
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.signatures import result_types, workflow_name
from replaykit.history import Store
from replaykit.replay.session import ReplaySession
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import block_of
from replaykit.verdict import Verdict

__all__ = ["Counterexample", "assert_deterministic", "compatible", "histories"]

_TIMEOUT_S = 20.0


class Counterexample(AssertionError):
    """A story that shows a divergence.

    Attributes:
        grown: The History, and the scenario that made it.
        verdict: What the replay said of it.
    """

    def __init__(self, what: str, grown: Grown, verdict: Verdict, kept: Path | None) -> None:
        self.grown = grown
        self.verdict = verdict
        told = "\n".join(plain_lines(block_of(verdict).rows))
        saved = f"\n\nkept as {kept}" if kept is not None else ""
        super().__init__(f"{what}\n\n{grown.scenario}\n\n{told}{saved}")


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
        activities: The activity functions that it calls: their return types say what values to try. Where
            the workflow calls them by function, it says so itself.
        values: What the type hints do not say.
        max_examples: How many histories.
        examples: Scenarios to try first, such as those of bugs found before.
        keep: A folder; the history that shows a difference is written there as a fixture.
        **worker: What the worker is given: `data_converter`, `interceptors`, `plugins`, `workflow_runner`,
            `workflow_failure_exception_types`.

    Raises:
        Counterexample: The code is not deterministic. Its text tells the shortest story that shows it.
        ValuesError: There is no strategy for a type hint.
    """
    __tracebackhide__ = True
    policy = StrictPolicy()
    session = ReplaySession(
        worker_of([workflow], **worker), root=import_root_of(workflow), timeout_s=_TIMEOUT_S, strict=policy
    )
    with _engine(workflow, worker) as engine, session:
        _explore(
            _Plan(workflow, engine, _told(values, workflow, activities)),
            Judge(session),
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
        activities: As for `assert_deterministic`, and so the rest.

    Raises:
        Counterexample: Some run of the old code diverges under the new. Its text tells the shortest story.
        WorkflowCodeError: The new class is registered under another name.
        ValuesError: There is no strategy for a type hint.
    """
    __tracebackhide__ = True
    _ensure_takes_over(old, new)
    session = ReplaySession(worker_of([new], **worker), root=import_root_of(new), timeout_s=_TIMEOUT_S)
    with _engine(old, worker) as engine, session:
        _explore(
            _Plan(old, engine, _told(values, old, activities)),
            Judge(session, old=engine.cold.session),
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
        workflow: The class; the rest is as for `assert_deterministic`.
    """
    engine = Warm(worker_of([workflow], **worker), root=import_root_of(workflow), timeout_s=_TIMEOUT_S)
    plan = _Plan(workflow, engine, _told(values, workflow, activities))
    weakref.finalize(plan, engine.close).atexit = False  # its threads are daemons
    return _drawn(plan)


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


class _Plan(FromStart):
    """One workflow that histories are grown of."""

    def __init__(self, workflow: type, engine: Warm, values: Values) -> None:
        super().__init__(engine, workflow, values, workflow.__name__)
        self.workflow = workflow
        self._cold = FromStart(engine.cold, workflow, values, workflow.__name__)

    def drawn(self, draw: DrawFn) -> Grown:
        source = Drawn(draw)
        # One in ten is grown by replays alone: so every prefix of it is replayed cold.
        return (self._cold if source.integer(0, 9) == 9 else self).fresh(source)


@st.composite
def _drawn(draw: DrawFn, plan: _Plan) -> Grown:
    return plan.drawn(draw)


def _told(values: Values | None, workflow: type, activities: Sequence[Callable[..., Any]]) -> Values:
    """What the user says, what the activities promise, and the constants of the workflow's module."""
    values = values or Values()
    promised = {
        name: strategy
        for name, hint in result_types(activities).items()
        if (strategy := values.of(hint, where=f"result of activity {name!r}").strategy()) is not None
    }
    return with_constants(replace(values, activities={**promised, **values.activities}), workflow)


@contextmanager
def _engine(workflow: type, worker: dict[str, Any]) -> Iterator[Warm]:
    engine = Warm(worker_of([workflow], **worker), root=import_root_of(workflow), timeout_s=_TIMEOUT_S)
    try:
        yield engine
    finally:
        engine.close()


class _Shown(Exception):
    """Inside Hypothesis: this example shows something."""


def _explore(
    plan: _Plan, judge: Judge, max_examples: int, examples: Sequence[Scenario], what: str, keep: Path | None
) -> None:
    __tracebackhide__ = True
    last: list[tuple[Grown, str]] = []

    def check(grown: Grown) -> None:
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
    )(given(_drawn(plan))(explore))
    try:
        for scenario in examples:
            check(plan.again(scenario))
        test()
    except (_Shown, Flaky):
        pass  # flaky is what such code is: what it showed once counts
    if last:
        raise _small(plan, judge, *last[-1], what, keep)


def _small(plan: _Plan, judge: Judge, grown: Grown, key: str, what: str, keep: Path | None) -> Counterexample:
    def attempt(scenario: Scenario) -> Grown | None:
        again = plan.again(scenario)
        return again if judge(again) == key else None

    best = shrunk(grown, attempt, plan.simpler)
    kept = Store(keep).save(best.history).path if keep is not None else None
    return Counterexample(what, best, judge.verdicts[key], kept)
