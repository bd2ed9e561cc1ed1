"""What a gate has against a change, from what both sides came to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from replaykit.code.definitions import workflow_places
from replaykit.gate.against_base import Levels, compared
from replaykit.gate.base_code import issues_of_code
from replaykit.gate.copies import issues_of_copies
from replaykit.gate.lost_fixtures import is_removed, of_changes, of_removed_workflows
from replaykit.gate.materials import issues_of_absent
from replaykit.gate.other_worker import of_other_workers
from replaykit.gate.pairing import by_key
from replaykit.gate.patches import of_removed_patches, of_unread_patches
from replaykit.gate.pinned import is_apart, of_pinned
from replaykit.gate.requirements import of_requirements
from replaykit.gate.sides import Sides
from replaykit.gate.unguarded import of_workflows
from replaykit.issue import Issue, Level

__all__ = ["weighed"]


def weighed(sides: Sides) -> Iterator[Issue]:
    """Every Issue of a change, in the order in which a report shows those of one level.

    Args:
        sides: What both sides came to.
    """
    config, facts, code = sides.config, sides.facts, sides.code
    levels = Levels.of(config.gate.levels)
    pinned = [each for each in sides.judged if is_apart(each, facts.get(each.key), levels)]
    removed = [
        each
        for each in sides.judged
        if is_removed(each) and each not in pinned and facts[each.key].is_open and not config.narrowed
    ]
    rest = [each for each in sides.judged if each not in pinned and each not in removed]
    copied = {each.module for each in sides.copies}
    yield from issues_of_copies(sides.copies, config.root)
    yield from issues_of_code(
        [each for each in sides.foreign if each.module not in copied], sides.answer.error
    )
    yield from issues_of_absent(sides.absent)
    yield from _as_far_as_shown(compared(rest, levels, added=sides.added), sides)
    yield from of_removed_workflows(removed, levels)
    yield from of_requirements(code.asked, facts, by_key(sides.report), code.taken)
    yield from of_pinned(pinned, facts, levels)
    if sides.base is None:
        return
    yield from of_other_workers(sides.elsewhere, _staying(sides, levels))
    yield from of_changes(sides.changes, sides.old, levels, base=sides.base.commit[:12])
    places = workflow_places(config.root)
    yield from of_removed_patches(code.removed_patches, code.taken, facts, levels.unproven_patch, places)
    yield from of_unread_patches(code.removed_unread, levels.unproven_patch, places)
    yield from of_workflows(sides.report, sides.answer, code, sides.added, levels, places)


def _as_far_as_shown(issues: Iterable[Issue], sides: Sides) -> Iterator[Issue]:
    """Nothing is known to be the base's where one code may have judged both sides."""
    for issue in issues:
        if issue.rule == "inherited" and (sides.copies or sides.foreign):
            title = f"nothing shows whether the base has it too: {issue.title.partition(': ')[2]}"
            yield replace(issue, rule="base-of-mixed-code", level=Level.FAIL, title=title, unjudged=True)
        else:
            yield issue


def _staying(sides: Sides, levels: Levels) -> set[str]:
    """Keys of the fixtures whose run stays on its deployment version, as the base has them."""
    counts = levels.pinned is Level.FAIL
    facts = {} if counts else sides.facts
    return {key for key, each in facts.items() if each.pinned_to is not None and key not in sides.added}
