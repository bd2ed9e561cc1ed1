"""Where a replay stands that does not come to its end: in the workflow, or in what stands around it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from replaykit.code.user_code import Place, asked_at, awaited_by, line_of, outwards, through
from replaykit.replay.converter_steps import ConverterStep, is_guard, step_in
from replaykit.verdict import SourceLine
from replaykit.whose_code import is_user_code

__all__ = ["NOWHERE", "Standing", "at_deadlock", "in_thread", "line_in_step", "of_loop"]

_DEADLOCK = "[TMPRL1101]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A place in the code."""

    source: SourceLine | None = None
    """The user's line; None where none is on the stack."""
    step: ConverterStep | None = None
    """What the data converter was doing, where it is that."""


NOWHERE = Standing()


def in_thread(ident: int | None) -> Standing:
    """Where a thread is now."""
    frame = sys._current_frames().get(ident) if ident is not None else None
    return _standing(outwards(frame))


def at_deadlock(error: BaseException) -> Standing | None:
    """Where code was that the SDK's deadlock detector ended; None where the exception is another one's."""
    if _DEADLOCK not in str(error):
        return None
    return _standing(through(error.__traceback__)[::-1])  # the SDK walks a running thread upwards


def of_loop(loop: asyncio.AbstractEventLoop) -> Standing:
    """Where a task of a loop waits: in the data converter, if one does, else in any code of the user's."""
    found = [_standing(awaited_by(task)) for task in _tasks(loop) if not task.done()]
    return next((each for wanted in (_is_in_converter, _is_known) for each in found if wanted(each)), NOWHERE)


def line_in_step(places: Sequence[Place]) -> SourceLine | None:
    """The user's innermost line in a call of the data converter; the call's own where it is a library's.

    Args:
        places: The stack, innermost first.
    """
    inside = list(_inside_guard(places))
    own = next((place for place in inside if is_user_code(place[0].co_filename)), None)
    return line_of(own or inside[-1]) if inside else None


def _standing(places: Sequence[Place]) -> Standing:
    step = step_in(code for code, _ in places)
    source = line_in_step(places) if step is not None else asked_at(places).source
    return Standing(source=source, step=step)


def _inside_guard(places: Sequence[Place]) -> Iterator[Place]:
    for place in places:
        if is_guard(place[0]):
            return
        yield place


def _tasks(loop: asyncio.AbstractEventLoop) -> Sequence[asyncio.Task[object]]:
    try:
        return sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    except RuntimeError:  # it changes while it is being read
        return ()


def _is_in_converter(standing: Standing) -> bool:
    return standing.step is not None


def _is_known(standing: Standing) -> bool:
    return standing.source is not None
