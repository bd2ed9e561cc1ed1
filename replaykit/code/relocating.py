"""Imports from one tree of a project in the place of another: the base's modules, whatever is installed.

An editable install, `PYTHONPATH` or a path that code adds itself name folders of what is checked out. In a
process that is to run the code of another tree they stand for the same folders of that one.
"""

from __future__ import annotations

import filecmp
import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from replaykit.whose_code import is_user_code

__all__ = ["Loaded", "Relocation", "Trees", "loaded_modules", "moved_paths"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trees:
    """Two trees of one repository, both with links resolved."""

    here: Path
    """The one that is checked out, whose files must not be loaded."""
    there: Path
    """The one whose files are loaded instead."""

    def counterpart(self, path: str | os.PathLike[str]) -> Path | None:
        """The same place in the other tree.

        Args:
            path: Any.

        Returns:
            None for a path outside the tree that is checked out; else one that need not exist.
        """
        real = Path(os.path.realpath(path))
        if real.is_relative_to(self.there) or not real.is_relative_to(self.here):
            return None
        return self.there / real.relative_to(self.here)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Loaded:
    """A module, and where it was loaded from."""

    name: str
    file: str


def moved_paths(trees: Trees, paths: Iterable[str], is_tracked: Callable[[Path], bool]) -> list[str]:
    """Import paths, those inside the tree that is checked out replaced by the same of the other.

    Args:
        trees: The trees.
        paths: Folders and archives, as `sys.path` and `PYTHONPATH` have them.
        is_tracked: Whether a path that only the first tree has holds files of the repository. One that does
            is new and left out; one that does not, such as a folder of installed packages, stays.
    """
    moved: list[str] = []
    for entry in paths:
        place = trees.counterpart(entry) if entry else None
        if place is None or _is_of_libraries(entry):
            moved.append(entry)
        elif place.exists():
            moved.append(str(place))
        elif not is_tracked(Path(entry)):
            moved.append(entry)
    return moved


class Relocation:
    """The moved imports of this process.

    Args:
        trees: The trees.
        is_tracked: As in `moved_paths`.
        on_foreign: Called once for each module that is loaded from outside the other tree, and is neither
            the same file there nor a library's.
        on_outside: Called once for each that is loaded from outside that tree, whoever's it is.
    """

    def __init__(
        self,
        trees: Trees,
        *,
        is_tracked: Callable[[Path], bool],
        on_foreign: Callable[[Loaded], None],
        on_outside: Callable[[Loaded], None],
    ) -> None:
        self._trees = trees
        self._is_tracked = is_tracked
        self._on_foreign = on_foreign
        self._on_outside = on_outside
        self._seen: set[tuple[str, str]] = set()

    def install(self) -> None:
        """Move the paths, forget modules that were loaded already, and move what is imported from now on."""
        sys.path[:] = moved_paths(self._trees, sys.path, self._is_tracked)
        for module in loaded_modules():
            if self._place_of(module.file) is not None:
                del sys.modules[module.name]
        sys.meta_path.insert(0, _Moving(self))
        importlib.invalidate_caches()

    def look(self) -> None:
        """Look at the modules that came since the last look, however they were loaded."""
        for module in loaded_modules():
            self.note(module.name, module.file)

    def note(self, name: str, file: str) -> None:
        """Take notice of a module.

        Args:
            name: Its dotted name.
            file: Where it is loaded from.
        """
        if (name, file) in self._seen:
            return
        self._seen.add((name, file))
        real = os.path.realpath(file)
        if Path(real).is_relative_to(self._trees.there):
            return
        module = Loaded(name=name, file=real)
        self._on_outside(module)
        if is_user_code(file):
            place = self._trees.counterpart(real)
            if place is None or not (place.is_file() and filecmp.cmp(real, place, shallow=False)):
                self._on_foreign(module)

    def moved(self, spec: ModuleSpec) -> ModuleSpec:
        """Where a module is to be loaded from, in the place of where it was found.

        Args:
            spec: Where it was found.

        Raises:
            ModuleNotFoundError: Only the tree that is checked out has it.
        """
        folders = spec.submodule_search_locations
        if spec.origin is None or not spec.has_location:
            namespace = self._moved_folders(folders or ())
            if namespace != list(folders or ()):
                spec.submodule_search_locations = namespace
            return spec
        place = self._place_of(spec.origin)
        if place is None:
            return spec
        if not place.is_file():
            if self._is_tracked(Path(spec.origin)):
                raise ModuleNotFoundError(
                    f"No module named {spec.name!r}: the change adds {spec.origin}", name=spec.name
                )
            return spec
        within = None if folders is None else self._moved_folders(folders)
        found = importlib.util.spec_from_file_location(spec.name, place, submodule_search_locations=within)
        return found or spec

    def _moved_folders(self, folders: Iterable[str]) -> list[str]:
        return moved_paths(self._trees, folders, self._is_tracked)

    def _place_of(self, file: str) -> Path | None:
        """Where a module of the user's is to be loaded from; None where it may stay."""
        return self._trees.counterpart(file) if is_user_code(file) else None


class _Moving:
    """First of the finders: moves what the others find."""

    def __init__(self, relocation: Relocation) -> None:
        self._relocation = relocation
        self._asking = threading.local()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is, as the other finders have it and the relocation moves it."""
        if getattr(self._asking, "name", None) == name:
            return None
        self._asking.name = name
        try:
            for finder in list(sys.meta_path):
                find = getattr(finder, "find_spec", None)
                spec = find(name, path, target) if find is not None and finder is not self else None
                if spec is not None:
                    moved = self._relocation.moved(spec)
                    if moved.origin is not None and moved.has_location:
                        self._relocation.note(name, moved.origin)
                    return moved
            return None
        finally:
            self._asking.name = None


def loaded_modules() -> list[Loaded]:
    """The modules of this process that come from a file."""
    files = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
    return [Loaded(name=name, file=file) for name, file in files if isinstance(file, str)]


def _is_of_libraries(entry: str) -> bool:
    """Whether a path is one of installed packages, such as those of a virtual environment in the project."""
    return any(part in ("site-packages", "dist-packages") for part in Path(entry).parts)
