"""Which lines of a workflow class no scenario reached."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection
from pathlib import Path

__all__ = ["missed_lines"]


def missed_lines(workflow: type, reached: Collection[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """File and number of the statements inside a class's methods that never ran, in order.

    Args:
        workflow: The class.
        reached: File and number of the lines that ran.
    """
    file = inspect.getsourcefile(workflow) or ""
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
        first = inspect.getsourcelines(workflow)[1]
    except (OSError, SyntaxError, ValueError):
        return ()
    ran = {line for name, line in reached if name == file}
    return tuple((file, line) for line in sorted(_statements(tree, workflow.__name__, first) - ran))


def _statements(tree: ast.Module, name: str, first: int) -> set[int]:
    """First lines of the statements in the bodies of a class's methods, docstrings left out."""
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == name]
    near = min(classes, key=lambda node: abs(node.lineno - first), default=None)
    return {
        node.lineno
        for method in (near.body if near is not None else ())
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
        for statement in method.body
        for node in ast.walk(statement)
        if isinstance(node, ast.stmt) and not _is_docstring(node) and not _is_declaration(node)
    }


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_declaration(node: ast.stmt) -> bool:
    """Statements that leave no line behind when they run."""
    return isinstance(node, (ast.Pass, ast.Global, ast.Nonlocal, ast.Try)) or (
        isinstance(node, ast.AnnAssign) and node.value is None
    )
