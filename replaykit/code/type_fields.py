"""Annotated fields that a class gained or lost."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

__all__ = ["moved_fields"]


def moved_fields(base: Mapping[str, str], head: Mapping[str, str]) -> frozenset[str]:
    """Names of the annotated fields that a class has on one side only.

    Args:
        base: By path, the files of the base.
        head: The same of the change.
    """
    before, after = ({each for text in side.values() for each in _fields(text)} for side in (base, head))
    classes = {owner for owner, _ in before} & {owner for owner, _ in after}
    return frozenset(name for owner, name in before ^ after if owner in classes)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef):
            for each in owner.body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                    yield owner.name, each.target.id
