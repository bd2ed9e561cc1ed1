"""Functions in which no patch can be asked about: what queries, validators and activities come to.

The SDK refuses `workflow.patched` in a query or a validator, and outside a workflow it fails. Who calls whom
is read off names, so a function that only looks as if it were called is left alone, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from replaykit.code.guarding.texts import code_of
from replaykit.code.guarding.tree import Function, Tree, decorator_names

__all__ = ["Place", "names_workflow", "out_of_reach"]


class Place(NamedTuple):
    """A function of a file."""

    file: str
    function: str
    """Its name with those of its classes."""


class _Calls(NamedTuple):
    """What the body of a function names."""

    names: frozenset[str]
    """On their own, or of a module."""
    own: frozenset[str]
    """Attributes of `self` or `cls`."""


def out_of_reach(trees: Mapping[str, Tree]) -> frozenset[Place]:
    """The functions that cannot ask about a patch.

    Args:
        trees: By file, the modules of the change.
    """
    every = {Place(file, name): each for file, tree in trees.items() for name, each in tree.functions.items()}
    found = {place for place, each in every.items() if _is_read_only(each) or each.is_activity}
    found |= {place for place in every if not names_workflow(trees[place.file])}
    waiting = [place for place in found if _is_read_only(every[place]) or every[place].is_activity]
    while waiting:
        place = waiting.pop()
        for called in _called(every[place], every.items()):
            if called not in found:
                found.add(called)
                waiting.append(called)
    return frozenset(found)


def names_workflow(tree: Tree) -> bool:
    """Whether a module imports `temporalio.workflow`, under whatever name: code of workflows does."""
    imports = {id(each): code_of(each) for each in tree.bound.values()}
    return any("temporalio" in text and "workflow" in text for text in imports.values())


def _is_read_only(function: Function) -> bool:
    return any(name.rpartition(".")[2] in ("query", "validator") for name in decorator_names(function.node))


def _called(function: Function, every: Iterable[tuple[Place, Function]]) -> Iterator[Place]:
    calls = _calls_of(function)
    for place, each in every:
        name = each.name.rpartition(".")[2]
        if (each.owner is None and name in calls.names) or (
            each.owner is not None and function.owner is not None and name in calls.own
        ):
            yield place


def _calls_of(function: Function) -> _Calls:
    names: set[str] = set()
    own: set[str] = set()
    for node in ast.walk(ast.parse(code_of(function.node.with_changes(decorators=(), leading_lines=())))):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            (own if is_own else names).add(node.attr)
    return _Calls(frozenset(names), frozenset(own))
