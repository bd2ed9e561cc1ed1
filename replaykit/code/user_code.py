"""Which line on a stack is the workflow's, and how it is named.

A user's frame is not always the workflow's: interceptors, the user's own and those of libraries, stand
between the workflow and the SDK. They are passed over, and named apart.
"""

from __future__ import annotations

import asyncio
import dataclasses
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, TypeVar

from replaykit.paths import display_code
from replaykit.verdict import InterceptorLine, SourceLine
from replaykit.whose_code import is_user_code, part_of_sdk

__all__ = [
    "NOWHERE",
    "Asked",
    "Place",
    "asked_at",
    "awaited_by",
    "is_workflow_code",
    "line_of",
    "note_interceptors",
    "outwards",
    "relative_to",
    "through",
]

Place = tuple[CodeType, int]
"""A code object and a line in it."""

_interceptors: dict[tuple[str, int, str], bool] = {}
"""By code: whether it is of an outbound interceptor, which the workflow calls."""
_noted: weakref.WeakSet[type] = weakref.WeakSet()
_Line = TypeVar("_Line", SourceLine, InterceptorLine)
_OUTBOUND = "WorkflowOutboundInterceptor"
_API = "workflow"
"""What workflow code calls: a package, in older releases a module."""
_TIMERS = frozenset({"call_later", "call_at"})
"""What asyncio calls of temporalio's event loop, for `asyncio.sleep` and its like."""
_ASYNCIO = str(Path(asyncio.__file__).parent)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Where something was asked for or raised."""

    source: SourceLine | None = None
    """The workflow's line; None where none is on the stack."""
    interceptor: InterceptorLine | None = None
    """The interceptor that it came through, or that asked for it itself."""


NOWHERE = Asked()


def note_interceptors(classes: Iterable[type]) -> None:
    """Learn which code is of interceptors: their methods, and all functions inside those.

    Args:
        classes: Inbound and outbound ones; what they inherit from temporalio is left out.
    """
    for cls in classes:
        if cls in _noted:
            continue
        _noted.add(cls)
        is_outbound = any(base.__name__ == _OUTBOUND for base in cls.__mro__)
        for base in cls.__mro__:
            if base is object or base.__module__.startswith("temporalio.worker"):
                continue
            for value in vars(base).values():
                for code in _codes_of(value):
                    _interceptors[_key(code)] = is_outbound


def _codes_of(value: Any) -> Iterator[CodeType]:
    """The code of a function and of what it wraps, with that of the functions inside."""
    seen = 0
    while value is not None and seen < 10:
        function = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
        code = getattr(function, "__code__", None)
        if isinstance(code, CodeType):
            yield from _with_inner(code)
        value, seen = getattr(function, "__wrapped__", None), seen + 1


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _with_inner(const)


def _key(code: CodeType) -> tuple[str, int, str]:
    return code.co_filename, code.co_firstlineno, code.co_name


def is_workflow_code(code: CodeType) -> bool:
    """Whether code is the user's, and of no interceptor."""
    return is_user_code(code.co_filename) and _key(code) not in _interceptors


def asked_at(places: Sequence[Place]) -> Asked:
    """The workflow's line on a stack, and the interceptor's.

    What an outbound interceptor calls is the interceptor's business too: the workflow's line is the innermost
    one outside of it.

    Args:
        places: The stack, innermost first.
    """
    keys = [_key(code) for code, _ in places]
    outermost = max((at for at, key in enumerate(keys) if _interceptors.get(key)), default=-1)
    after = range(outermost + 1, len(places))
    at = next((each for each in after if is_workflow_code(places[each][0])), None)
    named = [each for each, key in enumerate(keys[:at]) if key in _interceptors]
    asker = _asker(places, named)
    theirs = [each for each in named if is_user_code(places[each][0].co_filename)]
    shown = asker if asker is not None else next(iter(theirs), None)
    return Asked(
        source=line_of(places[at]) if at is not None else None,
        interceptor=_interceptor(places[shown], asked=asker is not None) if shown is not None else None,
    )


def _asker(places: Sequence[Place], named: Sequence[int]) -> int | None:
    """The interceptor that itself called what workflow code calls, if one did: the nearest caller decides.

    Workflow code calls the API of temporalio, or a timer of asyncio, which asks temporalio's event loop.
    """
    if not named:
        return None
    parts = [part_of_sdk(code.co_filename) for code, _ in places]
    called = next(
        (
            at
            for at, part in enumerate(parts)
            if part and (part.startswith(_API) or places[at][0].co_name in _TIMERS)
        ),
        len(parts),
    )
    outside = next(
        (at for at in range(called, len(parts)) if parts[at] is None and not _is_asyncio(places[at][0])),
        len(parts),
    )
    return next((at for at in named if at >= outside), None)


def _is_asyncio(code: CodeType) -> bool:
    return code.co_filename.startswith(_ASYNCIO)


def _interceptor(place: Place, *, asked: bool) -> InterceptorLine:
    code, line = place
    return InterceptorLine(file=code.co_filename, line=line, function=code.co_name, asked=asked)


def outwards(frame: FrameType | None) -> list[Place]:
    """A running stack, innermost first."""
    places: list[Place] = []
    while frame is not None:
        places.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return places


def awaited_by(task: Any) -> list[Place]:
    """What a suspended task awaits, innermost first."""
    places: list[Place] = []
    awaited = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            places.append((frame.f_code, frame.f_lineno))
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return places[::-1]


def through(trace: TracebackType | None) -> list[Place]:
    """What an exception came through, innermost first."""
    places: list[Place] = []
    while trace is not None:
        places.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    return places[::-1]


def line_of(place: Place) -> SourceLine:
    """A place as a line."""
    code, line = place
    return SourceLine(file=code.co_filename, line=line, function=code.co_name)


def relative_to(line: _Line | None, root: Path) -> _Line | None:
    """A line, its file relative to the project where it lies inside it.

    Args:
        line: The line; None gives None.
        root: The project's folder.
    """
    return dataclasses.replace(line, file=display_code(line.file, root)) if line is not None else None
