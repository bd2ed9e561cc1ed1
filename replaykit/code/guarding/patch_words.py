"""What code says of patches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst
import libcst.matchers as m

__all__ = ["deprecated_in", "inverted_in", "is_about_patch", "is_deprecation", "patched_in"]


def _call(name: str) -> m.Call:
    function = m.Attribute(attr=m.Name(name)) | m.Name(name)
    return m.Call(func=function, args=[m.AtLeastN(n=1)])


_PATCHED, _DEPRECATED = _call("patched"), _call("deprecate_patch")
_INVERTED = m.UnaryOperation(operator=m.Not(), expression=_PATCHED)


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


def is_about_patch(node: cst.CSTNode) -> bool:
    """Whether a condition is a call of `patched`, and nothing else."""
    return m.matches(node, _PATCHED)


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
