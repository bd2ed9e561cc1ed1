"""How reports and messages name a path."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["display", "folders_of"]


def display(path: str | os.PathLike[str], root: Path | None = None) -> str:
    """A path as reports and messages show it: relative to a folder where it lies inside it, with slashes.

    Args:
        path: Any.
        root: The folder; the current one by default.
    """
    try:
        return Path(path).resolve().relative_to(Path.cwd() if root is None else root.resolve()).as_posix()
    except ValueError:
        return os.fspath(path)


def folders_of(path: Path | None, root: Path) -> tuple[str, ...]:
    """Names of the folders between the project and a fixture; none for one outside of it, or of no file."""
    if path is None or not path.resolve().is_relative_to(root.resolve()):
        return ()
    return path.resolve().relative_to(root.resolve()).parts[:-1]
