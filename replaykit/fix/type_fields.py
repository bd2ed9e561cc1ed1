"""Fields that came or went with a type: they are in every value of it, and no patch reaches them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from replaykit.replay.strict.differences import ABSENT
from replaykit.verdict import Drift

__all__ = ["is_of_a_type", "moved_fields", "name_of"]


def moved_fields(base: Mapping[str, str], head: Mapping[str, str]) -> frozenset[str]:
    """Names of the annotated fields that a class has on one side only.

    Args:
        base: By path, the files of the base.
        head: The same of the change.
    """
    before, after = ({each for text in side.values() for each in _fields(text)} for side in (base, head))
    classes = {owner for owner, _ in before} & {owner for owner, _ in after}
    return frozenset(name for owner, name in before ^ after if owner in classes)


def is_of_a_type(drift: Drift, fields: frozenset[str]) -> bool:
    """Whether a value differs in nothing but a field that its type gained or lost.

    Args:
        drift: The difference.
        fields: As `moved_fields` has them.
    """
    is_there_once = (drift.recorded == ABSENT) != (drift.produced == ABSENT)
    return is_there_once and name_of(drift) in fields


def name_of(drift: Drift) -> str:
    """The last word of where a value differs: a field, where it differs in one.

    Args:
        drift: The difference.
    """
    return drift.field.rpartition(".")[2]


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
