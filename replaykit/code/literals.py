"""The words and numbers that a source file mentions."""

from __future__ import annotations

import ast
import inspect
import os
import textwrap

from replaykit.code.sources import tree_of

__all__ = ["literals_in_class", "literals_of"]


def literals_of(path: str | os.PathLike[str]) -> tuple[str | int, ...]:
    """The texts and whole numbers that stand in a source file, docstrings left out.

    Args:
        path: The file.

    Returns:
        Each once, those of outer blocks first; no truth values; none where the file does not parse.
    """
    tree = tree_of(path)
    return () if tree is None else _literals(tree)


def literals_in_class(cls: type) -> tuple[str | int, ...]:
    """The same of the statement that defines a class; none where its source is gone."""
    try:
        return _literals(ast.parse(textwrap.dedent(inspect.getsource(cls))))
    except (OSError, TypeError, SyntaxError, ValueError):
        return ()


def _literals(tree: ast.AST) -> tuple[str | int, ...]:
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = dict.fromkeys(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int))
        if not isinstance(node.value, bool) and id(node) not in prose
    )
    return tuple(found)
