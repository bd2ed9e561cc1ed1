"""The words and numbers that a workflow's own source mentions: what it compares with is worth trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from replaykit.code.classes import file_of
from replaykit.code.literals import literals_of
from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.shapes import Shape, shape_of

__all__ = ["with_constants"]

_MOST = 40
_LONGEST = 40


def with_constants(values: Values, workflow_class: type) -> Values:
    """The same Values, where texts and whole numbers are now and then ones of the workflow's own module.

    A branch on `if region == "eu"` is not found by chance. The user's own `str` or `int` stays.

    Args:
        values: The user's own.
        workflow_class: The workflow.
    """
    literals = literals_of(file_of(workflow_class) or "")
    words = [value for value in literals if isinstance(value, str) and 0 < len(value) <= _LONGEST]
    numbers = dict.fromkeys(
        near for value in literals if isinstance(value, int) for near in (value, value + 1, value - 1)
    )
    types = dict(values.types)
    for hint, constants in ((str, words[:_MOST]), (int, list(numbers)[:_MOST])):
        if constants and hint not in types:
            types[hint] = _now_and_then(hint, constants)
    return replace(values, types=types)


def _now_and_then(hint: type, constants: Sequence[Any]) -> Shape:
    """Values of a hint, of which about every third is one of these."""
    plain = shape_of(hint)

    def make(chooser: Chooser) -> Any:
        return pick(chooser, constants) if chooser.integer(0, 2) == 2 else plain.make(chooser)

    return Shape(where=plain.where, hints=plain.hints, make=make)
