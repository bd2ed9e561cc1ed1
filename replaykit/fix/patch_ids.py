"""Which hunks are one change, and what its patch is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import combinations

from replaykit.code.guarding.hunks import Hunk, HunkKind
from replaykit.code.guarding.texts import (
    bound_in,
    called_names,
    code_of,
    is_call_alone,
    plain,
    used_in,
)

__all__ = ["changes_among", "patch_id_of"]

_SUBJECTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_COMMON = frozenset({"self", "cls", "workflow", "wait_condition", "patched", "len", "range", "bool", "not"})
"""Names that say nothing of a change."""


def changes_among(hunks: Sequence[Hunk], every: Sequence[Hunk] = ()) -> list[list[Hunk]]:
    """Hunks that belong together, and so to one patch.

    A run that was between two guards when the change arrived is old at the one and new at the other, unless
    they share a patch: its first answer holds for the whole run. So they share it, but for calls that are
    made for their own sake, and that no other hunk has anything to do with.

    Args:
        hunks: Those that have to be guarded, in order.
        every: All differences, those that need no guard included.
    """
    rest = [hunk for hunk in hunks if not _is_call_alone(hunk)]
    bound = {name for hunk in (*rest, *every) for name in bound_in(hunk.base) | bound_in(hunk.head)}
    for hunk in hunks:
        if hunk not in rest and bound & (used_in(hunk.base) | used_in(hunk.head)):
            rest.append(hunk)
    groups = [rest] if rest else []
    for hunk in hunks:
        if hunk in rest:
            continue
        near = [group for group in groups if any(_belong(hunk, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(each for group in near for each in group), hunk])
    order = {id(hunk): number for number, hunk in enumerate(hunks)}
    ordered = [sorted(group, key=lambda each: order[id(each)]) for group in groups]
    return sorted(ordered, key=lambda group: order[id(group[0])])


def _is_call_alone(hunk: Hunk) -> bool:
    """Whether all of it is calls that are awaited, and whose results nobody uses."""
    if hunk.about:  # what has changed stands elsewhere, and may be used in other places too
        return False
    return hunk.kind is HunkKind.STATEMENTS and all(map(is_call_alone, (*hunk.base, *hunk.head)))


def _belong(one: Hunk, other: Hunk) -> bool:
    if _are_moved(one, other):
        return True
    first, second = sorted((one, other), key=lambda each: each.start)
    return one.block is other.block and first.start + len(first.head) == second.start


def _are_moved(one: Hunk, other: Hunk) -> bool:
    """Whether the head has at one place a statement that the base has at the other."""
    gone, come = (set(map(plain, side)) for side in (one.base, one.head))
    return not (gone.isdisjoint(map(plain, other.head)) and come.isdisjoint(map(plain, other.base)))


def patch_id_of(hunks: Sequence[Hunk], taken: Collection[str]) -> str:
    """A name for the patch of a change, after what it guards.

    Args:
        hunks: The change.
        taken: Ids that there are already.
    """
    name = next(filter(None, map(_named, hunks)), "") or f"{_kebab(hunks[0].function)}-changed"
    if any(_are_moved(one, other) for one, other in combinations(hunks, 2)):
        name = f"{name.removeprefix('without-').removesuffix('-changed')}-moved"
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _named(hunk: Hunk) -> str:
    if hunk.about:
        value = code_of(hunk.head[0]) if hunk.head else ""
        return _kebab(hunk.about if hunk.about != value else value)
    now = [name for name in called_names(hunk.head) if name]
    was = [name for name in called_names(hunk.base) if name]
    new = [name for name in now if name not in was]
    gone = [name for name in was if name not in now]
    if new:
        return _kebab(new[0])
    if gone:
        return f"without-{_kebab(gone[0])}"
    if now:
        return f"{_kebab(now[0])}-changed"
    own = sorted(name.strip(".") for name in used_in(hunk.head) - used_in(hunk.base))
    shared = sorted(name.strip(".") for name in used_in(hunk.head) | used_in(hunk.base))
    words = [name for name in own if name not in _COMMON], [name for name in shared if name not in _COMMON]
    return _kebab(words[0][0]) if words[0] else f"{_kebab(words[1][0])}-changed" if words[1] else ""


def _kebab(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", _SUBJECTS.sub("-", name)).strip("-").lower()
