"""All that differs in one function, and all in it that goes by what differs elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from replaykit.code.guarding.constants import Constants, Settled
from replaykit.code.guarding.differing import Grain, Where, differences
from replaykit.code.guarding.entries import changed_entry_defaults
from replaykit.code.guarding.hunks import Hunk
from replaykit.code.guarding.lambdas import outside_lambdas
from replaykit.code.guarding.texts import nodes_in
from replaykit.code.guarding.tree import Function
from replaykit.code.guarding.uses import uses_of

__all__ = ["hunks_in"]


def hunks_in(
    was: Function | None,
    now: Function,
    constants: Constants,
    where: Where,
    grain: Grain,
    *,
    known: frozenset[str],
) -> Iterator[Hunk]:
    """The hunks of a function of the head.

    Args:
        was: The same in the base; None where that has none.
        now: It.
        constants: What it sees of what has another value in the base.
        where: Where it stands.
        grain: How small they are to be.
        known: Ids of patches that the base asks about, anywhere.
    """
    taken: set[cst.CSTNode] = set()
    if was is not None:
        settled = Settled(constants, now.owner.name.value if now.owner is not None else None)
        for hunk in differences(was.node.body, now.node.body, where, grain, known=known):
            taken.update(each for node in hunk.head for each in nodes_in(node))
            yield replace(hunk, base=tuple(map(settled, hunk.base)))
        yield from changed_entry_defaults(was, now, settled, file=where.file, line=where.line)
    uses = uses_of(constants, now, file=where.file, lines=where.lines) if constants else ()
    yield from outside_lambdas((use for use in uses if use.head[0] not in taken), now.node)
