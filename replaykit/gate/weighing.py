"""What a gate has against a change, from what both sides came to. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from replaykit.gate.against_base import Levels, compared
from replaykit.gate.base_code import issues_of_code
from replaykit.gate.lost_fixtures import is_removed, of_changes, of_removed_workflows
from replaykit.gate.materials import issues_of_absent
from replaykit.gate.sides import Sides
from replaykit.gate.unguarded import of_workflows
from replaykit.issue import Issue

__all__ = ["weighed"]


def weighed(sides: Sides) -> Iterator[Issue]:
    """Every Issue of a change, in the order in which a report shows those of one level.

    Args:
        sides: What both sides came to.
    """
    config = sides.config
    levels = Levels.of(config.gate.levels)
    open_runs = {key for key, facts in sides.facts.items() if facts.is_open and not config.narrowed}
    removed = [each for each in sides.judged if each.key in open_runs and is_removed(each)]
    rest = [each for each in sides.judged if each not in removed]
    yield from issues_of_code(sides.foreign, sides.answer.error)
    yield from issues_of_absent(sides.absent)
    yield from compared(rest, levels, added=sides.added)
    yield from of_removed_workflows(removed, levels)
    yield from of_changes(sides.changes, sides.old, levels, base=sides.base.commit[:12])
    yield from of_workflows(
        sides.report, sides.answer, set(sides.changed), set(sides.added), levels, root=config.root
    )
