"""Makes a story as small as it gets: no step can be left out, nothing fails needlessly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.handlers import Functions
from replaykit.explore.growing.openings import plainer_openings
from replaykit.explore.growing.results import ResultTypes
from replaykit.explore.scenario import Failure, Scenario, Step, StepKind, Subject
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.signatures import workflow_name

__all__ = ["Simplify", "is_smaller", "shrunk"]

Try = Callable[[Scenario], "Grown | None"]
"""Grows a scenario; None where it no longer shows what it is about."""


def shrunk(grown: Grown, attempt: Try, simplify: Callable[[Scenario], Iterator[Scenario]]) -> Grown:
    """The smallest story found that still shows the same.

    Args:
        grown: One that shows it.
        attempt: Whether a smaller one still does.
        simplify: Offers simpler values.

    Returns:
        A story of which no single step can be left out.
    """
    best = grown
    while True:
        tried = map(attempt, _smaller(best.scenario, simplify))
        smaller = next((g for g in tried if g is not None and is_smaller(g.scenario, best.scenario)), None)
        if smaller is None:
            return best
        best = smaller


def is_smaller(one: Scenario, other: Scenario) -> bool:
    """Whether one story is shorter than another, or as short and plainer."""
    return _size(one) < _size(other)


def _size(scenario: Scenario) -> tuple[int, int, int, int, str]:
    """What smaller means: fewer steps first of all, then fewer that are odd, then shorter values."""
    steps = scenario.steps
    return (
        len(steps),
        sum(step.together for step in steps),
        sum(step.failure is not None or step.kind in _ODD for step in steps),
        len(str(scenario)) + scenario.opening.seed,
        str(scenario),
    )


_ODD = frozenset({StepKind.TIMES_OUT, StepKind.TASK_FAILS, StepKind.TASK_TIMES_OUT, StepKind.CANCEL})


def _smaller(scenario: Scenario, simplify: Callable[[Scenario], Iterator[Scenario]]) -> Iterator[Scenario]:
    steps = scenario.steps
    length = len(steps)
    chunk = length // 2
    while chunk > 1:
        for start in range(0, length, chunk):
            yield dataclasses.replace(scenario, steps=steps[:start] + steps[start + chunk :])
        chunk //= 2
    for index in reversed(range(length)):
        yield dataclasses.replace(scenario, steps=steps[:index] + steps[index + 1 :])
    for changed in simplify(scenario):
        if is_smaller(changed, scenario):
            yield changed


def _simpler_values(values: tuple[Any, ...], simplest: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Each value in turn made its simplest; of a dataclass, each field in turn as well."""
    for index, (value, simple) in enumerate(zip(values, simplest, strict=False)):
        for changed in (simple, *_simpler_fields(value, simple)):
            yield (*values[:index], changed, *values[index + 1 :])


def _simpler_fields(value: Any, simple: Any) -> Iterator[Any]:
    if not dataclasses.is_dataclass(value) or isinstance(value, type) or type(value) is not type(simple):
        return
    for field in dataclasses.fields(value):
        one, other = getattr(value, field.name), getattr(simple, field.name)
        if field.init and one != other:
            yield dataclasses.replace(value, **{field.name: other})


class Simplify:
    """Offers scenarios that are simpler in one place.

    Args:
        workflow_class: The workflow.
        values: The user's own values.
        results: What the code expects of each result.
        handlers: The handlers that the code itself has set in any run so far.
    """

    def __init__(
        self,
        workflow_class: type,
        values: Values,
        results: ResultTypes,
        handlers: Functions | None = None,
    ) -> None:
        self._class = workflow_class
        self._values = values
        self._results = results
        self._handlers: Functions = {} if handlers is None else handlers

    def __call__(self, scenario: Scenario) -> Iterator[Scenario]:
        opening = scenario.opening
        if not opening.continued_from and workflow_name(self._class) in (opening.workflow_type, None):
            simplest = self._values.workflow_input(self._class).simplest()
            yield dataclasses.replace(scenario, opening=dataclasses.replace(opening, values=simplest))
            for values in _simpler_values(opening.values, simplest):
                yield dataclasses.replace(scenario, opening=dataclasses.replace(opening, values=values))
        for plainer in plainer_openings(opening):
            yield dataclasses.replace(scenario, opening=plainer)
        if opening.seed:
            yield dataclasses.replace(scenario, opening=dataclasses.replace(opening, seed=0))
        for index, step in enumerate(scenario.steps):
            for simpler in self._steps(step):
                steps = (*scenario.steps[:index], simpler, *scenario.steps[index + 1 :])
                yield dataclasses.replace(scenario, steps=steps)

    def _steps(self, step: Step) -> Iterator[Step]:
        if step.together:
            yield dataclasses.replace(step, together=False)
        if step.kind is StepKind.COMPLETES or (step.failure is not None and step.target is not None):
            value = self._simplest_result(step)
            yield dataclasses.replace(step, kind=StepKind.COMPLETES, values=(value,), failure=None)
            for values in _simpler_values(step.values, (value,)):
                yield dataclasses.replace(step, values=values)
        if step.failure is not None:
            yield dataclasses.replace(step, failure=Failure(retryable=step.failure.retryable))
        if step.kind in (StepKind.SIGNAL, StepKind.UPDATE, StepKind.QUERY):
            shape = {
                StepKind.SIGNAL: self._values.signal_arguments,
                StepKind.UPDATE: self._values.update_arguments,
                StepKind.QUERY: self._values.query_arguments,
            }[step.kind]
            own = self._handlers.get(step.kind, {}).get(step.name)
            simplest = shape(self._class, step.name, own).simplest()
            yield dataclasses.replace(step, values=simplest)
            for values in _simpler_values(step.values, simplest):
                yield dataclasses.replace(step, values=values)

    def _simplest_result(self, step: Step) -> Any:
        assert step.target is not None
        target, hint = step.target, self._results.of(step.target)
        if target.subject is Subject.CHILD:
            return self._values.child_result(target.name, hint).simplest()
        if target.subject is Subject.NEXUS:
            return self._values.nexus_result(target.name, hint).simplest()
        return self._values.activity_result(target.name, hint).simplest()
