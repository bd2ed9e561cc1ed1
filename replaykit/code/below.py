"""Modules found by path below folders, and what stands at the top of each: nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.modules import dotted_name, imports_of
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
    bindings: dict[str, list[ast.stmt]] = {}
    loose: list[ast.stmt] = []
    for statement in _top(tree.body):
        bound = list(dict.fromkeys(_bound(statement)))
        for each in bound:
            bindings.setdefault(each, []).append(statement)
        if not bound:
            loose.append(statement)
    return Source(
        name=name,
        names=names,
        stars=tuple(_stars(tree, package)),
        bindings={each: tuple(statements) for each, statements in bindings.items()},
        loose=tuple(loose),
    )


def _top(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that an import runs; those of `with` blocks apart, imports and docstrings left out."""
    for node in body:
        if isinstance(node, ast.With):
            yield from _top(node.body)
        elif isinstance(node, ast.If) and _is_for_others(node.test):
            yield from _top(node.orelse)
        elif not (
            isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass))
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ):
            yield node


def _is_for_others(test: ast.expr) -> bool:
    """Whether a condition holds for type checkers alone, or for a script alone."""
    text = ast.unparse(test)
    return text.endswith("TYPE_CHECKING") or text.startswith("__name__ ==")


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names at the top of a module that a statement binds, or whose values it changes."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
        return
    if isinstance(statement, ast.Expr):
        call = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            root = dotted_name(call.func)
            if root is not None:
                yield root.split(".")[0]
        return
    for node in ast.walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.id
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            root = dotted_name(node.value)
            if root is not None:
                yield root.split(".")[0]


def _stars(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            parts = package.split(".") if node.level else []
            kept = parts[: len(parts) - node.level + 1]
            yield ".".join([*kept, *([node.module] if node.module else [])])
