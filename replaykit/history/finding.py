"""Which files are histories."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from replaykit.errors import ReplaykitError

__all__ = ["find_fixtures"]

_SUFFIXES = (".json", ".json.gz")


def find_fixtures(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The history files that these paths mean, each once, in order.

    A file stands for itself, whatever it is called (and `-` for standard input). A folder stands for every
    `*.json` and `*.json.gz` below it, sorted; what is hidden, and links to folders, are passed over. What has
    such a name and is no file, and a folder that cannot be listed, are among them: reading them fails, so
    that nobody takes them for histories that were judged.

    Raises:
        ReplaykitError: A path does not exist.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if os.path.isdir(path):
            candidates: Iterable[Path] = sorted(_below(path))
        elif os.path.lexists(path) or str(path) == "-":
            candidates = (path,)
        else:
            raise ReplaykitError("there is no such file or folder", where=str(path), cure="Check the path")
        for candidate in candidates:
            found.setdefault(os.path.realpath(candidate), candidate)
    return tuple(found.values())


def _below(folder: Path) -> Iterator[Path]:
    refused: list[str] = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: refused.append(error.filename)):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and name.lower().endswith(_SUFFIXES):
                yield Path(parent, name)
        if not folders and not files and parent.lower().endswith(_SUFFIXES):
            yield Path(parent)  # named like a fixture, and nothing that can be one is in it
    yield from map(Path, refused)
