"""The values that workflow code draws from its run's generator: who draws them, and one drawn differently.

`workflow.random()` answers with the one generator of a run, seeded by its run id, and `workflow.uuid4()` and
the id of a child that is given none draw from it too. So one draw more shifts all values after it.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from replaykit.code.user_code import Place, is_workflow_code, line_of, outwards
from replaykit.replay.recorder import Recording
from replaykit.verdict import SourceLine
from replaykit.whose_code import part_of_sdk

__all__ = ["Draw", "Drawing", "Line"]

_API = "workflow"
"""The part of the SDK that workflow code calls."""
_FAR = 1_001
"""Words of 32 bits between the values of a draw and others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of the user's code on the way to a draw."""

    source: SourceLine
    """Its file as the interpreter knows it."""
    call: str
    """What it calls, such as `workflow.uuid4()`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """One time that the code was given the generator. It may draw any number of values then."""

    way: tuple[Line, ...]
    """The lines that came to it, innermost first."""
    task: int
    """Index of the activation, as in `Command.task`."""


@dataclass(kw_only=True, slots=True)
class Drawing:
    """Notes the draws of one replay, and may change them."""

    is_left_out: Callable[[int, Draw], bool] = lambda _number, _draw: False
    """Given a draw and its number from 0: whether it is given a copy, so that it shifts nothing after it."""
    gives_others: bool = False
    """Whether what is left out is other values besides: a command that shows them shows it."""
    one_more_before: int | None = None
    """The number of a draw before which another one is made."""
    words: int = 0
    """How much that one draws: 32 bits each, as Python's generator makes them."""
    draws: list[Draw] = field(default_factory=list)
    """Those so far, in order."""

    def around(self, recording: Recording, draw: Callable[..., Any]) -> Callable[..., Any]:
        """What is called in place of the method that gives out the generator."""

        def noting_draw(*args: Any, **kwargs: Any) -> Any:
            generator = draw(*args, **kwargs)
            number = len(self.draws)
            made = Draw(way=_way(outwards(sys._getframe(1))), task=recording.tasks)
            self.draws.append(made)
            if number == self.one_more_before:
                generator.getrandbits(32 * self.words)
            return self._apart(generator) if self.is_left_out(number, made) else generator

        return noting_draw

    def _apart(self, generator: Any) -> Any:
        """A generator in whose place the run's own stays where it is."""
        apart = copy.copy(generator)
        if self.gives_others:
            apart.getrandbits(32 * _FAR)
        return apart


def _way(places: Sequence[Place]) -> tuple[Line, ...]:
    """The user's lines of a stack.

    Args:
        places: The stack, innermost first.
    """
    return tuple(
        Line(source=line_of(place), call=_called(places[at - 1][0]))
        for at, place in enumerate(places)
        if at and is_workflow_code(place[0])
    )


def _called(code: Any) -> str:
    part = part_of_sdk(code.co_filename)
    return f"workflow.{code.co_name}()" if part and part.startswith(_API) else f"{code.co_name}()"
