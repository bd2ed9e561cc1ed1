"""What code says of patches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m

__all__ = ["Question", "deprecated_in", "inverted_in", "is_deprecation", "patched_in", "question_in"]


def _call(name: str) -> m.Call:
    function = m.Attribute(attr=m.Name(name)) | m.Name(name)
    return m.Call(func=function, args=[m.AtLeastN(n=1)])


_PATCHED, _DEPRECATED = _call("patched"), _call("deprecate_patch")
_INVERTED = m.UnaryOperation(operator=m.Not(), expression=_PATCHED)


class Question(NamedTuple):
    """A condition that is about a patch, and nothing else."""

    patch_id: str
    is_negated: bool


def patched_in(nodes: Sequence[cst.CSTNode]) -> frozenset[str]:
    """Ids that code gives to `patched`; `*` for one that is no plain text."""
    return frozenset(_ids(nodes, _PATCHED))


def deprecated_in(nodes: Sequence[cst.CSTNode]) -> frozenset[str]:
    """Ids that code gives to `deprecate_patch`."""
    return frozenset(_ids(nodes, _DEPRECATED)) - {"*"}


def inverted_in(nodes: Sequence[cst.CSTNode]) -> frozenset[str]:
    """Ids of the patches that code asks about as `not patched(...)`."""
    found = [each.expression for node in nodes for each in m.findall(node, _INVERTED)]  # type: ignore[attr-defined]
    return frozenset(_ids(found, _PATCHED)) - {"*"}


def question_in(node: cst.CSTNode) -> Question | None:
    """What a condition asks that is `patched(...)` or `not patched(...)`; None for any other."""
    is_negated = m.matches(node, _INVERTED)
    if not is_negated and not m.matches(node, _PATCHED):
        return None
    return Question(next(_ids([node], _PATCHED)), is_negated)


def is_deprecation(node: cst.CSTNode) -> bool:
    """Whether a statement is a call of `deprecate_patch`, and nothing else."""
    return m.matches(node, m.SimpleStatementLine(body=[m.Expr(value=_DEPRECATED)]))


def _ids(nodes: Sequence[cst.CSTNode], call: m.Call) -> Iterator[str]:
    for node in nodes:
        for found in m.findall(node, call):
            assert isinstance(found, cst.Call)
            first = found.args[0].value
            text = first.evaluated_value if isinstance(first, cst.SimpleString) else None
            yield text if isinstance(text, str) else "*"
