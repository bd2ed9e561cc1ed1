"""Pieces of the user's source around a line: its statement, and what else the code around it mentions."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from replaykit.code.sources import lines_of, tree_of
from replaykit.verdict import SourceLine

__all__ = [
    "Mention",
    "Statement",
    "StatementKind",
    "awaits_below",
    "mentions_below",
    "statement_at",
    "texts_given_to",
]

StatementKind = Literal["return", "raise", "other"]

_MOST_COLUMNS = 140
_KINDS: dict[type[ast.stmt], StatementKind] = {ast.Return: "return", ast.Raise: "raise"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A statement without a body: neither a definition nor one such as `if` or `for`."""

    kind: StatementKind
    first: int
    """Its first line, counted from 1."""
    last: int
    """Its last line, itself included."""
    lines: tuple[str, ...]
    """Its source, dedented."""
    short: str
    """The same as Python writes it on one line, comments left out."""

    def shown(self, *, most_lines: int) -> list[str]:
        """Its source, dedented; where that is longer, on one line if that one is readable.

        Args:
            most_lines: Lines of source that are shown as they are.
        """
        if len(self.lines) <= most_lines or "\n" in self.short or len(self.short) > _MOST_COLUMNS:
            return list(self.lines)
        return [self.short]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A name, an attribute or a text in the source."""

    text: str
    line: int
    is_attribute: bool
    """Whether it stands after a dot."""


def statement_at(source: SourceLine | None) -> Statement | None:
    """The smallest statement around a line.

    Args:
        source: The line; None gives None.

    Returns:
        None where the file cannot be read, or no statement without a body is on that line.
    """
    node = _node_at(source) if source is not None else None
    if source is None or node is None:
        return None
    last = node.end_lineno or node.lineno
    text = "\n".join(lines_of(source.file)[node.lineno - 1 : last])
    return Statement(
        kind=_KINDS.get(type(node), "other"),
        first=node.lineno,
        last=last,
        lines=tuple(textwrap.dedent(text).split("\n")),
        short=ast.unparse(node),
    )


def mentions_below(source: SourceLine) -> list[Mention]:
    """What the class or function around a line mentions below the statement of that line.

    Args:
        source: The line.
    """
    # Below the whole statement: the very call may name on a line of its own what it took the place of.
    node = _node_at(source)
    end = (node.end_lineno if node is not None else None) or source.line
    return [each for each in _mentions(source) if each.line > end]


def awaits_below(source: SourceLine) -> bool:
    """Whether a line returns in the middle of an async function, which awaits something further down.

    Args:
        source: The line.
    """
    statement = _node_at(source)
    if not isinstance(statement, ast.Return):
        return False
    own = [
        node
        for node in _around(source)
        if isinstance(node, ast.AsyncFunctionDef) and statement in ast.walk(node)
    ]
    innermost = own[-1:]  # a walk comes to the outer one first
    end = statement.end_lineno or statement.lineno
    return any(isinstance(n, ast.Await) and n.lineno > end for f in innermost for n in ast.walk(f))


def texts_given_to(function: str, source: SourceLine, *, before: int | None = None) -> set[str]:
    """The texts that a function's calls have as first argument, in the class or function around a line.

    Args:
        function: The last part of its name, such as `patched`.
        source: The line.
        before: Take only calls above this line.
    """
    return {
        node.args[0].value
        for node in _around(source)
        if isinstance(node, ast.Call)
        and function in (getattr(node.func, "attr", None), getattr(node.func, "id", None))
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and (before is None or node.lineno < before)
    }


def _node_at(source: SourceLine) -> ast.stmt | None:
    tree = tree_of(source.file)
    simple = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and node.lineno <= source.line <= (node.end_lineno or 0)
    ]
    return min(simple, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)


def _around(source: SourceLine) -> Iterator[ast.AST]:
    """All syntax of the outermost class or function around a line."""
    tree = tree_of(source.file)
    for node in tree.body if tree else ():
        if node.lineno <= source.line <= (node.end_lineno or 0):
            return ast.walk(node)
    return iter(())


def _mentions(source: SourceLine) -> Iterator[Mention]:
    for node in _around(source):
        if isinstance(node, ast.Attribute):
            yield Mention(text=node.attr, line=node.lineno, is_attribute=True)
        elif isinstance(node, ast.Name):
            yield Mention(text=node.id, line=node.lineno, is_attribute=False)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Mention(text=node.value, line=node.lineno, is_attribute=False)
