"""The words and numbers that a workflow's own source mentions: what it compares with is worth trying."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st

from replaykit.explore.values import Values, strategy_for

__all__ = ["with_constants"]

_MOST = 40
_LONGEST = 40


def with_constants(values: Values, workflow_class: type) -> Values:
    """The same Values, where texts and whole numbers are now and then ones of the workflow's own module.

    A branch on `if region == "eu"` is not found by chance. What the user says about `str` or `int` stays.

    Args:
        values: What the user says.
        workflow_class: The workflow.
    """
    words, numbers = _constants_of(inspect.getsourcefile(workflow_class) or "")
    types = dict(values.types)
    if words and str not in types:
        types[str] = st.one_of(strategy_for(str), st.sampled_from(words))
    if numbers and int not in types:
        types[int] = st.one_of(strategy_for(int), st.sampled_from(numbers))
    return replace(values, types=types)


@lru_cache(maxsize=64)
def _constants_of(file: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return (), ()
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose
    ]
    words = dict.fromkeys(value for value in found if isinstance(value, str) and 0 < len(value) <= _LONGEST)
    numbers = dict.fromkeys(
        near
        for value in found
        if isinstance(value, int) and not isinstance(value, bool)
        for near in (value, value + 1, value - 1)
    )
    return tuple(words)[:_MOST], tuple(numbers)[:_MOST]
