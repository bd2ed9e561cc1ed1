"""An `if` that asks about a patch, and that a change has turned round or given another id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from replaykit.code.guarding.hunks import Rewrite
from replaykit.code.guarding.patch_words import question_in
from replaykit.code.guarding.shapes import Compound, statements_of
from replaykit.code.guarding.texts import similarity

__all__ = ["Turn", "turn_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What became of it, and which of its bodies are one."""

    order: Sequence[int]
    """For each body of the base, the number of that of the head."""
    old: int
    """The number of the body of the base that only runs from before the patch take; that may be none."""
    condition: tuple[cst.BaseExpression, cst.BaseExpression] | None = None
    """What the condition has to be, and what it is; None where it is right."""
    rewrite: Rewrite | None = None
    """Puts its branches right; None where they are."""
    inverted: frozenset[str] = frozenset()
    """The id of the patch, where it is the wrong way round."""


def turn_of(one: Compound, other: Compound) -> Turn | None:
    """What became of an `if` that asks about a patch on both sides; None for any other.

    Args:
        one: Of the base.
        other: It in the head.
    """
    if one.kind != "if" or len(one.conditions) != 1:
        return None
    (was,), (now,) = one.conditions, other.conditions
    before, after = question_in(was), question_in(now)
    if before is None or after is None:
        return None
    is_renamed = before.patch_id != after.patch_id
    is_negated = before.is_negated != after.is_negated
    straight = range(len(one.bodies))
    is_crossed = _likeness(one, other, straight[::-1]) > _likeness(one, other, straight)
    old = 0 if before.is_negated else 1
    inverted = frozenset({before.patch_id})
    if is_crossed and is_negated:  # that is the same, written in another way
        right = _asking(now, was, is_negated=after.is_negated)
        return Turn(order=(1, 0), old=old, condition=(right, now) if is_renamed else None)
    if is_crossed and not is_renamed:
        return Turn(order=(1, 0), old=old, rewrite=_exchanged, inverted=inverted)
    if is_negated:
        return Turn(order=straight, old=old, condition=(was, now), inverted=inverted)
    return Turn(order=straight, old=old, condition=(was, now) if is_renamed else None)


def _likeness(one: Compound, other: Compound, order: Sequence[int]) -> float:
    pairs = ((body, other.bodies[place][1]) for (_, body), place in zip(one.bodies, order, strict=True))
    return sum(similarity(statements_of(a), statements_of(b)) for a, b in pairs)


def _asking(now: cst.BaseExpression, was: cst.BaseExpression, *, is_negated: bool) -> cst.BaseExpression:
    """The base's question, negated as the head's is."""
    call = was.expression if isinstance(was, cst.UnaryOperation) else was
    return now.with_changes(expression=call) if is_negated else call


def _exchanged(node: cst.CSTNode, asked: cst.BaseExpression) -> cst.CSTNode:
    assert isinstance(node, cst.If)
    assert isinstance(node.orelse, cst.Else)
    return node.with_changes(body=node.orelse.body, orelse=node.orelse.with_changes(body=node.body))
