"""A director for tests: chooses at random, from a seed alone."""

from __future__ import annotations

import dataclasses
import functools
import random
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from replaykit.explore.growing.grow import Situation
from replaykit.explore.growing.service import Ledger, Possible
from replaykit.explore.scenario import Failure, Step, StepKind, Subject, Target

__all__ = ["AtRandom", "Draw", "value_of"]

_K = StepKind
_GOES_WELL = frozenset({_K.COMPLETES, _K.FIRES, _K.BEGINS, _K.DELIVERED})
_AT_ONCE = frozenset({Subject.CHILD, Subject.SIGNAL, Subject.CANCEL})
"""What a service does by itself, within milliseconds of the workflow task that asked for it."""
_WORDS = ("a", "bb", "")
_NUMBERS = (0, 1, 5, -3, 100)

Draw = Callable[[random.Random], Any]
"""Chooses a value."""


def value_of(hint: Any, chance: random.Random) -> Any:
    """A value of that type; None for types that the gallery does not use."""
    plain: Mapping[Any, Draw] = {
        str: lambda r: r.choice(_WORDS),
        int: lambda r: r.choice(_NUMBERS),
        bool: lambda r: r.random() < 0.5,
        float: lambda r: 1.5,
    }
    if hint in plain:
        return plain[hint](chance)
    origin, of = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return [value_of(of[0], chance) for _ in range(chance.randrange(3))]
    if origin is dict:
        return {}
    if origin in (types.UnionType, typing.Union):
        return value_of(chance.choice(of), chance)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return typing.cast("Any", hint)(**{name: value_of(each, chance) for name, each in hints.items()})
    return None


class AtRandom:
    """Takes any step that is possible, those that go well more often.

    Args:
        workflow_class: Whose handlers are called.
        seed: Decides everything.
        draws: Arguments of handlers, by name, where their type alone would not do.
        as_a_service: Whether children start and messages arrive before anything else happens.
        calm: Whether nothing goes wrong, and nothing comes from outside.
        outlives: Whether the run never comes to its timeout.
    """

    def __init__(
        self,
        workflow_class: type,
        seed: int,
        *,
        draws: Mapping[str, Draw] | None = None,
        as_a_service: bool = False,
        calm: bool = False,
        outlives: bool = False,
    ) -> None:
        self.chance = random.Random(seed)
        self.ledger: Ledger | None = None
        """Of the run that it directed last."""
        self._definition: Any = vars(workflow_class)["__temporal_workflow_definition"]
        self._draws = draws or {}
        self._as_a_service = as_a_service
        self._calm = calm
        self._outlives = outlives
        self._reached: set[str] = set()
        """Ids of workflows that a message came to: a cancel comes to them, closed or not."""

    def next(self, situation: Situation) -> Step | None:
        self.ledger = situation.ledger
        if self._as_a_service and (step := self._at_once(situation)) is not None:
            return dataclasses.replace(step, together=situation.can_join)
        if situation.can_join and (self._calm or self.chance.random() < 0.7):
            return None
        steps: list[Callable[[], Step]] = [
            functools.partial(self._step, possible, situation)
            for possible in situation.possible
            for _ in range(self._weight(possible))
        ]
        if not self._calm:
            steps += self._from_outside(situation)
        if not steps:
            return None
        step = self.chance.choice(steps)()
        return dataclasses.replace(step, together=situation.can_join)

    def local(self, target: Target, hint: Any) -> Step:
        if not self._calm and self.chance.random() < 0.2:
            return Step(kind=_K.FAILS, target=target, failure=Failure())
        return Step(kind=_K.COMPLETES, target=target, values=(value_of(hint, self.chance),))

    def _weight(self, possible: Possible) -> int:
        if possible.kind is _K.RUN_TIMES_OUT and self._outlives:
            return 0
        if self._calm:
            return int(possible.kind in _GOES_WELL)
        return 4 if possible.kind in _GOES_WELL else 1

    def _at_once(self, situation: Situation) -> Step | None:
        waiting = [
            p
            for p in situation.possible
            if p.target is not None and p.target.subject in _AT_ONCE and not _is_running(situation, p)
        ]
        first = [p for p in waiting if p.target == waiting[0].target] if waiting else []
        if not first or self._calm:
            return self._step(first[0], situation) if first else None
        weights = [5 if p.kind in _GOES_WELL else int(not self._arrives(situation, p)) for p in first]
        step = self._step(self.chance.choices(first, weights)[0], situation)
        if step.kind is _K.DELIVERED and step.target is not None:
            self._reached.add(step.target.name.split()[0])
        return step

    def _arrives(self, situation: Situation, possible: Possible) -> bool:
        """Whether it is a cancel that a service always delivers: of a child, or of a workflow that exists."""
        if possible.target is None or possible.target.subject is not Subject.CANCEL:
            return False
        event = situation.ledger.events[situation.ledger.pending[possible.target].event_id - 1]
        asked = event.request_cancel_external_workflow_execution_initiated_event_attributes
        return asked.child_workflow_only or possible.target.name in self._reached

    def _step(self, possible: Possible, situation: Situation) -> Step:
        values: tuple[Any, ...] = ()
        if possible.wants_value or possible.kind is _K.HEARTBEATS:
            assert possible.target is not None
            values = (value_of(situation.results.of(possible.target), self.chance),)
        failure = None
        if possible.wants_failure:
            failure = Failure(retryable=possible.retries and self.chance.random() < 0.5)
        return Step(
            kind=possible.kind,
            target=possible.target,
            timeout=possible.timeout,
            values=values,
            failure=failure,
        )

    def _from_outside(self, situation: Situation) -> list[Callable[[], Step]]:
        steps: list[Callable[[], Step]] = []
        for kind, handlers in (
            (_K.SIGNAL, self._definition.signals),
            (_K.UPDATE, self._definition.updates),
            (_K.QUERY, self._definition.queries),
        ):
            for name, handler in handlers.items():
                names = (name,) if name else ("Fanfare",)  # a dynamic handler takes every name
                if not names[0].startswith("__temporal"):
                    steps.append(functools.partial(self._message, kind, names[0], handler))
        if self.chance.random() < 0.05:
            steps.append(lambda: Step(kind=_K.CANCEL))
        if self.chance.random() < 0.02:
            steps.append(lambda: Step(kind=_K.RUN_TERMINATED))
        if situation.can_join and self.chance.random() < 0.15:
            steps += [lambda: Step(kind=_K.TASK_FAILS), lambda: Step(kind=_K.TASK_TIMES_OUT)]
        return steps

    def _message(self, kind: StepKind, name: str, handler: Any) -> Step:
        if name in self._draws:
            values = (self._draws[name](self.chance),)
        elif handler.name is None:
            values = ("Ada",)
        else:
            values = tuple(value_of(hint, self.chance) for hint in handler.arg_types or ())
        return Step(kind=kind, name=name, values=values)


def _is_running(situation: Situation, possible: Possible) -> bool:
    assert possible.target is not None
    return situation.ledger.pending[possible.target].is_started
