"""Whose code a file is: decided by where, and as what, it was loaded.

temporalio may lie anywhere (`pip install -t`, a zip, a PEX, a folder of `gate --sdk`), and `pip install .`
puts the user's workflows among the packages: so an install path alone decides nothing.
"""

from __future__ import annotations

import importlib.util
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path

__all__ = ["is_user_code", "is_users_path", "own_modules", "part_of_sdk"]

_HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120
_OURS_THAT_IS_THEIRS = os.path.join(_HERE, "demo", "project")  # noqa: PTH118
_IS_FOR_PACKAGES = re.compile(r"[/\\](site|dist)-packages([/\\]|$)")

_named: set[str] = set()
"""Folders and files of the modules that the project's configuration names."""


def own_modules(names: Iterable[str]) -> None:
    """Take the packages that the project's configuration names for the user's, wherever they are installed.

    Args:
        names: Names of imported modules; each stands for its whole top-level package.
    """
    for entry in sys.path:  # here too: reading metadata imports modules
        folder = os.path.realpath(entry)
        if folder not in _LIBRARIES:
            _distributed(folder)
    places = {place for name in names for place in _places_of(name.partition(".")[0])}
    if not places <= _named:
        _named.update(places)
        is_user_code.cache_clear()
        is_users_path.cache_clear()


@lru_cache(maxsize=4096)
def is_user_code(file: str) -> bool:
    """Whether a file is the user's: not temporalio's, replaykit's, the standard library's or a package's.

    Args:
        file: Its path, as a code object or a module names it; one such as `<string>` is not the user's.
    """
    return is_users_path(file) and _is_there(os.path.realpath(file))


@lru_cache(maxsize=4096)
def is_users_path(file: str) -> bool:
    """The same of a file that may be gone, or lie on another machine."""
    if file.startswith("<"):
        return False
    path = os.path.realpath(file)
    if _lies_in(path, _OURS_THAT_IS_THEIRS):
        return True
    if _lies_in(path, _HERE, *_temporalio()):
        return False
    if _lies_in(path, *_named):
        return True
    if _lies_in(path, *_LIBRARIES) or _IS_FOR_PACKAGES.search(path):
        return False
    return not _is_of_a_distribution(path)


@lru_cache(maxsize=4096)
def part_of_sdk(file: str) -> str | None:
    """Where in temporalio a file lies, such as `workflow/_activities.py`; None for a file of others."""
    path = os.path.realpath(file)
    folder = next((folder for folder in _temporalio() if _lies_in(path, folder)), None)
    return path[len(folder) + 1 :].replace("\\", "/") if folder is not None else None


def _libraries() -> tuple[str, ...]:
    """Where the standard library and installed packages are.

    In a virtual environment packages may come from the base interpreter too, and from the user's own folder.
    """
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    keys = ("stdlib", "platstdlib", "purelib", "platlib")
    paths = [paths[key] for paths in (sysconfig.get_paths(), sysconfig.get_paths(vars=base)) for key in keys]
    paths.append(site.getusersitepackages())
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths if path))


_LIBRARIES = _libraries()  # here, for what sysconfig imports would be imported in the sandbox


@lru_cache(maxsize=1)
def _temporalio() -> tuple[str, ...]:
    """Where the SDK was loaded from, or would be."""
    return tuple(_places_of("temporalio"))


def _places_of(top: str) -> list[str]:
    """The folders of a top-level package, or the file of a module that is none."""
    module = sys.modules.get(top)
    paths = getattr(module, "__path__", None)
    file = getattr(module, "__file__", None)
    if module is None:
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            return []
        paths, file = (spec.submodule_search_locations, spec.origin) if spec is not None else (None, None)
    found = list(paths) if paths else [file] if file else []
    return [os.path.realpath(place) for place in found]


def _lies_in(path: str, *places: str) -> bool:
    """Whether a path is one of some places, or below one. Nearly always the first comparison says no."""
    return path.startswith(places) and any(
        path == place or path.startswith((f"{place}/", f"{place}\\")) for place in places
    )


def _is_there(path: str) -> bool:
    """Whether there is such a file, on the disk or in an archive on it."""
    if os.path.isfile(path):  # noqa: PTH113
        return True
    return any(str(entry) and _lies_in(path, os.path.realpath(entry)) for entry in sys.path) and any(
        parent.is_file() for parent in Path(path).parents
    )


def _is_of_a_distribution(path: str) -> bool:
    """Whether an installed distribution has put that file beside itself, as `pip install -t` does."""
    entries = [os.path.realpath(entry) for entry in sys.path if entry]
    inside = [entry for entry in entries if _lies_in(path, entry)]
    return any(path in _distributed(entry) for entry in inside)


@lru_cache(maxsize=64)
def _distributed(entry: str) -> frozenset[str]:
    """The files of the distributions of one import path; of one that is editable there is a link alone."""
    return frozenset(
        os.path.normpath(str(distribution.locate_file(file)))
        for distribution in metadata.distributions(path=[entry])
        if distribution.read_text("RECORD")
        for file in distribution.files or ()
    )
