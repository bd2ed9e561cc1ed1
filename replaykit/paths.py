"""How reports and messages name a path."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["display", "folders_of", "real"]


def display(path: str | os.PathLike[str], root: Path | None = None) -> str:
    """A path as reports and messages show it: relative to a folder where it lies inside it, with slashes.

    Args:
        path: Any; a link is shown by its own name.
        root: The folder; the current one by default.
    """
    try:
        place = Path(path)
        place = real(place.parent) / place.name if place.is_symlink() else real(place)
        return place.relative_to(Path.cwd() if root is None else real(root)).as_posix()
    except ValueError:
        return os.fspath(path)


def folders_of(path: Path | None, root: Path) -> tuple[str, ...]:
    """Names of the folders between the project and a fixture; none for one outside of it, or of no file."""
    if path is None or not real(path).is_relative_to(real(root)):
        return ()
    return real(path).relative_to(real(root)).parts[:-1]


def real(path: str | os.PathLike[str]) -> Path:
    """The absolute path with all links followed; `Path.resolve` raises for a link that leads to itself."""
    return Path(os.path.realpath(path))
