"""Runs that are pinned to another deployment version than the one that a change becomes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from replaykit.gate.against_base import Judged, Levels
from replaykit.gate.changes import ChangeKind, FixtureChange
from replaykit.gate.facts import Facts
from replaykit.issue import Issue, Level
from replaykit.report.report_issues import issue_of
from replaykit.verdict import Outcome, Reason

__all__ = ["is_apart", "of_pinned", "of_pinned_change"]

_BY_CODE = frozenset({Reason.UNKNOWN_WORKFLOW, Reason.WORKFLOW_TASK_FAILED})
"""What keeps a History from being judged and comes of the code alone."""


def is_apart(each: Judged, facts: Facts | None, levels: Levels) -> bool:
    """Whether what is wrong with a fixture does not concern the change: its run stays on its version.

    Args:
        each: The fixture, judged.
        facts: What is known of it.
        levels: The policy: with `pinned = "fail"` such a run counts like any other.
    """
    verdict = each.head
    if facts is None or facts.pinned_to is None or levels.pinned is Level.FAIL:
        return False
    if verdict.outcome is Outcome.CONSISTENT or each.unsteady is not None or each.is_known:
        return False
    return verdict.outcome is not Outcome.UNJUDGED or verdict.reason in _BY_CODE


def of_pinned(judged: Iterable[Judged], facts: Mapping[str, Facts], levels: Levels) -> Iterator[Issue]:
    """The Issues of such fixtures.

    Args:
        judged: Those that are apart.
        facts: What is known of them, by key.
        levels: The policy.
    """
    for each in judged:
        version = facts[each.key].pinned_to
        title = (
            f"{each.key}: {each.head.outcome} on this change, and its run is pinned to deployment version "
            f"{version}, where it stays"
        )
        yield _issue(each, title, _STAYS, levels)


def of_pinned_change(change: FixtureChange, each: Judged, levels: Levels) -> Issue:
    """The Issue of such a fixture that the change took away, recorded again or moved.

    Args:
        change: What became of it.
        each: Its old version, judged; one that is apart.
        levels: The policy.
    """
    title = (
        f"{change.name}: {_BECAME[change.kind]}, and belongs to a run pinned to deployment version "
        f"{change.old.pinned_to}, which this code never meets"
    )
    kept = "Keep the fixture for the next change to that version. " if change.kind in _LOST else ""
    return _issue(each, title, f"{kept}{_STAYS}", levels)


_BECAME: Mapping[ChangeKind, str] = {
    ChangeKind.DELETED: "was deleted together with the code",
    ChangeKind.LEFT_OUT: "is no longer replayed",
    ChangeKind.REWRITTEN: "was re-recorded together with the code",
    ChangeKind.MOVED: "was moved to another worker's folder",
}
_LOST = (ChangeKind.DELETED, ChangeKind.REWRITTEN)
_STAYS = (
    "Keep workers of that version until the run has ended. Where the change is deployed under that "
    'version, or the run is to move: pinned = "fail" in [tool.replaykit.gate].'
)


def _issue(each: Judged, title: str, cure: str, levels: Levels) -> Issue:
    level = Level.NOTE if levels.pinned is Level.IGNORED else levels.pinned
    issue = issue_of(each.head, "pinned-run", level, title)
    return replace(issue, cure=cure, cure_in_text=False, unjudged=False, history=each.key)
