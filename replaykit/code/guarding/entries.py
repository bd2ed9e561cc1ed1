"""Defaults of what clients call, runs and handlers: a call that left an argument out meant the old one.

A patch cannot be asked about where a default stands. So a value that nobody can send takes its place, and
the body decides. Annotations stay as they are, and with them what clients see and what a converter makes of
payloads.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from replaykit.code.guarding.constants import Settled, changed_defaults
from replaykit.code.guarding.hunks import Hunk, HunkKind, Rewrite
from replaykit.code.guarding.texts import code_of, is_docstring
from replaykit.code.guarding.tree import Function, entry_of

__all__ = ["changed_entry_defaults"]


def _statement(code: str) -> cst.SimpleStatementLine:
    made = cst.parse_statement(code)
    assert isinstance(made, cst.SimpleStatementLine)
    return made


_SHORT = 24
"""A default of so many characters is part of a patch id."""
_LEFT_OUT = "_LEFT_OUT"
_IMPORT = _statement("from typing import Any")
_NAME = _statement(f"# Stands for an argument that was left out.\n{_LEFT_OUT}: Any = object()")


def changed_entry_defaults(
    was: Function, now: Function, settled: Settled, *, file: str, line: int
) -> Iterator[Hunk]:
    """The parameters of a run or a handler that have another default.

    Args:
        was: The function in the base.
        now: It in the head; one that only code calls has none of these, because its calls are guarded.
        settled: Puts the base's values of constants in.
        file: The head's.
        line: The function's.
    """
    entry = entry_of(now.node)
    if entry is None or entry.kind == "query":
        return
    for name, default, old in changed_defaults(was.node, now.node, settled):
        yield Hunk(
            kind=HunkKind.EXPRESSION,
            file=file,
            function=now.name,
            line=line,
            base=(old,),
            head=(now.node,),
            rewrite=_deciding(name, default, old),
            about=f"{name} {code_of(default)}" if len(code_of(default)) <= _SHORT else name,
            adds=(_IMPORT, _NAME),
        )


def _deciding(name: str, now: cst.BaseExpression, was: cst.BaseExpression) -> Rewrite:
    """Decides at the start of the body what an argument is that was left out."""

    def rewrite(node: cst.CSTNode, asked: cst.BaseExpression) -> cst.CSTNode:
        assert isinstance(node, cst.FunctionDef)
        either = cst.IfExp(test=asked, body=now, orelse=was)
        value = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], either)])
        left_out = cst.ComparisonTarget(cst.Is(), cst.Name(_LEFT_OUT))
        deciding = cst.If(cst.Comparison(cst.Name(name), [left_out]), cst.IndentedBlock([value]))
        body = list(node.body.body)
        place = sum(map(is_docstring, body[:1]))
        block = node.body.with_changes(body=[*body[:place], deciding, *body[place:]])
        return node.with_changes(params=node.params.visit(_LeftOut(name)), body=block)

    return rewrite


class _LeftOut(cst.CSTTransformer):
    """Gives a parameter the default that says that nothing was given."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        if original_node.name.value != self._name:
            return updated_node
        return updated_node.with_changes(default=cst.Name(_LEFT_OUT))
