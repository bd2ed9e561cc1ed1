"""A fault at a place inside a JSON document, whose path is put together on the way out."""

from __future__ import annotations

import json

from replaykit.errors import UnreadableHistoryError

__all__ = ["Fault", "kind_of"]

_LONGEST = 200
"""Characters of a path; keys of a file can have any length, and lie at any depth."""
_LONGEST_WHAT = 300
"""Characters of a message: it can name keys."""


class Fault(Exception):
    """Something inside a document cannot be used. Becomes an `UnreadableHistoryError` at the door.

    Args:
        what: What is wrong, in one sentence without a full stop.
        cure: What to do about it, where that is known at this depth.
    """

    def __init__(self, what: str, *, cure: str | None = None) -> None:
        self.what = what
        self.cure = cure
        self.line: int | None = None
        """Line of the file, where each line is a document of its own."""
        self._path: list[str] = []
        super().__init__(what)

    def at(self, step: str | int) -> Fault:
        """Note the key or index that was on the way to the fault; called from the inside out."""
        self._path.append(f"[{step}]" if isinstance(step, int) else f".{step}")
        return self

    @property
    def path(self) -> str:
        """Such as `events[3].eventId` or `line 4: eventId`; empty for the document itself."""
        path = "".join(reversed(self._path)).removeprefix(".")
        if len(path) > _LONGEST:
            path = f"{path[: _LONGEST // 2]} ... {path[-_LONGEST // 2 :]}"
        if self.line is None:
            return path
        return f"line {self.line}: {path}" if path else f"line {self.line}"

    def as_error(self, *, where: str, cure: str) -> UnreadableHistoryError:
        """The same for the user; `cure` is used where the fault knows none of its own."""
        place = f"{where}: {self.path}" if self.path else where
        left = len(self.what) - _LONGEST_WHAT
        what = self.what if left <= 0 else f"{self.what[:_LONGEST_WHAT]}... ({left:,} more characters)"
        return UnreadableHistoryError(what, where=place, cure=self.cure or cure)


def kind_of(value: object) -> str:
    """A JSON value as a message names it: `null`, `42`, `"abc"`, `an object`."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
