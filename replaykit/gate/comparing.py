"""Holds what the change's code says of each fixture against what the base's said. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from replaykit.gate.changes import ChangeKind, FixtureChange
from replaykit.report.issue import Issue, Level
from replaykit.report.issues_of import issue_of, title_of
from replaykit.verdict import Outcome, Verdict

__all__ = ["RULES", "Levels", "compared", "of_changes"]

RULES: Mapping[str, str] = {
    "new-divergence": "The change diverges from a recorded history that the base replays: running workflows "
    "of this shape would get stuck.",
    "new-drift": "The change asks for recorded commands with other attributes than the base does.",
    "new-unjudged": "A history that the base could judge cannot be judged with the change.",
    "inherited": "The base has the same problem: the change is not to blame.",
    "rewritten-fixture": "A fixture was recorded anew together with the code; the old one, replayed on the "
    "change, diverges.",
    "deleted-fixture": "A fixture was deleted; replayed on the change, it diverges.",
    "workflow-without-fixture": "A workflow that the change adds has no recorded history.",
    "changed-workflow-without-fixture": "A workflow was changed, and no history of its new code was added.",
    "too-few-commands": "The gate compared fewer commands than the policy asks for.",
    "expired-waiver": "A waiver is past its date.",
    "unused-waiver": "A waiver covers nothing.",
    "base-not-judged": "The base could not judge anything, so nothing can be told apart from what it had.",
}
"""What each rule means, in one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """The policy: how much each kind of issue weighs. None stands for `ignore`."""

    divergence: Level | None = Level.FAIL
    drift: Level | None = Level.FAIL
    unjudged: Level | None = Level.FAIL
    rewritten_fixture: Level | None = Level.FAIL
    deleted_fixture: Level | None = Level.FAIL
    new_workflow: Level | None = Level.WARN
    changed_workflow: Level | None = Level.WARN

    @classmethod
    def of(cls, configured: Mapping[str, str]) -> Levels:
        """The configured levels over the usual ones."""
        given = {key: None if level == "ignore" else Level(level) for key, level in configured.items()}
        return cls(**given)


_KINDS = {
    Outcome.DIVERGED: ("new-divergence", "divergence"),
    Outcome.DRIFTED: ("new-drift", "drift"),
    Outcome.UNJUDGED: ("new-unjudged", "unjudged"),
}


def compared(head: Sequence[Verdict], base: Sequence[Verdict] | None, levels: Levels) -> Iterator[Issue]:
    """What the change is to blame for, and what it has from its base.

    Args:
        head: Verdicts of the change's code.
        base: Of the base's code on the very same fixtures, in the same order; None where it judged nothing,
            and then everything is the change's.
        levels: The policy.
    """
    for index, verdict in enumerate(head):
        if verdict.outcome is Outcome.CONSISTENT:
            continue
        before = base[index] if base is not None else None
        rule, kind = _KINDS[verdict.outcome]
        if before is not None and _is_the_same(before, verdict):
            yield issue_of(verdict, "inherited", Level.NOTE, f"the base has it too: {title_of(verdict)}")
            continue
        level = getattr(levels, kind)
        if level is not None:
            note = _otherwise(before)
            yield issue_of(verdict, rule, level, f"{title_of(verdict)}{note}")


def _is_the_same(before: Verdict, now: Verdict) -> bool:
    """Whether two codes fail a History in one way: at one event, with the same two sides."""
    if before.outcome is not now.outcome or before.reason is not now.reason:
        return False
    if before.divergence is not None and now.divergence is not None:
        one, other = before.divergence, now.divergence
        return (one.event_id, one.recorded, one.produced) == (other.event_id, other.recorded, other.produced)
    known = {(d.event_id, d.field, _shown(d.produced)) for d in before.drifts}
    return {(d.event_id, d.field, _shown(d.produced)) for d in now.drifts} <= known


def _shown(value: object) -> str:
    return repr(value)


def _otherwise(before: Verdict | None) -> str:
    if before is None or before.outcome is Outcome.CONSISTENT:
        return ""
    return f" (the base is {before.outcome} there too, but otherwise)"


def of_changes(
    changes: Sequence[FixtureChange], verdicts: Sequence[Verdict], levels: Levels
) -> Iterator[Issue]:
    """Fixtures that went together with the code which they would have stopped.

    Args:
        changes: What the change does to fixtures.
        verdicts: Of the change's code on the old versions, in the same order.
        levels: The policy.
    """
    for change, verdict in zip(changes, verdicts, strict=True):
        if verdict.outcome is not Outcome.DIVERGED:
            continue
        was_deleted = change.kind is ChangeKind.DELETED
        level = levels.deleted_fixture if was_deleted else levels.rewritten_fixture
        if level is None:
            continue
        what = (
            "the fixture was deleted together with the code: replayed on this change, it diverges"
            if was_deleted
            else "the fixture was re-recorded together with the code: the old one, replayed on this change, "
            "diverges"
        )
        issue = issue_of(verdict, f"{change.kind}-fixture", level, f"{change.name}: {what}")
        yield replace(
            issue,
            cure="Bring the old fixture back beside the new one (git checkout BASE -- "
            f"{change.name}), and guard the change with workflow.patched. Where no such run is left, "
            "waive it.",
            history=change.name,
        )
