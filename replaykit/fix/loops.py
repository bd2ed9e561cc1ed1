"""Loops around which a guard stands better than in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.hunks import Form, Hunk, HunkKind
from replaykit.code.guarding.texts import bound_in, code_of, used_in
from replaykit.code.guarding.writing import Guard

__all__ = ["loops_to_guard_whole"]

_LONG = 24
"""A loop of more lines than that is not written twice."""
_RETRIES = m.Try() | m.TryStar()


class _Parts(NamedTuple):
    """What is guarded of a loop, and beside it."""

    header: Sequence[Hunk]
    body: Sequence[Hunk]
    beside: Sequence[Hunk]
    """In the same function."""


def loops_to_guard_whole(guards: Sequence[Guard]) -> frozenset[cst.CSTNode]:
    """The loops that two branches, each with a loop of its own, would show better than guards inside.

    These are loops whose header is guarded as well as their body; that go on with what was prepared, or that
    prepare what is used, in another way beside them; and that try again, where both the trying and what
    follows a failure are guarded.

    Args:
        guards: Those that are needed.
    """
    hunks = [g.hunk for g in guards if g.form is Form.GUARDED and g.hunk.can_ask]
    return frozenset(loop for loop in _loops(hunks) if _is_short(loop) and _is_split(_parts(loop, hunks)))


def _loops(hunks: Sequence[Hunk]) -> Iterator[cst.For | cst.While]:
    for hunk in hunks:
        yield from (loop for loop in hunk.loops if isinstance(loop, (cst.For, cst.While)))


def _parts(loop: cst.For | cst.While, hunks: Sequence[Hunk]) -> _Parts:
    (place,) = {(each.file, each.function) for each in hunks if loop in each.loops}
    repeated = loop.iter if isinstance(loop, cst.For) else loop.test
    header = [each for each in hunks if each.kind is HunkKind.EXPRESSION and _holds(repeated, each.head[0])]
    body = [each for each in hunks if loop in each.loops and each not in header]
    rest = [each for each in hunks if each not in header and each not in body]
    return _Parts(header, body, [each for each in rest if (each.file, each.function) == place])


def _is_split(parts: _Parts) -> bool:
    header, body, beside = parts
    hands_over = any(_hands_over(one, other) for one in beside for other in (*header, *body))
    tries_again = len({each.block for each in body}) > 1 and any(_tries(each.loops[-1]) for each in body)
    return bool(header and body) or hands_over or tries_again


def _hands_over(one: Hunk, other: Hunk) -> bool:
    """Whether they go by what either of them gives a value."""
    bound = [bound_in(each.base) | bound_in(each.head) for each in (one, other)]
    used = [used_in(each.base) | used_in(each.head) for each in (one, other)]
    return bool(bound[0] & (used[1] | bound[1]) or bound[1] & used[0])


def _tries(loop: cst.CSTNode) -> bool:
    body = loop.body.body if isinstance(loop, (cst.For, cst.While)) else ()
    return any(m.matches(each, _RETRIES) for each in body)


def _holds(node: cst.CSTNode, part: cst.CSTNode) -> bool:
    return node is part or any(_holds(child, part) for child in node.children)


def _is_short(loop: cst.CSTNode) -> bool:
    return len(code_of(loop).strip().splitlines()) <= _LONG
