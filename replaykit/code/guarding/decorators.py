"""Decorators that a change alters: they hold for all runs, so no patch can decide about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from replaykit.code.guarding.pairing import function_before
from replaykit.code.guarding.texts import code_of, plain
from replaykit.code.guarding.tree import Tree

__all__ = ["changed_decorators"]


def changed_decorators(base: Tree, head: Tree, classes: Mapping[str, str], *, file: str) -> Iterator[str]:
    """What stands in the way of a guard, a sentence for each class and function.

    Args:
        base: The module before.
        head: The module now.
        classes: By class of the head, that of the base which it was.
        file: The head's.
    """
    for now, before in classes.items():
        yield from _changed(now, base.classes[before], head.classes[now], head, file)
    for name, function in head.functions.items():
        was = function_before(base, function, classes)
        if was is not None:
            yield from _changed(name, was.node, function.node, head, file)


def _changed(
    name: str,
    was: cst.ClassDef | cst.FunctionDef,
    now: cst.ClassDef | cst.FunctionDef,
    head: Tree,
    file: str,
) -> Iterator[str]:
    before, after = _by_text(was), _by_text(now)
    gone = [code for text, code in before.items() if text not in after]
    new = [code for text, code in after.items() if text not in before]
    if gone or new:
        place = f"{name} ({file}:{head.lines.get(now, 1)})"
        yield (
            f"the decorator of {place} was {_shown(gone)} and is {_shown(new)}; a decorator "
            "holds for all runs, so no patch can decide about it"
        )


def _by_text(node: cst.ClassDef | cst.FunctionDef) -> dict[str, str]:
    return {plain(each.decorator): f"@{code_of(each.decorator)}" for each in node.decorators}


def _shown(decorators: list[str]) -> str:
    return ", ".join(decorators) or "not there"
