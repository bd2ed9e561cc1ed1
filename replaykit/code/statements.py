"""Pieces of the user's own source for the code that a suggestion shows."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from replaykit.verdict import SourceLine

__all__ = ["around", "code_of", "statement_at"]

_MOST_COLUMNS = 140


def statement_at(source: SourceLine | None) -> ast.stmt | None:
    """The syntax of the smallest statement around a line; None where no line is known."""
    if source is None:
        return None
    tree = _parsed(source.file)[1]
    simple = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and node.lineno <= source.line <= (node.end_lineno or 0)
    ]
    return min(simple, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)


def around(source: SourceLine) -> Iterator[ast.AST]:
    """The syntax of the class or function around a line, whole."""
    tree = _parsed(source.file)[1]
    for node in tree.body if tree else ():
        if node.lineno <= source.line <= (node.end_lineno or 0):
            return ast.walk(node)
    return iter(())


def code_of(statement: ast.stmt, file: str, *, most_lines: int) -> list[str]:
    """A statement of a file, whole and dedented; one of more lines on one line, where that is readable."""
    text = "\n".join(_parsed(file)[0].splitlines()[statement.lineno - 1 : statement.end_lineno])
    lines = textwrap.dedent(text).splitlines()
    if len(lines) <= most_lines:
        return lines
    short = ast.unparse(statement)
    return [short] if "\n" not in short and len(short) <= _MOST_COLUMNS else lines


@lru_cache(maxsize=64)
def _parsed(file: str) -> tuple[str, ast.Module | None]:
    try:
        source = Path(file).read_text(encoding="utf-8")
        return source, ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return "", None
