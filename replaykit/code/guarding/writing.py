"""The head's code with guards in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.hunks import Form, Hunk, HunkKind
from replaykit.code.guarding.marks import marked
from replaykit.code.guarding.patch_words import is_deprecation

__all__ = ["Guard", "Speech", "written"]

_PASS = m.SimpleStatementLine(body=[m.Pass()])
_LEAVES = m.SimpleStatementLine(body=[m.ZeroOrMore(), m.Return() | m.Raise()])


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """A hunk, and what becomes of it."""

    hunk: Hunk
    form: Form = Form.GUARDED
    patch_id: str = ""
    """Of a hunk that a patch decides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speech:
    """How a file writes what is put into it."""

    patched: str = "workflow.patched"
    """What it calls the function."""
    quote: str = '"'


def written(module: cst.Module, guards: Sequence[Guard], speech: Speech, mark: str = "") -> cst.Module:
    """A module with guards in it; all else stays as it is, to the byte.

    Args:
        module: Of the head.
        guards: Each about a hunk of this module; none inside the statements of another.
        speech: How it is written.
        mark: A comment above each method that comes back.
    """
    changed = module.visit(_Writer(guards, speech, mark))
    assert isinstance(changed, cst.Module)
    return changed


class _Writer(cst.CSTTransformer):
    """Puts guards in from the inside out, so that what a statement holds is done before it."""

    def __init__(self, guards: Sequence[Guard], speech: Speech, mark: str) -> None:
        super().__init__()
        self._speech = speech
        self._mark = mark
        self._blocks: dict[cst.CSTNode, list[Guard]] = {}
        self._expressions: dict[cst.CSTNode, list[Guard]] = {}
        for guard in guards:
            if guard.hunk.kind in (HunkKind.EXPRESSION, HunkKind.NAME):
                self._expressions.setdefault(guard.hunk.head[0], []).append(guard)
            elif guard.hunk.block is not None:
                self._blocks.setdefault(guard.hunk.block, []).append(guard)

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        node = super().on_leave(original_node, updated_node)
        for guard in self._expressions.get(original_node, ()):
            assert isinstance(node, cst.CSTNode)
            node = self._expression(guard, node)
        if original_node in self._blocks:
            assert isinstance(node, (cst.IndentedBlock, cst.Module))
            node = self._block(self._blocks[original_node], node)
        return node  # type: ignore[return-value]

    def _expression(self, guard: Guard, head: cst.CSTNode) -> cst.CSTNode:
        hunk = guard.hunk
        if hunk.rewrite is not None:
            return hunk.rewrite(head, self._asked(guard.patch_id))
        assert isinstance(head, cst.BaseExpression)
        base = hunk.base[0]
        assert isinstance(base, cst.BaseExpression)
        if guard.form is Form.AS_BASE:
            return base
        return cst.IfExp(
            test=self._asked(guard.patch_id),
            body=head,
            orelse=base,
            lpar=[cst.LeftParen()],
            rpar=[cst.RightParen()],
        )

    def _block(
        self, guards: Sequence[Guard], block: cst.IndentedBlock | cst.Module
    ) -> cst.IndentedBlock | cst.Module:
        body: list[cst.BaseStatement] = list(block.body)
        for guard in reversed(_joined(sorted(guards, key=lambda each: each.hunk.start))):
            hunk = guard.hunk
            if hunk.kind is HunkKind.METHOD:
                methods = [each for each in hunk.base if isinstance(each, cst.BaseStatement)]
                body += [marked(each, self._mark, blank=1) for each in methods]
                continue
            end = hunk.start + len(hunk.head)
            is_last = end == len(body)
            body[hunk.start : end] = self._statements(guard, body[hunk.start : end], is_last=is_last)
        return block.with_changes(body=body)

    def _statements(
        self, guard: Guard, head: Sequence[cst.BaseStatement], *, is_last: bool
    ) -> list[cst.BaseStatement]:
        base = [each for each in guard.hunk.base if isinstance(each, cst.BaseStatement)]
        if guard.form is Form.AS_BASE:
            return _spaced_like(head, base)
        if guard.form is Form.AS_PATCHED and guard.patch_id in guard.hunk.inverted:
            turned = [each.visit(_Turned(guard.patch_id)) for each in head]
            return [each for each in turned if isinstance(each, cst.BaseStatement)]
        if guard.form is Form.AS_PATCHED:
            head = _without_deprecation(head)
        return guarded(self._asked(guard.patch_id), head, base, is_last=is_last)

    def _asked(self, patch_id: str) -> cst.BaseExpression:
        quote = self._speech.quote
        return cst.parse_expression(f"{self._speech.patched}({quote}{patch_id}{quote})")


def _joined(guards: Sequence[Guard]) -> list[Guard]:
    """Guards with those that are one: statements in a row that one patch brings."""
    found: list[Guard] = []
    for guard in guards:
        last = found[-1] if found else None
        if last is not None and _is_next(last, guard):
            hunk = replace(last.hunk, head=(*last.hunk.head, *guard.hunk.head))
            found[-1] = replace(last, hunk=hunk)
        else:
            found.append(guard)
    return found


def _is_next(one: Guard, other: Guard) -> bool:
    alike = one.form is other.form is Form.GUARDED and one.patch_id == other.patch_id
    both = all(each.hunk.kind is HunkKind.STATEMENTS and not each.hunk.base for each in (one, other))
    return alike and both and one.hunk.start + len(one.hunk.head) == other.hunk.start


def guarded(
    asked: cst.BaseExpression,
    head: Sequence[cst.BaseStatement],
    base: Sequence[cst.BaseStatement],
    *,
    is_last: bool = False,
) -> list[cst.BaseStatement]:
    """The statements of both sides, each for its own runs.

    Args:
        asked: The call that answers whether a run is a new one.
        head: For new runs.
        base: For older ones.
        is_last: Whether nothing follows in their body.
    """
    lines, head = _lines_above(_without_pass(head))
    above, base = _lines_above(_without_pass(base))
    if not head and not base:
        return []
    if not head:
        test = cst.UnaryOperation(operator=cst.Not(), expression=asked)
        return [cst.If(test=test, body=cst.IndentedBlock(body=base), leading_lines=above)]
    ends = m.matches(head[-1], _LEAVES)
    if base and is_last and ends:  # an else after a return says nothing
        return [cst.If(test=asked, body=cst.IndentedBlock(body=head), leading_lines=lines), *base]
    other = cst.Else(body=cst.IndentedBlock(body=base)) if base else None
    return [cst.If(test=asked, body=cst.IndentedBlock(body=head), orelse=other, leading_lines=lines)]


def _without_pass(statements: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    return [each for each in statements if not m.matches(each, _PASS)]


def _without_deprecation(statements: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    kept = [each for each in statements if not is_deprecation(each)]
    if kept and kept[0] is not statements[0]:
        kept[0] = _with_lines(kept[0], _lines(statements[0]))
    return kept


def _lines_above(
    statements: list[cst.BaseStatement],
) -> tuple[Sequence[cst.EmptyLine], list[cst.BaseStatement]]:
    """The empty lines and comments above statements, and these without them."""
    if not statements:
        return (), []
    return _lines(statements[0]), [_with_lines(statements[0], ()), *statements[1:]]


def _spaced_like(
    head: Sequence[cst.BaseStatement], base: Sequence[cst.BaseStatement]
) -> list[cst.BaseStatement]:
    if not head or not base:
        return list(base)
    return [_with_lines(base[0], _lines(head[0])), *base[1:]]


def _lines(statement: cst.BaseStatement) -> Sequence[cst.EmptyLine]:
    lines: Sequence[cst.EmptyLine] = getattr(statement, "leading_lines", ())
    return lines


def _with_lines(statement: cst.BaseStatement, lines: Sequence[cst.EmptyLine]) -> cst.BaseStatement:
    return statement.with_changes(leading_lines=list(lines))


class _Turned(cst.CSTTransformer):
    """`if not patched("id")` made `if patched("id")`."""

    def __init__(self, patch_id: str) -> None:
        super().__init__()
        self._call = m.Call(
            func=m.Attribute(attr=m.Name("patched")) | m.Name("patched"),
            args=[
                m.Arg(value=m.SimpleString(value=m.MatchIfTrue(lambda text: text.strip("\"'") == patch_id))),
                m.ZeroOrMore(),
            ],
        )

    def leave_UnaryOperation(
        self, original_node: cst.UnaryOperation, updated_node: cst.UnaryOperation
    ) -> cst.BaseExpression:
        if isinstance(updated_node.operator, cst.Not) and m.matches(updated_node.expression, self._call):
            return updated_node.expression
        return updated_node
