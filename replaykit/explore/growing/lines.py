"""Which lines of the user's code ran, and which ways inside a line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, TypeVar

from replaykit.code.user_code import is_workflow_code

__all__ = ["NOTHING", "Lines", "Point", "Reached"]

_T = TypeVar("_T")
_Trace = Callable[[FrameType, str, Any], Any]


Point = tuple[str, int, int]
"""File, first line of a function, and place in its bytecode: `a and b` has more of them than lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """What of the user's code ran."""

    lines: frozenset[tuple[str, int]] = frozenset()
    """File, and number of the line, counted from 1."""
    points: frozenset[Point] = frozenset()
    """The ways inside lines."""


NOTHING = Reached()


class Lines:
    """The lines of the user's code that ran in the activations of a workflow."""

    def __init__(self) -> None:
        self.is_wanted = False
        """Tracing costs time: it is off unless a search uses it."""
        self.seen: set[tuple[str, int]] = set()
        self.points: set[Point] = set()
        self._code: dict[CodeType, bool] = {}

    def of(self, call: Callable[[], _T]) -> _T:
        """Call something in this thread, and note its lines."""
        if not self.is_wanted:
            return call()
        before = sys.gettrace()
        # Python 3.12 traces opcodes from the first `settrace` after some frame's wish for it.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self._entered)
        try:
            return call()
        finally:
            sys.settrace(before)

    def taken(self) -> Reached:
        """What was seen since the last time."""
        reached = Reached(lines=frozenset(self.seen), points=frozenset(self.points))
        self.seen, self.points = set(), set()
        return reached

    def _entered(self, frame: FrameType, event: str, argument: Any) -> _Trace | None:
        code = frame.f_code
        is_theirs = self._code.get(code)
        if is_theirs is None:
            is_theirs = self._code[code] = is_workflow_code(code)
        if not is_theirs:
            return None
        frame.f_trace = self._inside  # Python 3.13 reads it from a traced frame alone
        frame.f_trace_opcodes = True
        self.seen.add((code.co_filename, frame.f_lineno))
        return self._inside

    def _inside(self, frame: FrameType, event: str, argument: Any) -> _Trace:
        code = frame.f_code
        if event == "opcode":
            self.points.add((code.co_filename, code.co_firstlineno, frame.f_lasti))
        else:
            self.seen.add((code.co_filename, frame.f_lineno))
        return self._inside
