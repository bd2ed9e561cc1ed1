"""How reports and messages name a path."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["display", "display_code", "folders_of", "names_from", "real"]


def display(path: str | os.PathLike[str], root: Path | None = None) -> str:
    """A path as reports and messages show it: relative to a folder where it lies inside it, with slashes.

    Args:
        path: Any; a link is shown by its own name, and so is what lies in a linked folder outside.
        root: The folder; the current one by default.
    """
    place = Path(path)
    followed = real(place.parent) / place.name if place.is_symlink() else real(place)
    folder = Path.cwd() if root is None else real(root)
    inside = [each for each in (followed, Path(os.path.abspath(place))) if each.is_relative_to(folder)]  # noqa: PTH100  # no link is followed
    return inside[0].relative_to(folder).as_posix() if inside else os.fspath(path)


def display_code(path: str | os.PathLike[str], root: Path) -> str:
    """A source file as reports show it: what has to be edited, which for a link is the file that it leads to.

    Args:
        path: As the interpreter knows it.
        root: The project; a link that leads out of it is shown by its own name.
    """
    followed = real(path)
    return display(followed if followed.is_relative_to(real(root)) else path, root)


def names_from(shown: str, folders: Iterable[Path]) -> tuple[str, ...]:
    """What a path is called from each of several folders, with slashes; it may lie outside of them.

    Args:
        shown: As `display` shows it from the current folder.
        folders: Absolute.
    """
    place = Path(os.path.abspath(shown))  # noqa: PTH100  # no link is followed
    places = (place, real(place.parent) / place.name)
    return tuple(dict.fromkeys(_name_from(each, real(folder)) for each in places for folder in folders))


def _name_from(place: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(place, folder)).as_posix()
    except ValueError:  # on another drive
        return place.as_posix()


def folders_of(path: Path | None, root: Path) -> tuple[str, ...]:
    """Names of the folders between the project and a fixture; none for one outside of it, or of no file."""
    if path is None or not real(path).is_relative_to(real(root)):
        return ()
    return real(path).relative_to(real(root)).parts[:-1]


def real(path: str | os.PathLike[str]) -> Path:
    """The absolute path with all links followed; `Path.resolve` raises for a link that leads to itself."""
    return Path(os.path.realpath(path))
