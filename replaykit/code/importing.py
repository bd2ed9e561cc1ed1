"""Importing what a configuration names as `module` or `module:attribute`."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from replaykit.errors import WorkflowCodeError

__all__ = ["add_import_paths", "import_module", "import_with_submodules", "resolve"]


def add_import_paths(root: Path) -> None:
    """Put a project's root, and its `src` folder where there is one, first on `sys.path`.

    Args:
        root: The project's folder. A second call changes nothing.
    """
    for folder in (root / "src", root):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def resolve(spec: str) -> Any:
    """The object that `module:attribute` names.

    Args:
        spec: Such as `app.codec:data_converter`; the attribute may be dotted.

    Raises:
        WorkflowCodeError: The form is wrong, the module does not import, or the attribute is not there.
    """
    module_name, colon, attribute = spec.partition(":")
    if not colon or not module_name or not attribute:
        raise WorkflowCodeError(
            "expected module:attribute", where=repr(spec), cure="Write it as app.codec:data_converter."
        )
    value: Any = import_module(module_name)
    for part in attribute.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            close = difflib.get_close_matches(part, dir(value), n=1)
            cure = f"Did you mean {close[0]!r}?" if close else "Correct the name in [tool.replaykit]."
            raise WorkflowCodeError(
                f"module {module_name} has no attribute {part!r}", where=repr(spec), cure=cure
            ) from None
    return value


def import_module(name: str) -> ModuleType:
    """Import a module of the user's.

    Args:
        name: Its dotted name.

    Raises:
        WorkflowCodeError: There is no such module, or importing it raised.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise WorkflowCodeError(
                f"no module named {error.name!r}",
                where=repr(name),
                cure=f"Run from the project's root, or install it. sys.path begins with {sys.path[0]!r}.",
            ) from error
        raise _import_failed(name, error) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit() in a module must not end a check, and not as a success
        raise _import_failed(name, error) from error


def import_with_submodules(name: str) -> Iterator[ModuleType]:
    """Import a module, and where it is a package everything below it but `__main__`.

    Args:
        name: Its dotted name.

    Raises:
        WorkflowCodeError: One of them does not import.
    """
    module = import_module(name)
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
        if not found.name.endswith(".__main__"):
            yield import_module(found.name)


def _import_failed(name: str, error: BaseException) -> WorkflowCodeError:
    return WorkflowCodeError(
        f"importing it raised {type(error).__name__}: {error}",
        where=repr(name),
        cure=f'Try it alone: python -c "import {name}".',
    )
