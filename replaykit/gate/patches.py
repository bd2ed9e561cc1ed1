"""Patches whose old branch a change takes away, and what fixtures show of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.reachable import WorkflowCode
from replaykit.gate.facts import Facts
from replaykit.issue import Issue, Level
from replaykit.patches.patch import Took

__all__ = ["Questions", "of_removed_patches", "of_unread_patches", "questions_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Questions:
    """Which fixtures have to be asked which branch they took, by key: the fixture and ids of patches."""

    at_base: Mapping[str, tuple[Path, frozenset[str]]]
    """Of the base's code, for the change has no such call any more."""
    at_head: Mapping[str, tuple[Path, frozenset[str]]]


def questions_of(
    facts: Mapping[str, Facts],
    removed: Mapping[str, frozenset[str]],
    required: Iterable[str],
    now: Mapping[str, WorkflowCode],
    before: Mapping[str, WorkflowCode],
) -> Questions:
    """What has to be asked: markers alone do not show whether a run came to a call.

    Args:
        facts: The fixtures, by key.
        removed: By workflow type, the patches whose old branch the change takes away.
        required: Ids of patches of which a run on the old branch is asked for.
        now: The code of the change, by workflow type.
        before: That of the base.
    """
    wanted = frozenset(required)
    at_base: dict[str, tuple[Path, frozenset[str]]] = {}
    at_head: dict[str, tuple[Path, frozenset[str]]] = {}
    for key, each in facts.items():
        name = each.workflow_type or ""
        here = wanted & (now[name].patched if name in now else frozenset())
        there = (wanted - here) & (before[name].patched if name in before else frozenset())
        for asked, ids in ((at_head, here), (at_base, there | removed.get(name, frozenset()))):
            if ids - each.patches:
                asked[key] = each.path, ids - each.patches
    return Questions(at_base=at_base, at_head=at_head)


def of_removed_patches(
    removed: Mapping[str, frozenset[str]],
    taken: Mapping[str, Mapping[str, Took]],
    facts: Mapping[str, Facts],
    level: Level,
    places: Mapping[str, tuple[str, int]],
) -> Iterator[Issue]:
    """Old branches that are gone, and of which no fixture shows a run.

    Args:
        removed: By workflow type, the patches whose old branch the change takes away.
        taken: By key and id, which branch the runs of fixtures took.
        facts: The fixtures, by key.
        level: The policy.
        places: By workflow type, file and line of its class.
    """
    shown = {
        (facts[key].workflow_type, patch_id)
        for key, took in taken.items()
        for patch_id, what in took.items()
        if what is Took.OLD
    }
    for name, ids in sorted(removed.items()):
        for patch_id in sorted(ids):
            if (name, patch_id) in shown:
                continue
            file, line = places.get(name, (None, None))
            yield Issue(
                rule="unproven-patch-removal",
                level=level,
                title=f"unproven: {name} has no old branch of patch {patch_id!r} any more, and no fixture "
                "shows a run from before the patch",
                text="Whether such runs are open, and what becomes of them, nothing here shows: each of them "
                "gets stuck when its next task asks for other commands than it recorded.",
                cure="See that no such run is left: replaykit patches --address HOST:PORT. Or capture one, "
                f'and keep it: requires = ["pre-patch:{patch_id}"] in [tool.replaykit.gate].',
                file=file,
                line=line,
                workflow_type=name,
            )


def of_unread_patches(
    removed: Mapping[str, frozenset[str]], level: Level, places: Mapping[str, tuple[str, int]]
) -> Iterator[Issue]:
    """Calls of `patched` that are gone, and of which nobody knows which patch they were about.

    Args:
        removed: By workflow type, what they were given.
        level: The policy.
        places: By workflow type, file and line of its class.
    """
    for name, texts in sorted(removed.items()):
        for text in sorted(texts):
            file, line = places.get(name, (None, None))
            yield Issue(
                rule="unproven-patch-removal",
                level=level,
                title=f"unproven: {name} no longer calls workflow.patched({text}), and which id that is "
                "cannot be read from the source",
                text="So nothing here shows which runs took its old branch. Each of them gets stuck when its "
                "next task asks for other commands than it recorded.",
                cure="Name patch ids by literals or constants. See that no run from before that patch is "
                "left: replaykit patches --address HOST:PORT.",
                file=file,
                line=line,
                workflow_type=name,
            )
