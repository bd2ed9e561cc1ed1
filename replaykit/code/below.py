"""Modules found by path below folders, and what stands at the top of each: nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.bindings import bindings_of, bound_by, stars_of, top_of
from replaykit.code.modules import imports_of
from replaykit.code.sources import tree_of

__all__ = ["Source", "Sources"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One module."""

    name: str
    """Dotted."""
    names: Mapping[str, str]
    """What imports make of local names."""
    stars: tuple[str, ...]
    """The modules of which it imports all names."""
    bindings: Mapping[str, tuple[ast.stmt, ...]]
    """By name, the statements at its top that bind or change it."""
    loose: tuple[ast.stmt, ...]
    """The other statements that an import runs."""


class Sources:
    """The modules below some folders, as an import would find them.

    Args:
        folders: The first that has a module is where it is taken from.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        self._read: dict[str, Source | None] = {}

    def module(self, name: str) -> Source | None:
        """One module.

        Args:
            name: Its dotted name.

        Returns:
            None where no folder has it, or it does not parse.
        """
        if name not in self._read:
            path = self._path_of(name)
            self._read[name] = None if path is None else _source_of(path, name)
        return self._read[name]

    def at(self, path: Path, name: str) -> Source | None:
        """The module in a file, whatever folder it lies in.

        Args:
            path: The file.
            name: What it is imported as.
        """
        found = _source_of(path, name)
        self._read[name] = found
        return found

    def split(self, dotted: str) -> tuple[Source | None, Sequence[str]]:
        """The module that a dotted name begins with, and the parts that follow.

        Args:
            dotted: Such as `app.rates.LIMIT`.
        """
        parts = dotted.split(".")
        for end in range(len(parts), 0, -1):
            module = self.module(".".join(parts[:end]))
            if module is not None:
                return module, parts[end:]
        return None, parts

    def _path_of(self, name: str) -> Path | None:
        place = Path(*name.split("."))
        for folder in self._folders:
            for path in (folder / place / "__init__.py", (folder / place).with_suffix(".py")):
                if path.is_file():
                    return path
        return None


def _source_of(path: Path, name: str) -> Source | None:
    tree = tree_of(path)
    if tree is None:
        return None
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names, _ = imports_of(tree, package)
    return Source(
        name=name,
        names=names,
        stars=tuple(stars_of(tree, package)),
        bindings=bindings_of(tree.body),
        loose=tuple(statement for statement in top_of(tree.body) if not bound_by(statement)),
    )
