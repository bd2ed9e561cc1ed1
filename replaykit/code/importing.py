"""Importing what a configuration names as `module` or `module:attribute`."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from replaykit.errors import WorkflowCodeError
from replaykit.paths import display
from replaykit.whose_code import is_users_path

__all__ = [
    "add_import_paths",
    "ensure_loaded_from",
    "import_module",
    "import_with_submodules",
    "prepare",
    "resolve",
]


def add_import_paths(root: Path, path: Sequence[str] = ()) -> None:
    """Put a project's root, and its `src` folder where there is one, first on `sys.path`.

    Args:
        root: The project's folder. A second call changes nothing.
        path: Folders that go before them, relative to the project.

    Raises:
        WorkflowCodeError: One of those is not there.
    """
    for folder in (root / "src", root):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    for entry in reversed(path):
        folder = (root / entry).resolve()
        if not folder.is_dir():
            raise WorkflowCodeError(
                f"there is no folder {entry!r}", where="[tool.replaykit] path", cure=f"Name it from {root}."
            )
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def ensure_loaded_from(root: Path, path: Sequence[str], specs: Iterable[str], *, where: str) -> None:
    """See that no module of another folder was taken for one of these: a process has one module of a name.

    Args:
        root: The project's folder.
        path: Folders that were put first on `sys.path`, relative to the project.
        specs: What was loaded: `module` or `module:attribute`.
        where: The key of the configuration, for messages.

    Raises:
        WorkflowCodeError: One was.
    """
    folders = [str((root / entry).resolve()) for entry in path]
    for name in {spec.partition(":")[0].partition(".")[0] for spec in specs}:
        found = PathFinder.find_spec(name, folders) if folders else None
        loaded = getattr(sys.modules.get(name), "__file__", None)
        if found is None or found.origin is None or loaded is None:
            continue
        if Path(found.origin).resolve() != Path(loaded).resolve():
            raise WorkflowCodeError(
                f"the module {name} was loaded from {loaded}, and this worker's is {found.origin}",
                where=where,
                cure="Two modules of one name cannot be loaded together: replay the workers one at a time, "
                "with --worker NAME.",
            )


_PREPARED: dict[str, object] = {}
"""By what names it: what was called."""


def prepare(spec: str, *, where: str) -> None:
    """Call the function of a project that has to run before its code is loaded; once a process.

    Args:
        spec: `module:function`.
        where: The key of the configuration, for messages.

    Raises:
        WorkflowCodeError: It is not there, no plain function without arguments, or it raised.
    """
    function = resolve(spec, where=where)
    if _PREPARED.get(spec) is function:
        return
    if not callable(function) or inspect.iscoroutinefunction(function):
        kind = "an async function" if callable(function) else f"a {type(function).__name__}"
        raise WorkflowCodeError(
            f"{spec} is {kind}, and a function is expected", where=where, cure="Name a plain function."
        )
    try:
        function()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit() too
        raise WorkflowCodeError(
            f"calling {spec} raised {type(error).__name__}: {error}",
            where=where,
            cure="It is called without arguments, before any other code of the project is loaded.",
        ) from error
    _PREPARED[spec] = function


def resolve(spec: str, *, where: str) -> Any:
    """The object that `module:attribute` names.

    Args:
        spec: Such as `app.codec:data_converter`; the attribute may be dotted.
        where: The key of the configuration, for messages.

    Raises:
        WorkflowCodeError: The form is wrong, the module does not import, or the attribute is not there.
    """
    module_name, colon, attribute = spec.partition(":")
    place = f"{where}: {spec!r}"
    if not colon or not module_name or not attribute:
        module_name, _, attribute = spec.strip(":").rpartition(".")
        meant = f"{module_name}:{attribute}" if module_name and attribute else "app.codec:data_converter"
        raise WorkflowCodeError("expected module:attribute", where=place, cure=f"Write it as {meant}.")
    value: Any = import_module(module_name, where=where)
    for part in attribute.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            close = difflib.get_close_matches(part, dir(value), n=1)
            cure = f"Did you mean {close[0]!r}?" if close else "Correct the name."
            raise WorkflowCodeError(
                f"module {module_name} has no attribute {part!r}", where=place, cure=cure
            ) from None
    return value


def import_module(name: str, *, where: str) -> ModuleType:
    """Import a module of the user's.

    Args:
        name: Its dotted name.
        where: The key of the configuration, for messages.

    Raises:
        WorkflowCodeError: There is no such module, importing it raised, or gives something else.
    """
    place = f"{where}: {name!r}"
    try:
        module: object = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            meant = ".".join(Path(name.removesuffix(".py")).parts)
            cure = f"Run from the project's root, or install it. sys.path begins with {sys.path[0]!r}."
            if meant != name:
                cure = f"Did you mean {meant}?"
            raise WorkflowCodeError(f"no module named {error.name!r}", where=place, cure=cure) from error
        raise _import_failed(name, place, error) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit() in a module must not end a check, and not as a success
        raise _import_failed(name, place, error) from error
    if not isinstance(module, ModuleType):
        raise WorkflowCodeError(
            f"importing it gives no module but {type(module).__name__}",
            where=place,
            cure="Something puts that into sys.modules in its place: name the module that has the code.",
        )
    return module


def import_with_submodules(name: str, *, where: str) -> Iterator[ModuleType]:
    """Import a module, and where it is a package everything below it but `__main__`.

    Args:
        name: Its dotted name.
        where: The key of the configuration, for messages.

    Raises:
        WorkflowCodeError: One of them does not import.
    """
    module = import_module(name, where=where)
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
        if not found.name.endswith(".__main__"):
            yield import_module(found.name, where=where)


def _import_failed(name: str, place: str, error: BaseException) -> WorkflowCodeError:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_users_path(frame.filename)]
    at = f" at {display(Path(frames[-1].filename))}:{frames[-1].lineno}" if frames else ""
    return WorkflowCodeError(
        f"importing it raised {type(error).__name__}: {error}{at}",
        where=place,
        cure=f'Try it alone: python -c "import {name}".',
    )
