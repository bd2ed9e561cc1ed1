"""Payloads that do not fit the types of the code: noted where the SDK converts them.

The SDK itself names neither the event nor the argument. It drops a signal that it cannot decode, and drops
*all* type hints of a handler that takes another number of arguments than were sent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from google.protobuf.message import Message

__all__ = ["Undecoded", "Untyped", "noting_conversions"]

_JOBS = frozenset(
    {
        "InitializeWorkflow",
        "SignalWorkflow",
        "DoUpdate",
        "ResolveActivity",
        "ResolveChildWorkflowExecution",
        "ResolveNexusOperation",
    }
)
"""Messages of Core with payloads for the code."""
_DEEPEST = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Untyped:
    """Payloads that were converted without type hints, since their number differs."""

    job: Any
    """Core's message that brought them; None where it is not known."""
    given: int
    """How many were recorded."""
    taken: int
    """How many the code takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undecoded:
    """A payload that did not decode."""

    job: Any
    """Core's message that brought it; None where it is not known."""
    argument: int
    """Which of its payloads, counted from 1."""
    wanted: str | None
    """The type that the code expects; None where it has no hint."""
    causes: tuple[str, ...]
    """What was raised, and what that came from."""


def noting_conversions(
    convert: Callable[..., Any],
    note_undecoded: Callable[[Undecoded], None],
    note_untyped: Callable[[Untyped], None],
) -> Callable[..., Any]:
    """The SDK's conversion of payloads, with what goes wrong in it noted.

    Args:
        convert: It: given payloads, type hints, and what newer releases add.
        note_undecoded: Given a payload that does not decode.
        note_untyped: Given payloads whose number is not that of the hints, where that changes a value.
    """

    def noting(payloads: Sequence[Any], types: Sequence[Any] | None, *rest: Any) -> Any:
        if (
            payloads
            and types
            and len(types) != len(payloads)
            and _misses_hints(convert, payloads, types, rest)
        ):
            note_untyped(Untyped(job=_job(), given=len(payloads), taken=len(types or ())))
        try:
            return convert(payloads, types, *rest)
        except Exception as error:
            hints = types if types and len(types) == len(payloads) else None
            at = next((at for at in range(len(payloads)) if _fails(convert, payloads, hints, at, rest)), 0)
            note_undecoded(
                Undecoded(
                    job=_job(),
                    argument=at + 1,
                    wanted=_name(hints[at]) if hints else None,
                    causes=tuple(f"{type(each).__name__}: {each}" for each in _chain(error)),
                )
            )
            raise

    return noting


def _misses_hints(
    convert: Callable[..., Any], payloads: Sequence[Any], types: Sequence[Any], rest: Sequence[Any]
) -> bool:
    """Whether values come out differently without their type hints: a text or a number does not."""
    count = min(len(payloads), len(types))
    try:
        with_hints = convert(payloads[:count], types[:count], *rest)
        without = convert(payloads[:count], None, *rest)
        return any(
            type(one) is not type(other) or one != other
            for one, other in zip(with_hints, without, strict=True)
        )
    except Exception:  # of a converter, or of a comparison of the user's
        return True


def _fails(
    convert: Callable[..., Any],
    payloads: Sequence[Any],
    hints: Sequence[Any] | None,
    at: int,
    rest: Sequence[Any],
) -> bool:
    try:
        convert([payloads[at]], [hints[at]] if hints else None, *rest)
    except Exception:
        return True
    return False


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and len(found) < 10:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")


def _job() -> Any:
    """Core's message that the SDK is working on: a variable of one of the calls around."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_DEEPEST):
        if frame is None:
            return None
        for value in frame.f_locals.values():
            if isinstance(value, Message) and value.DESCRIPTOR.name in _JOBS:
                return value
        frame = frame.f_back
    return None
