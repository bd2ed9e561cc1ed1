"""What the statements at the top of a module, or of a class, bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

__all__ = ["Namespace", "bindings_of", "bound_by", "dotted_name", "stars_of", "top_of"]


class Namespace(Protocol):
    """A module, read and not run."""

    @property
    def name(self) -> str:
        """Dotted."""

    @property
    def names(self) -> Mapping[str, str]:
        """What imports make of local names: `wf` is `temporalio.workflow`."""

    @property
    def stars(self) -> Sequence[str]:
        """The modules of which it imports all names."""

    @property
    def bindings(self) -> Mapping[str, tuple[ast.stmt, ...]]:
        """By name, the statements at its top that bind or change it."""


def bindings_of(body: Sequence[ast.stmt]) -> dict[str, tuple[ast.stmt, ...]]:
    """By name, the statements that bind it or change its value, in order.

    Args:
        body: Of a module or a class.
    """
    found: dict[str, list[ast.stmt]] = {}
    for statement in top_of(body):
        for name in bound_by(statement):
            found.setdefault(name, []).append(statement)
    return {name: tuple(statements) for name, statements in found.items()}


def top_of(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that an import runs; those of `with` blocks apart, imports and docstrings left out.

    Args:
        body: Of a module or a class.
    """
    for node in body:
        if isinstance(node, ast.With):
            yield from top_of(node.body)
        elif isinstance(node, ast.If) and _is_for_others(node.test):
            yield from top_of(node.orelse)
        elif not (
            isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass))
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ):
            yield node


def _is_for_others(test: ast.expr) -> bool:
    """Whether a condition holds for type checkers alone, or for a script alone."""
    text = ast.unparse(test)
    return text.endswith("TYPE_CHECKING") or text.startswith("__name__ ==")


def bound_by(statement: ast.stmt) -> tuple[str, ...]:
    """The names that a statement binds, or whose values it changes, each once.

    Args:
        statement: One of `top_of`.
    """
    return tuple(dict.fromkeys(_bound(statement)))


def _bound(statement: ast.stmt) -> Iterator[str]:
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


def stars_of(tree: ast.Module, package: str) -> Iterator[str]:
    """The modules of which a module imports all names.

    Args:
        tree: The module.
        package: The package that its relative imports start from.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            parts = package.split(".") if node.level else []
            kept = parts[: len(parts) - node.level + 1]
            yield ".".join([*kept, *([node.module] if node.module else [])])


def dotted_name(node: ast.expr) -> str | None:
    """The dotted name that an expression is; None for any other expression.

    Args:
        node: Such as that of `wf.patched`.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted_name(node.value)
        return f"{base}.{node.attr}" if base else None
    return None
