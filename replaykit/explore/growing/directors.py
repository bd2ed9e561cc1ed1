"""A director that chooses at random, by whatever answers its questions: Hypothesis, a seed, earlier choices.

Of every choice the first option is the simplest: what goes well, on its own, with the simplest value. So a
shrunk story is one in which little happens and nothing fails that need not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from typing_extensions import Never

from replaykit.code.mentions import Mentions
from replaykit.errors import ValuesError
from replaykit.explore.growing.grow import Situation
from replaykit.explore.growing.service import BY_OPERATORS, Possible
from replaykit.explore.scenario import Failure, Step, StepKind, Subject, Target
from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.shapes import Shape
from replaykit.explore.values.signatures import definition_of

__all__ = ["Chance", "Handlers", "by_operators", "handlers_of"]

_K = StepKind
_GOES_WELL = frozenset({_K.COMPLETES, _K.FIRES, _K.BEGINS, _K.DELIVERED})
_LENGTHS = frozenset({"get_current_history_length", "get_current_history_size"})
_NEVER = (NoReturn, Never)
_PARTS = 20
"""Likelihoods are counted in twentieths."""
_IN_A_ROW = 4
"""After so many steps from outside that change nothing, a run with nothing to wait for is left alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handlers:
    """The names of a workflow's handlers."""

    signals: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()


def handlers_of(workflow_class: type) -> Handlers:
    """The handlers that a class declares; a dynamic one has no names."""
    definition = definition_of(workflow_class)

    def names(handlers: Iterable[str | None]) -> tuple[str, ...]:
        return tuple(sorted(name for name in handlers if name and not name.startswith("__")))

    return Handlers(
        signals=names(definition.signals),
        updates=names(definition.updates),
        queries=names(definition.queries),
    )


def by_operators(mentions: Mentions) -> Sequence[StepKind]:
    """What operators do that the code can notice, by the length of its history alone.

    Args:
        mentions: What the workflow's code mentions.
    """
    return BY_OPERATORS if _LENGTHS & mentions.names else ()


class Chance:
    """Chooses every step.

    Args:
        workflow_class: The workflow whose run it is.
        values: The user's own values.
        chooser: Answers every choice.
        operators: What operators do to the run now and then, as `by_operators` has it.
    """

    def __init__(
        self,
        workflow_class: type,
        values: Values,
        chooser: Chooser,
        *,
        operators: Sequence[StepKind] = (),
    ) -> None:
        self._class = workflow_class
        self._values = values
        self._chooser = chooser
        self._handlers = handlers_of(workflow_class)
        self._operators = operators
        self._idle = 0

    def next(self, situation: Situation) -> Step | None:
        if situation.can_join and self._chooser.integer(0, 4) < 4:
            return None
        step = self._step(situation)
        if step is not None and situation.can_join:
            return dataclasses.replace(step, together=True)
        return step

    def local(self, target: Target, hint: Any) -> Step:
        if self._likely(self._values.failures) or not self._returns(target, hint):
            return Step(kind=_K.FAILS, target=target, failure=self._failure(retries=False))
        result = self._values.activity_result(target.name, hint).make(self._chooser)
        return Step(kind=_K.COMPLETES, target=target, values=(result,))

    def _step(self, situation: Situation) -> Step | None:
        possible = [p for p in situation.possible if self._can_be(p, situation)]
        well = [p for p in possible if p.kind in _GOES_WELL]
        badly = [p for p in possible if p.kind not in _GOES_WELL]
        if not well and len(possible) < len(situation.possible):
            well = [p for p in badly if p.kind is _K.FAILS]  # what else comes of code that never returns
        self._idle = 0 if well else self._idle + 1
        if badly and self._likely(self._values.failures):
            return self._from(pick(self._chooser, badly), situation)
        outside = list(self._from_outside(situation))
        # A workflow without handlers is cancelled now and then, and mostly left alone.
        has_handlers = any(kind in (_K.SIGNAL, _K.UPDATE) for kind, *_ in self._messages(situation))
        if well and (not outside or not self._likely(0.25 if has_handlers else 0.1)):
            return self._from(pick(self._chooser, well), situation)
        if not outside or self._idle > _IN_A_ROW:
            return None
        return pick(self._chooser, outside)(self)

    def _likely(self, probability: float) -> bool:
        """A coin; the simplest side is that it does not happen."""
        return self._chooser.integer(0, _PARTS - 1) >= _PARTS - round(probability * _PARTS)

    def _from(self, possible: Possible, situation: Situation) -> Step:
        values: tuple[Any, ...] = ()
        failure = None
        if possible.wants_value:
            assert possible.target is not None
            hint = situation.results.of(possible.target)
            values = (self._result(possible.target, hint).make(self._chooser),)
        if possible.kind is _K.HEARTBEATS:
            values = (self._chooser.integer(0, 9),)
        if possible.wants_failure:
            failure = self._failure(retries=possible.retries)
        return Step(
            kind=possible.kind,
            target=possible.target,
            values=values,
            failure=failure,
            timeout=possible.timeout,
        )

    def _can_be(self, possible: Possible, situation: Situation) -> bool:
        target = possible.target
        if target is None or not possible.wants_value:
            return True
        return self._returns(target, situation.results.of(target))

    def _returns(self, target: Target, hint: Any) -> bool:
        """Whether it answers at all: what is annotated so only fails, unless the user has a value for it."""
        if hint not in _NEVER:
            return True
        try:
            self._result(target, hint)
        except ValuesError:
            return False
        return True

    def _result(self, target: Target, hint: Any) -> Shape:
        if target.subject is Subject.CHILD:
            return self._values.child_result(target.name, hint)
        if target.subject is Subject.NEXUS:
            return self._values.nexus_result(target.name, hint)
        return self._values.activity_result(target.name, hint)

    def _failure(self, *, retries: bool) -> Failure:
        retryable = retries and self._likely(0.25)
        return Failure(retryable=retryable)

    def _from_outside(self, situation: Situation) -> Iterator[_Call]:
        messages = list(self._messages(situation))
        for kind, name, own in messages:
            if kind is not _K.QUERY:
                yield from [_Call(kind, name, own)] * 4
        yield _Call(_K.CANCEL, "")
        if situation.can_join:
            yield _Call(_K.TASK_FAILS, "")
            yield _Call(_K.TASK_TIMES_OUT, "")
        for kind, name, own in messages:
            if kind is _K.QUERY:
                yield _Call(kind, name, own)
        if not situation.can_join:
            yield from (_Call(kind, "") for kind in self._operators)

    def _messages(self, situation: Situation) -> Iterator[tuple[StepKind, str, Callable[..., Any] | None]]:
        """What the run takes: each kind and name, with the function that the code itself has set for it."""
        declared = {
            _K.SIGNAL: self._handlers.signals,
            _K.UPDATE: self._handlers.updates,
            _K.QUERY: self._handlers.queries,
        }
        for kind, names in declared.items():
            own = situation.handlers.get(kind, {})
            for name in (*names, *(name for name in own if name not in names)):
                yield kind, name, own.get(name)

    def call(self, kind: StepKind, name: str, own: Callable[..., Any] | None = None) -> Step:
        """A step from outside, its arguments chosen; `own` is the function that the code itself has set."""
        shapes = {
            _K.SIGNAL: self._values.signal_arguments,
            _K.UPDATE: self._values.update_arguments,
            _K.QUERY: self._values.query_arguments,
        }
        shape = shapes[kind](self._class, name, own) if kind in shapes else None
        return Step(kind=kind, name=name, values=shape.make(self._chooser) if shape is not None else ())


@dataclass(frozen=True, slots=True)
class _Call:
    kind: StepKind
    name: str
    own: Callable[..., Any] | None = None

    def __call__(self, director: Chance) -> Step:
        return director.call(self.kind, self.name, self.own)
