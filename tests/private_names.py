"""Finds uses of temporalio's private names in source, without running it. `tests/test_house.py` asks.

An attribute of something that was imported from temporalio is found easily. One of an object that the SDK
made is not, so the names themselves are searched: those that `replaykit.replay.sdk` declares, and those that
classes and modules of the installed temporalio have. Names on `self`, `cls` and `super()` are a class's own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import temporalio

from replaykit.replay.sdk.private import PRIVATE_NAMES

__all__ = ["names_in", "private_uses"]

_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr", "attrgetter", "methodcaller"})
_OWN = frozenset({"self", "cls"})


def private_uses(source: str) -> list[str]:
    """Each use of a private name of temporalio in a module, as `line: what`."""
    tree = ast.parse(source)
    bound, docstrings = dict(_bound(tree)), _docstrings(tree)
    found = {use for node in ast.walk(tree) for use in _uses(node, bound, docstrings)}
    return [f"{line}: {what}" for line, what in sorted(found)]


def names_in(source: str) -> set[str]:
    """The private names of temporalio that stand in a module in whatever way, also on `self`."""
    tree = ast.parse(source)
    docstrings = _docstrings(tree)
    found: set[str] = set()
    for node in ast.walk(tree):
        found.update(part for path in _imported(node) for part in path.split("."))
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif id(node) not in docstrings:
            found.update(_text(node).split("."))
    return {name for name in found if name in PRIVATE_NAMES or name in _names_of_temporalio()}


def _uses(node: ast.AST, bound: dict[str, str], docstrings: set[int]) -> Iterator[tuple[int, str]]:
    for path in _imported(node):
        if any(part.startswith("_") for part in path.split(".")):
            yield node.lineno, f"import of {path}"  # type: ignore[attr-defined]  # an import has a line
    if isinstance(node, ast.Attribute):
        if _is_of_temporalio(node, bound) or _is_of_an_instance(node, bound):
            yield node.lineno, ast.unparse(node)
    elif isinstance(node, ast.Constant) and id(node) not in docstrings:
        if (text := _text(node)) in PRIVATE_NAMES or "__temporal" in text:
            yield node.lineno, repr(text)
    elif isinstance(node, (ast.Call, ast.Subscript)) and _names_of_temporalio() & set(_asked_by_name(node)):
        yield node.lineno, ast.unparse(node)


def _is_of_temporalio(node: ast.Attribute, bound: dict[str, str]) -> bool:
    """`workflow._Runtime`, `temporalio.worker._replayer`, `ActivityHandle.__hash__ = ...`."""
    root = _root(node)
    return node.attr.startswith("_") and root is not None and _package(bound.get(root, "")) == "temporalio"


def _is_of_an_instance(node: ast.Attribute, bound: dict[str, str]) -> bool:
    """`instance._add_command`, `instance.create_task = ...`: by its name, whatever it is of."""
    if isinstance(node.value, ast.Name) and node.value.id in _OWN:
        return False
    if isinstance(node.value, ast.Call) and _called(node.value) == "super":
        return False
    root = _root(node)
    if root in bound and _package(bound[root]) != "temporalio":
        return False  # of another package: `os._exit`, `asyncio.create_task`
    return node.attr in PRIVATE_NAMES or node.attr in _names_of_temporalio()


def _asked_by_name(node: ast.Call | ast.Subscript) -> list[str]:
    """The names in `getattr(it, "name")` and the like, or in `vars(it)["name"]`."""
    if isinstance(node, ast.Call):
        return [_text(argument) for argument in node.args] if _called(node) in _BY_NAME else []
    is_of_vars = isinstance(node.value, ast.Call) and _called(node.value) == "vars"
    return [_text(node.slice)] if is_of_vars else []


def _text(node: ast.AST) -> str:
    """A string that stands in the source; empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _package(path: str) -> str:
    return path.partition(".")[0]


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _imported(node: ast.AST) -> list[str]:
    """The dotted names that an import takes from temporalio."""
    paths: list[str] = []
    if isinstance(node, ast.Import):
        paths = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        paths = [f"{node.module}.{alias.name}" for alias in node.names]
    return [path for path in paths if _package(path) == "temporalio"]


def _bound(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """By name in the module, what was imported under it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or _package(alias.name), alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _docstrings(tree: ast.Module) -> set[int]:
    """Strings that stand as statements of their own."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


@lru_cache(maxsize=1)
def _names_of_temporalio() -> frozenset[str]:
    """Names with an underscore that the SDK's own modules define, set on objects, or have as a string."""
    found: set[str] = set()
    for folder in map(Path, temporalio.__path__):
        for path in folder.rglob("*.py"):
            if {"api", "proto"} & set(path.relative_to(folder).parts):
                continue  # generated messages
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    found.add(node.name)
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    found.add(node.attr)
                else:
                    found.add(_text(node))
    return frozenset(name for name in found if name.isidentifier() and _is_private(name))


def _is_private(name: str) -> bool:
    """Whether a name is somebody's own; `_` and `__init__` are everybody's."""
    return name.startswith("_") and bool(name.strip("_")) and not name.endswith("__")
