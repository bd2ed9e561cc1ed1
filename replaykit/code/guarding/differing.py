"""The smallest statements and conditions in which two bodies differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import libcst as cst

from replaykit.code.guarding.hunks import Hunk, HunkKind
from replaykit.code.guarding.patch_words import deprecated_in, inverted_in, patched_in, question_in
from replaykit.code.guarding.shapes import Compound, compound_of, statements_of
from replaykit.code.guarding.texts import plain, similarity
from replaykit.code.guarding.turned import turn_of

__all__ = ["Grain", "Where", "differences"]

_ALIKE = 0.34
"""Two compound statements whose bodies have so much in common are one that was changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grain:
    """How small the statements are that are looked for."""

    into: bool = True
    """Go into compound statements; else these are one each."""
    whole: bool = False
    """The body of a function is one."""
    closed: frozenset[cst.CSTNode] = frozenset()
    """Compound statements of the head that are one each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Where two bodies stand."""

    file: str
    function: str
    line: int
    lines: dict[cst.CSTNode, int]
    """By statement of the head, its line."""
    loops: tuple[cst.CSTNode, ...] = ()
    is_old: bool = False
    """Whether only runs from before a patch come there."""


def differences(
    base: cst.CSTNode, head: cst.CSTNode, where: Where, grain: Grain, *, known: frozenset[str]
) -> Iterator[Hunk]:
    """The hunks between two bodies.

    Args:
        base: The body of a function of the base.
        head: That of the head.
        where: Where it stands.
        grain: How small they are to be.
        known: Ids of patches that the base asks about, anywhere.
    """
    was, now = statements_of(base), statements_of(head)
    before, after = [plain(each) for each in was], [plain(each) for each in now]
    if before == after:
        return
    if grain.whole:
        start = 1 if after and not after[0] else 0  # a docstring stays where it is
        kept = [each for each, text in zip(was, before, strict=True) if text]
        yield _statements(kept, head, now, start, len(now), where, known)
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind != "equal":
            yield from _region(was[first:last], head, now, start, end, where, grain, known)


def _region(
    base: Sequence[cst.BaseStatement],
    block: cst.CSTNode,
    now: Sequence[cst.BaseStatement],
    start: int,
    end: int,
    where: Where,
    grain: Grain,
    known: frozenset[str],
) -> Iterator[Hunk]:
    """What of one stretch belongs together, and what differs in it."""
    done, place = 0, start
    for old, new, one, other in _pairs(base, now[start:end], grain.closed) if grain.into else ():
        yield from _gap(base[done:old], block, now, place, start + new, where, known)
        done, place = old + 1, start + new + 1
        yield from _inside(one, other, now[start + new], where, grain, known)
    yield from _gap(base[done:], block, now, place, end, where, known)


def _gap(
    base: Sequence[cst.BaseStatement],
    block: cst.CSTNode,
    now: Sequence[cst.BaseStatement],
    start: int,
    end: int,
    where: Where,
    known: frozenset[str],
) -> Iterator[Hunk]:
    base = [each for each in base if plain(each)]
    new = now[start:end]
    if not base and not (patched_in(new) or deprecated_in(new)):
        for number in range(start, end):  # each on its own: not all of what is new need be guarded
            yield _statements((), block, now, number, number + 1, where, known)
    elif base or new:
        yield _statements(base, block, now, start, end, where, known)


def _statements(
    base: Sequence[cst.CSTNode],
    block: cst.CSTNode,
    now: Sequence[cst.BaseStatement],
    start: int,
    end: int,
    where: Where,
    known: frozenset[str],
) -> Hunk:
    head = tuple(now[start:end])
    at = now[min(start, len(now) - 1)] if now else None
    return Hunk(
        kind=HunkKind.STATEMENTS,
        file=where.file,
        function=where.function,
        line=where.lines.get(at, where.line) if at is not None else where.line,
        base=tuple(base),
        head=head,
        block=block,
        start=start,
        patched=patched_in(base),
        deprecated=deprecated_in(head) - known,
        inverted=inverted_in(head) - known,
        loops=where.loops,
        is_old=where.is_old,
    )


def _pairs(
    base: Sequence[cst.BaseStatement], now: Sequence[cst.BaseStatement], closed: Collection[cst.CSTNode]
) -> Iterator[tuple[int, int, Compound, Compound]]:
    """The compound statements of both sides that are one, changed; in order."""
    after = 0
    for number, statement in enumerate(base):
        one = compound_of(statement)
        if one is None:
            continue
        for place in range(after, len(now)):
            other = compound_of(now[place]) if now[place] not in closed else None
            if other is not None and _is_one(one, other):
                yield number, place, one, other
                after = place + 1
                break


def _is_one(one: Compound, other: Compound) -> bool:
    if one.shape != other.shape or one.header != other.header:
        return False
    if any(name not in ("", now) for name, now in zip(one.names, other.names, strict=True)):
        return False  # a handler of the base goes by a name that the head does not give
    same = [plain(a) == plain(b) for a, b in zip(one.conditions, other.conditions, strict=True)]
    asked = [[question_in(each) is not None for each in side.conditions] for side in (one, other)]
    if asked[0] != asked[1]:  # what stood below a question about a patch stands alone, or the other way round
        return False
    if one.kind == "if" and all(asked[0]):
        return True
    if all(same) and one.kind in ("def", "for", "while", "with", "try"):
        return True
    pairs = zip(one.bodies, other.bodies, strict=True)
    alike = [similarity(statements_of(a), statements_of(b)) for (_, a), (_, b) in pairs]
    return all(same) or max(alike) > _ALIKE


def _inside(
    one: Compound,
    other: Compound,
    statement: cst.BaseStatement,
    where: Where,
    grain: Grain,
    known: frozenset[str],
) -> Iterator[Hunk]:
    where = replace(where, line=where.lines.get(statement, where.line))
    inner = replace(where, loops=(*where.loops, statement))
    turn = turn_of(one, other)
    again = inner if other.kind == "while" else where
    if turn is not None and turn.condition is not None:
        yield replace(_condition(*turn.condition, again), inverted=turn.inverted)
    elif turn is not None and turn.rewrite is not None:
        hunk = _condition(one.conditions[0], statement, where)
        yield replace(hunk, rewrite=turn.rewrite, inverted=turn.inverted)
    elif turn is None:
        for was, now in zip(one.conditions, other.conditions, strict=True):
            if plain(was) != plain(now):
                yield _condition(was, now, again)
    order = turn.order if turn is not None else range(len(other.bodies))
    for number, ((what, was_body), place) in enumerate(zip(one.bodies, order, strict=True)):
        within = inner if other.kind in ("for", "while") and what == "body" else where
        if turn is not None and number == turn.old:
            within = replace(within, is_old=True)
        yield from differences(was_body, other.bodies[place][1], within, grain, known=known)


def _condition(was: cst.CSTNode, now: cst.CSTNode, where: Where) -> Hunk:
    return Hunk(
        kind=HunkKind.EXPRESSION,
        file=where.file,
        function=where.function,
        line=where.line,
        base=(was,),
        head=(now,),
        patched=patched_in((was,)),
        loops=where.loops,
        is_old=where.is_old,
    )
