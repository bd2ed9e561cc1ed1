"""Compares the Verdict on each fixture under the change's code with that under the base's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from replaykit.gate.changes import ChangeKind, FixtureChange
from replaykit.issue import Issue, Level
from replaykit.report.report_issues import issue_of, title_of
from replaykit.verdict import Outcome, Verdict

__all__ = ["RULES", "Judged", "Levels", "compared", "of_changes"]

RULES: Mapping[str, str] = {
    "new-divergence": "The change diverges from a recorded history that the base replays: running workflows "
    "of this shape would get stuck.",
    "new-drift": "The change asks for recorded commands with other attributes than the base does.",
    "new-unjudged": "A history that the base could judge cannot be judged with the change.",
    "inherited": "The base has the same problem: the change is not to blame.",
    "rewritten-fixture": "A fixture was recorded again together with the code; the old one, replayed on the "
    "change, diverges.",
    "deleted-fixture": "A fixture was deleted, or is no longer replayed; on the change it diverges.",
    "workflow-without-fixture": "A workflow that the change adds has no recorded history.",
    "changed-workflow-without-fixture": "A workflow was changed, and no history of its new code was added.",
    "too-few-commands": "The gate compared fewer commands than the policy asks for.",
    "expired-waiver": "A waiver is past its date.",
    "unused-waiver": "A waiver covers nothing.",
    "base-of-mixed-code": "The base was judged with modules that are not its own, so nothing shows which "
    "problems are new.",
    "base-not-judged": "The base could not judge anything, so nothing shows which problems are new.",
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
        """The configured levels over the default ones."""
        given = {key: None if level == "ignore" else Level(level) for key, level in configured.items()}
        return cls(**given)


_KINDS = {
    Outcome.DIVERGED: ("new-divergence", "divergence"),
    Outcome.DRIFTED: ("new-drift", "drift"),
    Outcome.UNJUDGED: ("new-unjudged", "unjudged"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One History, judged by two codes."""

    key: str
    """Path of its fixture in the repository, as the report shows it."""
    head: Verdict
    """Of the change's code."""
    base: Verdict | None
    """Of the base's code; None where that could judge nothing."""


def compared(judged: Iterable[Judged], levels: Levels, *, added: Collection[str] = ()) -> Iterator[Issue]:
    """What the change is to blame for, and what it has from its base.

    Args:
        judged: The fixtures; where the base judged nothing, everything is the change's.
        levels: The policy.
        added: Keys of the fixtures that came with the change: whatever is wrong with them, the base does not
            have it.
    """
    for each in judged:
        verdict, before = each.head, each.base
        if verdict.outcome is Outcome.CONSISTENT:
            continue
        rule, kind = _KINDS[verdict.outcome]
        is_same = before is not None and _is_the_same(before, verdict)
        if is_same and each.key not in added:
            yield issue_of(verdict, "inherited", Level.NOTE, f"the base has it too: {title_of(verdict)}")
            continue
        level = getattr(levels, kind)
        if level is not None:
            note = " (of a fixture that came with the change)" if is_same else _difference(before)
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


def _difference(before: Verdict | None) -> str:
    if before is None or before.outcome is Outcome.CONSISTENT:
        return ""
    return f" (the base is {before.outcome} there too, but differently)"


def of_changes(
    changes: Iterable[FixtureChange], judged: Iterable[Judged], levels: Levels, *, base: str
) -> Iterator[Issue]:
    """Fixtures that went together with the code which they would have stopped.

    Args:
        changes: What the change does to fixtures.
        judged: The old versions of them all, each under the name that its change has.
        levels: The policy.
        base: The commit that has them.
    """
    by_key = {each.key: each for each in judged}
    for change in changes:
        verdict, before = by_key[change.name].head, by_key[change.name].base
        if verdict.outcome is not Outcome.DIVERGED:
            continue
        if before is not None and _is_the_same(before, verdict):
            continue  # one that stopped nothing but what the base had stopped already
        was_rewritten = change.kind is ChangeKind.REWRITTEN
        level = levels.rewritten_fixture if was_rewritten else levels.deleted_fixture
        if level is None:
            continue
        rule = "rewritten-fixture" if was_rewritten else "deleted-fixture"
        issue = issue_of(verdict, rule, level, f"{change.name}: {_WHAT[change.kind]}")
        back = (
            f"Replay it again (histories in [tool.replaykit], or git checkout {base} -- pyproject.toml)"
            if change.kind is ChangeKind.LEFT_OUT
            else f"Bring the old one back (git checkout {base} -- {change.name})"
        )
        then = ", then record the new run again" if was_rewritten else ""
        cure = (
            f"{back}, and guard the change with workflow.patched{then}. "
            f'Where no such run is left, waive it: rule = "{rule}".'
        )
        yield replace(issue, cure=cure, cure_in_text=False, history=change.name)


_WHAT: Mapping[ChangeKind, str] = {
    ChangeKind.DELETED: "the fixture was deleted together with the code: replayed on this change, it "
    "diverges",
    ChangeKind.LEFT_OUT: "this change no longer replays the fixture, and it would diverge",
    ChangeKind.REWRITTEN: "the fixture was re-recorded together with the code: the old one, replayed on this "
    "change, diverges",
}
