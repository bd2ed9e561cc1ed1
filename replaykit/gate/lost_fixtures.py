"""Fixtures that went together with the code which they would have stopped, and workflows that went. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from replaykit.gate.against_base import Judged, Levels
from replaykit.gate.changes import ChangeKind, FixtureChange
from replaykit.gate.pinned import is_apart, of_pinned_change
from replaykit.gate.waivers import waive
from replaykit.issue import Issue, Level
from replaykit.report.report_issues import issue_of
from replaykit.verdict import Outcome, Reason, Verdict

__all__ = ["is_removed", "of_changes", "of_removed_workflows"]

_WHAT: Mapping[ChangeKind, str] = {
    ChangeKind.DELETED: "the fixture was deleted together with the code: replayed on this change, it",
    ChangeKind.LEFT_OUT: "this change no longer replays the fixture, which",
    ChangeKind.REWRITTEN: "the fixture was re-recorded together with the code: the old one, replayed on this "
    "change,",
    ChangeKind.MOVED: "the fixture was moved to another worker's folder: for the worker of its old place, it",
}
_HOW: Mapping[Outcome, str] = {
    Outcome.DIVERGED: "diverges",
    Outcome.DRIFTED: "drifts",
    Outcome.UNJUDGED: "cannot be judged",
}
_RULES: Mapping[ChangeKind, str] = {
    ChangeKind.DELETED: "deleted-fixture",
    ChangeKind.LEFT_OUT: "deleted-fixture",
    ChangeKind.REWRITTEN: "rewritten-fixture",
    ChangeKind.MOVED: "moved-fixture",
}


def of_removed_workflows(judged: Iterable[Judged], levels: Levels) -> Iterator[Issue]:
    """Workflows that the change has no more, and of which a fixture shows an open run.

    Args:
        judged: Those fixtures.
        levels: The policy.
    """
    for each in judged:
        yield _removed(each.head, levels.removed_workflow, each.key)


def is_removed(each: Judged) -> bool:
    """Whether a workflow is one that the base runs and the change does not.

    Args:
        each: A fixture of it.
    """
    before = each.base
    return (
        each.head.reason is Reason.UNKNOWN_WORKFLOW
        and before is not None
        and before.reason is not Reason.UNKNOWN_WORKFLOW
    )


def _removed(verdict: Verdict, level: Level, key: str, *, is_open: bool = True) -> Issue:
    name = verdict.workflow_type or "a workflow"
    what = "an open run" if is_open else "a run"
    issue = issue_of(
        verdict,
        "removed-workflow",
        level,
        f"{name} was removed or renamed, and {key} shows {what} of it",
    )
    cure = (
        "No worker of this change takes the tasks of such a run. Keep the workflow until the last run has "
        f'ended; where it was renamed, keep its type: @workflow.defn(name="{name}").'
    )
    return replace(issue, cure=cure, cure_in_text=False, history=key, unjudged=False)


def of_changes(
    changes: Iterable[FixtureChange], judged: Iterable[Judged], levels: Levels, *, base: str
) -> Iterator[Issue]:
    """Fixtures that are gone, rewritten or moved, whatever the change makes of them.

    Args:
        changes: What the change does to fixtures.
        judged: The old versions of them all, each under the name that its change has.
        levels: The policy.
        base: The commit that has them.
    """
    by_key = {each.key: each for each in judged}
    well: list[FixtureChange] = []
    for change in changes:
        each = by_key[change.name]
        verdict = each.head
        if verdict.outcome is Outcome.CONSISTENT:
            well += [change] if change.kind in (ChangeKind.DELETED, ChangeKind.LEFT_OUT) else []
        elif each.unsteady is not None or each.is_known:
            continue  # one that stopped nothing but what the base had stopped already
        elif is_apart(each, change.old, levels):
            yield of_pinned_change(change, each, levels)
        elif is_removed(each):
            yield from _of_removed(change, verdict, levels)
        elif change.kind is not ChangeKind.MOVED or verdict.outcome is not Outcome.UNJUDGED:
            yield from _of_change(change, verdict, levels, base)
    yield from _of_well(well, levels)


def _of_removed(change: FixtureChange, verdict: Verdict, levels: Levels) -> Iterator[Issue]:
    """A fixture that went with its workflow: fatal where its run is open."""
    if change.kind is not ChangeKind.MOVED:
        is_open = change.old.is_open
        level = levels.removed_workflow
        level = level if is_open or level is Level.IGNORED else Level.WARN
        yield _removed(verdict, level, change.name, is_open=is_open)


def _of_change(change: FixtureChange, verdict: Verdict, levels: Levels, base: str) -> Iterator[Issue]:
    rule = _RULES[change.kind]
    level = levels.deleted_fixture if rule == "deleted-fixture" else levels.rewritten_fixture
    issue = issue_of(verdict, rule, level, f"{change.name}: {_WHAT[change.kind]} {_HOW[verdict.outcome]}")
    back = (
        f"Replay it again (histories in [tool.replaykit], or git checkout {base} -- pyproject.toml)"
        if change.kind is ChangeKind.LEFT_OUT and not change.way_back.links
        else f"Bring the old one back ({change.way_back.command(base)})"
    )
    then = ", then record the new run again" if change.kind is ChangeKind.REWRITTEN else ""
    cure = (
        f"{back}, and guard the change with workflow.patched{then}. Where no such run is left, {waive(rule)}."
    )
    yield replace(issue, cure=cure, cure_in_text=False, history=change.name)


def _of_well(changes: Sequence[FixtureChange], levels: Levels) -> Iterator[Issue]:
    """Fixtures that are gone though nothing is wrong with them: they do not show what later changes break."""
    if changes:
        one = len(changes) == 1
        yield Issue(
            rule="deleted-fixture",
            level=levels.deleted_fixture if levels.deleted_fixture is Level.IGNORED else Level.NOTE,
            title=f"{changes[0].name} is no longer replayed, and replays well on this change"
            if one
            else f"{len(changes)} fixtures are no longer replayed, and replay well on this change",
            text="\n".join(change.name for change in changes[:20]),
            cure="Keep them where runs like theirs are open: a later change is judged without them.",
            history=changes[0].name if one else None,
        )
