"""The lines of functions that a change alters, or that use what it alters. Nothing is imported.

Statements are compared, and not lines: comments, docstrings and layout change nothing.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from replaykit.code.sources import tree_of

__all__ = ["changed_lines"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Item:
    """A statement without the statements in it."""

    key: tuple[str, str]
    """Where it stands among those around it, and what it is."""
    lines: frozenset[int]
    """Its own; of a `def` or `class` those of all that is in it."""
    in_function: bool
    binds: frozenset[str]
    """Names that it gives a value, for all that uses them."""
    uses: frozenset[str]


def changed_lines(files: Iterable[tuple[Path, Path | None]]) -> Mapping[Path, frozenset[int]]:
    """By file of the change, the lines in functions that are not as in the base.

    Args:
        files: The Python files of the change, each with the base's version; None for a new one.
    """
    now = {path: list(_items(path)) for path, _ in files}
    found: dict[Path, set[int]] = {path: set() for path in now}
    names: set[str] = set()
    for path, before in files:
        was = [] if before is None else list(_items(before))
        for each in _changed(was, now[path]):
            found[path] |= each.lines if each.in_function else set()
            names |= each.binds
    uses = [(path, each) for path, items in now.items() for each in items]
    waiting = names
    while waiting:  # a constant of a constant, too
        using = [(path, each) for path, each in uses if each.uses & waiting]
        for path, each in using:
            found[path] |= each.lines if each.in_function else set()
        waiting = {name for _, each in using for name in each.binds} - names
        names |= waiting
    return {path: frozenset(lines) for path, lines in found.items() if lines}


def _changed(was: Sequence[_Item], now: Sequence[_Item]) -> Iterator[_Item]:
    """What is new or different, what stood next to what is gone, and what is gone from the top."""
    matcher = SequenceMatcher(None, [each.key for each in was], [each.key for each in now], autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        yield from now[start:end]
        yield from (each for each in was[first:last] if not each.in_function)
        gone = {each.key[0] for each in was[first:last] if each.in_function}
        if kind == "delete" and gone:
            beside = [each for each in now[max(start - 1, 0) : start + 1] if each.in_function]
            yield from [each for each in beside if each.key[0] in gone] or beside


def _items(path: Path) -> Iterator[_Item]:
    tree = tree_of(path)
    if tree is not None:
        yield from _below(tree, "", in_function=False)


def _below(node: ast.AST, place: str, *, in_function: bool) -> Iterator[_Item]:
    for block in _BLOCKS:
        for each in getattr(node, block, ()):
            if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
                continue  # a docstring
            yield _item(each, f"{place}/{block}", in_function=in_function)
            inside = f"{place}/{block}" if isinstance(each, (ast.stmt, ast.excepthandler)) else place
            inner = in_function or isinstance(each, _FUNCTIONS)
            yield from _below(each, inside, in_function=inner)


def _item(node: ast.AST, place: str, *, in_function: bool) -> _Item:
    header = copy.copy(node)
    for block in _BLOCKS:
        if hasattr(header, block):
            setattr(header, block, [])
    is_definition = isinstance(node, (*_FUNCTIONS, ast.ClassDef))
    blocks = [each for block in _BLOCKS for each in getattr(node, block, ())]
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
    if blocks and not is_definition:
        last = max(first, min(getattr(each, "lineno", last) for each in blocks) - 1)
    return _Item(
        key=(place, ast.dump(header)),
        lines=frozenset(range(first, last + 1)),
        in_function=in_function or is_definition,
        binds=frozenset() if in_function else frozenset(_bound(header)),
        uses=frozenset(_used(header)),
    )


def _bound(header: ast.AST) -> Iterator[str]:
    if isinstance(header, (*_FUNCTIONS, ast.ClassDef)):
        return  # its own lines are what changed
    for node in ast.walk(header):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]


def _used(header: ast.AST) -> Iterator[str]:
    for node in ast.walk(header):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.name.rpartition(".")[2]
