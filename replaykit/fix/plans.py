"""What could be done about the differences of a change, the smallest and most readable first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from replaykit.code.guarding.changes import Changes
from replaykit.code.guarding.differing import Grain
from replaykit.code.guarding.hunks import Form, Hunk, HunkKind
from replaykit.code.guarding.writing import Guard
from replaykit.fix.loops import loops_to_guard_whole
from replaykit.fix.patch_ids import changes_among, patch_id_of

__all__ = ["Plan", "ids_of", "named", "plans_of", "with_whole_loops"]

_GRAINS = (Grain(), Grain(into=False), Grain(whole=True))
_ANY = "replaykit-trial"
"""The id of a patch while it is not known which hunks are needed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One way to guard a change."""

    guards: tuple[Guard, ...]
    """For every hunk; some may be spared."""
    grain: Grain = _GRAINS[0]
    """How small these are."""
    puts_right: bool = False
    """Whether a patch of the change that is misused is put right, rather than guarded again."""
    turns: bool = False
    """Whether a patch that is the wrong way round is turned: new runs then do what older ones did before."""


def plans_of(changes: Changes) -> Iterator[Plan]:
    """The plans, each with all that differs.

    Args:
        changes: The files of both sides.
    """
    seen: list[object] = []
    for grain in _GRAINS:
        every = changes.hunks(grain)
        hunks = [hunk for hunk in every if hunk.kind is not HunkKind.NAME]
        shape = [(hunk.file, hunk.function, hunk.kind, hunk.line, len(hunk.head)) for hunk in every]
        if not every or shape in seen:
            continue
        seen.append(shape)
        if any(hunk.patched or hunk.deprecated or hunk.inverted or hunk.is_old for hunk in hunks):
            yield _plan(hunks, grain, puts_right=True)
        if hunks and not any(hunk.inverted and hunk.rewrite is not None for hunk in hunks):
            yield _plan(hunks, grain, puts_right=False)
        if len(hunks) < len(every):  # new runs, too, have the old name: so only where it has to be
            yield _plan(every, grain, puts_right=True)


def with_whole_loops(changes: Changes, plan: Plan, guards: Sequence[Guard]) -> Plan | None:
    """The same plan with guards around some loops instead of inside; None where they stand well.

    Args:
        changes: The files of both sides.
        plan: The plan.
        guards: Those of it that are needed.
    """
    loops = loops_to_guard_whole(guards)
    if not loops:
        return None
    grain = replace(plan.grain, closed=loops)
    kinds = {guard.hunk.kind for guard in plan.guards}
    hunks = [h for h in changes.hunks(grain) if h.kind is not HunkKind.NAME or h.kind in kinds]
    return _plan(hunks, grain, puts_right=plan.puts_right)


def _plan(hunks: Sequence[Hunk], grain: Grain, *, puts_right: bool) -> Plan:
    if not puts_right:
        return Plan(guards=tuple(Guard(hunk=hunk, patch_id=_ANY) for hunk in hunks), grain=grain)
    guards = tuple(map(_put_right, hunks))
    turns = any(hunk.inverted for hunk in hunks)
    return Plan(guards=guards, grain=grain, puts_right=True, turns=turns)


def _put_right(hunk: Hunk) -> Guard:
    if hunk.patched or hunk.is_old:
        return Guard(hunk=hunk, form=Form.AS_BASE)
    if hunk.deprecated or hunk.inverted:
        return Guard(hunk=hunk, form=Form.AS_PATCHED, patch_id=min(hunk.deprecated | hunk.inverted))
    return Guard(hunk=hunk, patch_id=_ANY)


def named(
    guards: Sequence[Guard], taken: frozenset[str], own: str | None, *, every: Sequence[Guard] = ()
) -> tuple[Guard, ...]:
    """Guards with patch ids: one for each change that stands alone.

    Args:
        guards: Those that are needed.
        every: Those of the whole plan: what other differences bind makes what uses it no change of its own.
        taken: Ids that the code or the histories have already.
        own: The id that the user wants; further ones get a number.
    """
    ids: dict[Hunk, str] = {}
    held: dict[str, list[Hunk]] = {}
    deciding = [g.hunk for g in guards if g.form is Form.GUARDED and g.hunk.can_ask]
    for group in changes_among(deciding, [guard.hunk for guard in every]):
        known = {*taken, *(each for each, others in held.items() if not _are_apart(group, others))}
        wanted = patch_id_of(group, known) if own is None else _numbered(own, known)
        held.setdefault(wanted, []).extend(group)
        ids |= dict.fromkeys(group, wanted)
    return tuple(replace(guard, patch_id=ids.get(guard.hunk, _without(guard))) for guard in guards)


def _are_apart(some: Sequence[Hunk], others: Sequence[Hunk]) -> bool:
    """Whether they stand in methods of different classes: such changes of one name share a patch."""
    one, other = ({(h.file, h.function.rpartition(".")[0]) for h in hunks} for hunks in (some, others))
    return one.isdisjoint(other) and all(owner for _, owner in one | other)


def _without(guard: Guard) -> str:
    """What a guard has that no patch of ours decides: the id of a patch that is put right, or nothing."""
    return guard.patch_id if guard.form is Form.AS_PATCHED else ""


def _numbered(own: str, known: set[str]) -> str:
    free, number = own, 2
    while free in known:
        free, number = f"{own}-{number}", number + 1
    return free


def ids_of(guards: Sequence[Guard]) -> tuple[str, ...]:
    """The patches that guards bring, in order.

    Args:
        guards: As `named` has them.
    """
    return tuple(dict.fromkeys(guard.patch_id for guard in guards if guard.patch_id not in ("", _ANY)))
