"""What processes that judge note of the modules they load: in a file, for they may not live to report it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.relocating import Loaded

__all__ = ["Notes", "note", "noted"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notes:
    """The modules that such processes noted."""

    foreign: tuple[Loaded, ...] = ()
    """The user's own from outside the tree that they belong to."""
    outside: tuple[Loaded, ...] = ()
    """All from outside the tree of a base, or all of a process that judges by the change's code."""


def note(file: Path, module: Loaded, *, is_foreign: bool = False) -> None:
    """Take a note of a module.

    Args:
        file: Where notes are kept.
        module: The module.
        is_foreign: Whether it belongs into a base's tree and comes from elsewhere.
    """
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps([is_foreign, module.name, module.file]) + "\n")


def noted(file: Path) -> Notes:
    """What was noted.

    Args:
        file: Where notes are kept; there is none where nothing was noted.
    """
    lines = [*_lines(file)]
    return Notes(
        foreign=tuple(module for is_foreign, module in lines if is_foreign),
        outside=tuple(module for is_foreign, module in lines if not is_foreign),
    )


def _lines(file: Path) -> Iterator[tuple[bool, Loaded]]:
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        is_foreign, name, place = json.loads(line)
        yield is_foreign, Loaded(name=name, file=place)
