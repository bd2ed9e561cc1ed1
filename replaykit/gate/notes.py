"""What processes that judge note of the modules they load: in a file, for they may not live to report it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
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
    line = json.dumps([is_foreign, module.name, module.file]) + "\n"
    os.write(_opened(file), line.encode("utf-8"))


_kept: dict[Path, tuple[int, os.stat_result]] = {}
"""By file, its descriptor: the code that is judged may leave none to open it by, and may close this one."""


def _opened(file: Path) -> int:
    kept = _kept.get(file)
    if kept is not None:
        with suppress(OSError):
            if os.path.samestat(os.fstat(kept[0]), kept[1]):
                return kept[0]
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    _kept[file] = descriptor, os.fstat(descriptor)
    return descriptor


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
