"""What one pair of old and new code is, and what is expected of its replay."""

from __future__ import annotations

import enum
import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from replaykit.history import History, find_fixtures, read_history
from replaykit.verdict import SuggestionKind
from tests.gallery.scenario import workflow_type_of
from tests.pairs.runs import HISTORIES

__all__ = ["ROOT", "Pair", "Plain", "green", "red"]

ROOT = Path(__file__).parents[2]
_CODE = Path(__file__).parent / "code"
_MARK = "# <- here"


class Plain(enum.Enum):
    """How much a loop around the SDK's own Replayer reports."""

    NOTHING = "accepts"
    """It raises nothing: right for a safe change."""
    RAISES = "raises"
    """A nondeterminism error, from which neither the event nor both sides can be read."""
    EVENT = "raises, names the event"
    SIDES = "raises, names both sides"
    BOTH = "raises, names the event and both sides"
    HANGS = "hangs"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A History of old code under new code."""

    new: str
    """`module.Class` below `tests.pairs.code`. Its workflow type names the History that is meant."""
    diverges: bool
    event_id: int | None = None
    recorded: str | None = None
    produced: str | None = None
    suggestion: SuggestionKind | None = None
    has_line: bool = True
    """False where the new code asked for nothing that a line could be named of."""
    plain: Plain
    stopped_at: int | None = None
    """Where Core stops, if arguments show that the change is at an earlier event."""
    newer_core: bool = False
    """True where an older temporalio compares no such thing, and so accepts the change."""

    @property
    def spec(self) -> str:
        """The new class, as the configuration names it."""
        module, _, name = self.new.partition(".")
        return f"tests.pairs.code.{module}:{name}"

    @property
    def workflow(self) -> type[Any]:
        module, _, name = self.spec.partition(":")
        found: type[Any] = getattr(importlib.import_module(module), name)
        return found

    @property
    def history(self) -> History:
        """What the old code of that workflow type recorded."""
        return _histories()[workflow_type_of(self.workflow)]

    @property
    def line(self) -> tuple[str, int] | None:
        """The marked line: its file, relative to the repository, and its number."""
        return _marked_lines()[self.new] if self.has_line else None


def red(
    new: str,
    event_id: int,
    recorded: str,
    produced: str | None,
    suggestion: SuggestionKind,
    *,
    plain: Plain,
    stopped_at: int | None = None,
    newer_core: bool = False,
) -> Pair:
    """A pair that must diverge."""
    return Pair(
        new=new,
        diverges=True,
        event_id=event_id,
        recorded=recorded,
        produced=produced,
        suggestion=suggestion,
        plain=plain,
        stopped_at=stopped_at,
        newer_core=newer_core,
    )


def green(new: str) -> Pair:
    """A pair that must be consistent."""
    return Pair(new=new, diverges=False, has_line=False, plain=Plain.NOTHING)


@cache
def _histories() -> dict[str | None, History]:
    return {history.workflow_type: history for history in map(read_history, find_fixtures([HISTORIES]))}


@cache
def _marked_lines() -> dict[str, tuple[str, int]]:
    """By `module.Class`, the line that ends with the mark; a mark outside its class names it, or several."""
    found: dict[str, tuple[str, int]] = {}
    for path in sorted(_CODE.glob("*.py")):
        inside = ""
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if text.startswith("class "):
                inside = f"{path.stem}.{text.removeprefix('class ').partition('(')[0].partition(':')[0]}"
            _, mark, name = text.partition(_MARK)
            for key in _names(name) or [inside] if mark else []:
                if key in found:
                    raise ValueError(f"{path.name}:{number}: {key} has two marked lines. Keep one.")
                found[key] = (path.relative_to(ROOT).as_posix(), number)
    return found


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.removeprefix(":").split(",") if name.strip()]
