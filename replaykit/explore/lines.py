"""Which lines of the user's code ran."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, TypeVar

from replaykit.replay.source import is_user_code

__all__ = ["Lines"]

_T = TypeVar("_T")
_Trace = Callable[[FrameType, str, Any], Any]


class Lines:
    """The lines of the user's code that ran in the activations of a workflow."""

    def __init__(self) -> None:
        self.is_wanted = False
        """Tracing costs time: it is off unless somebody looks."""
        self.seen: set[tuple[str, int]] = set()
        self._code: dict[CodeType, bool] = {}

    def of(self, call: Callable[[], _T]) -> _T:
        """Call something in this thread, and note its lines."""
        if not self.is_wanted:
            return call()
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            return call()
        finally:
            sys.settrace(before)

    def taken(self) -> frozenset[tuple[str, int]]:
        """What was seen since the last time."""
        seen, self.seen = frozenset(self.seen), set()
        return seen

    def _entered(self, frame: FrameType, event: str, argument: Any) -> _Trace | None:
        code = frame.f_code
        is_theirs = self._code.get(code)
        if is_theirs is None:
            is_theirs = self._code[code] = is_user_code(code.co_filename)
        if not is_theirs:
            return None
        self.seen.add((code.co_filename, frame.f_lineno))
        return self._at_line

    def _at_line(self, frame: FrameType, event: str, argument: Any) -> _Trace:
        self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._at_line
