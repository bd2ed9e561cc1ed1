"""The places that go by what a change gives another value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.constants import Constants, Settled, attribute_value
from replaykit.code.guarding.hunks import Hunk, HunkKind, Rewrite
from replaykit.code.guarding.texts import code_of, plain
from replaykit.code.guarding.tree import Function

__all__ = ["uses_of"]

_SHORT = 24
"""A value of so many characters is part of a patch id."""


class _Use(NamedTuple):
    """A place that goes by what was changed."""

    node: cst.CSTNode
    was: cst.BaseExpression
    about: str
    rewrite: Rewrite | None
    loops: tuple[cst.CSTNode, ...]


def uses_of(
    constants: Constants, function: Function, *, file: str, lines: Mapping[cst.CSTNode, int]
) -> Iterator[Hunk]:
    """The places in a function of the head that go by what was changed.

    Args:
        constants: What was changed.
        function: The function.
        file: Its file.
        lines: By node, its line.
    """
    finder = _Uses(constants, function.owner.name.value if function.owner is not None else None)
    function.node.body.visit(finder)
    for use in finder.found:
        yield Hunk(
            kind=HunkKind.EXPRESSION,
            file=file,
            function=function.name,
            line=lines.get(use.node, lines.get(function.node, 1)),
            base=(use.was,),
            head=(use.node,),
            rewrite=use.rewrite,
            about=use.about,
            loops=use.loops,
        )


class _Uses(cst.CSTVisitor):
    """Finds them."""

    def __init__(self, constants: Constants, owner: str | None) -> None:
        super().__init__()
        self._constants = constants
        self._owner = owner
        self._loops: tuple[cst.CSTNode, ...] = ()
        self._bare: set[cst.CSTNode] = set()
        """What stands between commas or parentheses of its own already."""
        self.found: list[_Use] = []

    def visit_For_body(self, node: cst.For) -> None:
        self._loops = (*self._loops, node)

    def leave_For_body(self, node: cst.For) -> None:
        self._loops = self._loops[:-1]

    def visit_While(self, node: cst.While) -> None:
        self._loops = (*self._loops, node)

    def leave_While(self, original_node: cst.While) -> None:
        self._loops = self._loops[:-1]

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        return self._visit_text(node)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
        return self._visit_text(node)

    def _visit_text(self, node: cst.FormattedString | cst.ConcatenatedString) -> bool:
        """A text as a whole: before Python 3.12 no text in it can have its quotes."""
        inner = _Uses(self._constants, self._owner)
        for part in m.findall(node, m.FormattedStringExpression()):
            assert isinstance(part, cst.FormattedStringExpression)
            part.expression.visit(inner)
        was = Settled(self._constants, self._owner)(node)
        if inner.found and isinstance(was, cst.BaseExpression) and plain(was) != plain(node):
            self._note(node, was, inner.found[0].about)
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
        return False

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_Param(self, node: cst.Param) -> bool:
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        if isinstance(node.value, (cst.Name, cst.Attribute, cst.FormattedString)):
            self._bare.add(node.value)
        node.value.visit(self)
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        value = attribute_value(self._constants, node, self._owner)
        if value is not None:
            self._note(node, value, node.attr.value)
        else:
            node.value.visit(self)
        return False

    def visit_Name(self, node: cst.Name) -> None:
        value = self._constants.names.get(node.value)
        if value is not None:
            self._note(node, value, node.value)

    def visit_Call(self, node: cst.Call) -> None:
        function = node.func
        name = function.attr if isinstance(function, cst.Attribute) else function
        given = self._constants.defaults.get(name.value) if isinstance(name, cst.Name) else None
        for param, (place, now, was) in (given or {}).items():
            if not _is_given(node, param, place):
                about = f"{param} {_short(now)}"
                self.found.append(_Use(node, was, about.strip(), _giving(param, now, was), self._loops))

    def _note(self, node: cst.CSTNode, value: cst.BaseExpression, name: str) -> None:
        rewrite = _either(value) if node in self._bare else None
        self.found.append(_Use(node, value, name, rewrite, self._loops))


def _either(was: cst.BaseExpression) -> Rewrite:
    """Both values, without parentheses around them."""

    def rewrite(node: cst.CSTNode, asked: cst.BaseExpression) -> cst.CSTNode:
        assert isinstance(node, cst.BaseExpression)
        return cst.IfExp(test=asked, body=node, orelse=was)

    return rewrite


def _is_given(call: cst.Call, param: str, place: int) -> bool:
    if any(each.star for each in call.args):
        return True
    positional = [each for each in call.args if each.keyword is None]
    return 0 <= place < len(positional) or any(
        each.keyword is not None and each.keyword.value == param for each in call.args
    )


def _giving(param: str, now: cst.BaseExpression, was: cst.BaseExpression) -> Rewrite:
    """Adds an argument with both defaults to a call."""

    def rewrite(node: cst.CSTNode, asked: cst.BaseExpression) -> cst.CSTNode:
        assert isinstance(node, cst.Call)
        value = cst.IfExp(test=asked, body=now, orelse=was)
        argument = cst.Arg(
            keyword=cst.Name(param),
            value=value,
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )
        args = list(node.args)
        if args and isinstance(args[-1].comma, cst.MaybeSentinel):
            args[-1] = args[-1].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        return node.with_changes(args=[*args, argument])

    return rewrite


def _short(node: cst.BaseExpression) -> str:
    text = code_of(node)
    return text if len(text) <= _SHORT and m.matches(node, m.Integer() | m.Float() | m.SimpleString()) else ""
