"""Where a class that has been imported stands in its source."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from replaykit.code.sources import tree_of

__all__ = ["file_of", "import_root_of", "line_of", "place_of", "statement_lines"]


def file_of(cls: type) -> str | None:
    """The source file that a class was defined in.

    Args:
        cls: Any class.

    Returns:
        None for a class without one: of the interpreter, or of an interactive session.
    """
    try:
        return inspect.getsourcefile(cls)
    except (OSError, TypeError):
        return None


def line_of(cls: type) -> int | None:
    """The first line of a class in its file, counted from 1; that of its first decorator where it has one.

    Args:
        cls: Any class.

    Returns:
        None where the file is gone, or no longer defines the class.
    """
    try:
        return inspect.getsourcelines(cls)[1]
    except (OSError, TypeError, SyntaxError, ValueError):
        return None


def place_of(cls: type) -> str:
    """A class as a message names it: `app.flows:Order (/src/app/flows.py:12)`.

    Args:
        cls: Any class.
    """
    line = line_of(cls)
    return f"{cls.__module__}:{cls.__qualname__} ({file_of(cls) or '?'}{'' if line is None else f':{line}'})"


def import_root_of(cls: type) -> Path:
    """The folder that a class is imported from: where its top package lies.

    Args:
        cls: Any class.

    Returns:
        The current folder's parent for a class without a file.
    """
    file = Path(file_of(cls) or ".").resolve()
    levels = cls.__module__.count(".")
    return file.parents[levels] if levels < len(file.parents) else file.parent


def statement_lines(cls: type) -> frozenset[int]:
    """The lines on which the statements in the bodies of a class's methods begin.

    Args:
        cls: Any class.

    Returns:
        Numbers counted from 1, without docstrings and without statements that leave no trace when they run;
        none where the source cannot be read.
    """
    tree, first = tree_of(file_of(cls) or ""), line_of(cls)
    if tree is None or first is None:
        return frozenset()
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == cls.__name__]
    near = min(classes, key=lambda node: abs(node.lineno - first), default=None)
    return frozenset(
        node.lineno
        for method in (near.body if near is not None else ())
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
        for statement in method.body
        for node in ast.walk(statement)
        if isinstance(node, ast.stmt) and not _is_docstring(node) and not _leaves_no_trace(node)
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _leaves_no_trace(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Pass, ast.Global, ast.Nonlocal, ast.Try)) or (
        isinstance(node, ast.AnnAssign) and node.value is None
    )
