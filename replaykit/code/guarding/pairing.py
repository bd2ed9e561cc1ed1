"""Which class and which function of the base one of the head was."""

from __future__ import annotations

from collections.abc import Mapping

from replaykit.code.guarding.texts import similarity
from replaykit.code.guarding.tree import Function, Tree, entry_of, workflow_type_in

__all__ = ["classes_before", "function_before", "name_before"]

_ALIKE = 0.34
"""Two workflow classes that have so much in common are one that got another name."""


def classes_before(base: Tree, head: Tree) -> dict[str, str]:
    """By class of the head, that of the base which it was: of its name or workflow type, or much like it.

    Args:
        base: The module before.
        head: The module now.
    """
    found = {name: name for name in head.classes if name in base.classes}
    for name, node in head.classes.items():
        kind = workflow_type_in(node)
        was = base.class_of_type(kind) if kind is not None and name not in found else None
        if was is not None and was.name.value not in found.values():
            found[name] = was.name.value
    for name, node in head.classes.items():
        if name in found or workflow_type_in(node) is None:
            continue
        gone = [each for each in _workflows(base) if each not in found.values()]
        alike = {each: similarity(base.classes[each].body.body, node.body.body) for each in gone}
        best = max(alike, key=lambda each: alike[each], default=None)
        if best is not None and alike[best] > _ALIKE:
            found[name] = best
    return found


def name_before(name: str, classes: Mapping[str, str]) -> str:
    """What a function was called, if nothing but its class had another name.

    Args:
        name: In the head, with that of its class.
        classes: By class of the head, that of the base.
    """
    owner, dot, own = name.rpartition(".")
    return f"{classes.get(owner, owner)}{dot}{own}"


def function_before(base: Tree, function: Function, classes: Mapping[str, str]) -> Function | None:
    """The function of the base that one of the head was: of its name, or else what clients call by its name.

    Args:
        base: The module before.
        function: Of the head.
        classes: By class of the head, that of the base.
    """
    named = base.functions.get(name_before(function.name, classes))
    entry = entry_of(function.node)
    if named is not None or entry is None or function.owner is None:
        return named
    owner = base.classes.get(classes.get(function.owner.name.value, ""))
    return next(
        (each for each in base.functions.values() if each.owner is owner and entry_of(each.node) == entry),
        None,
    )


def _workflows(tree: Tree) -> list[str]:
    return [name for name, node in tree.classes.items() if workflow_type_in(node) is not None]
