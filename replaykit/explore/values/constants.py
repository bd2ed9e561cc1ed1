"""The words and numbers that a workflow's own source mentions: what it compares with is worth trying."""

from __future__ import annotations

from dataclasses import replace

from replaykit.code.classes import file_of
from replaykit.code.literals import literals_of
from replaykit.explore.values.mentioned import Mentioned
from replaykit.explore.values.overrides import Values

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
            types[hint] = Mentioned(constants=constants)
    return replace(values, types=types)
