"""Compares the Verdict on each fixture under the change's code with that under the base's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from replaykit.gate.new_drifts import drifts_alone, with_new_first
from replaykit.gate.sameness import fails_alike, is_the_same
from replaykit.issue import Issue, Level
from replaykit.report.report_issues import issue_of, title_of
from replaykit.verdict import Outcome, Severity, Verdict

__all__ = ["DEFAULT_LEVELS", "RULES", "Judged", "Levels", "Unsteady", "compared"]

RULES: Mapping[str, str] = {
    "new-divergence": "The change diverges from a recorded history that the base replays: running workflows "
    "of this shape would get stuck.",
    "new-drift": "The change asks for recorded commands with other attributes than the base does.",
    "new-unjudged": "A history that the base could judge cannot be judged with the change.",
    "inherited": "The base has the same problem: the change is not to blame.",
    "unstable": "The base itself asks for something else from run to run, at the same place: the change is "
    "not to blame.",
    "removed-workflow": "The change removed or renamed a workflow of which a fixture shows a run: open runs "
    "of it would get stuck.",
    "rewritten-fixture": "A fixture was recorded again together with the code; the change does not replay "
    "the old one as it was recorded.",
    "moved-fixture": "A fixture was moved to another worker's folder; the worker that it was recorded with "
    "does not replay it as it was recorded.",
    "other-worker": "Another worker, with the workflow class of another file, judges a fixture than in the "
    "base: nothing shows what the worker that ran it makes of the change.",
    "deleted-fixture": "A fixture was deleted, or is no longer replayed. It fails where the change does not "
    "replay it as it was recorded.",
    "fixture-not-checked-out": "A fixture is in git and not in the working tree, so it was not judged.",
    "workflow-without-fixture": "A workflow that the change adds has no recorded history.",
    "changed-workflow-without-fixture": "A workflow was changed, and no history was added of a run that goes "
    "through the changed code.",
    "unproven-patch-removal": "The old branch of a patch was removed, and no fixture shows a run that took "
    "it: nothing shows what becomes of such runs.",
    "pinned-run": "A run is pinned to another deployment version: it stays there, whatever this change does.",
    "requirement-not-met": "No fixture shows what the policy, or a fixture's own metadata, asks for.",
    "weakened-policy": "The change weakens the policy that it is judged by.",
    "changed-worker": "The change judges with other settings of a worker than its base does.",
    "too-few-commands": "The gate compared fewer commands than the policy asks for.",
    "nothing-to-replay": "The change has no fixture that could be replayed.",
    "expired-waiver": "A waiver is past its date.",
    "unused-waiver": "A waiver covers nothing.",
    "base-of-mixed-code": "A side was judged with modules that are not its own, such as an installed copy "
    "of the project, so nothing shows which problems are new.",
    "base-not-judged": "The base could not judge anything, so nothing shows which problems are new.",
}
"""What each rule means, in one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """The policy: how much each kind of issue weighs."""

    divergence: Level = Level.FAIL
    drift: Level = Level.FAIL
    unjudged: Level = Level.FAIL
    rewritten_fixture: Level = Level.FAIL
    deleted_fixture: Level = Level.FAIL
    removed_workflow: Level = Level.FAIL
    new_workflow: Level = Level.WARN
    changed_workflow: Level = Level.WARN
    weakened_policy: Level = Level.FAIL
    unproven_patch: Level = Level.WARN
    pinned: Level = Level.IGNORED

    @classmethod
    def of(cls, configured: Mapping[str, str]) -> Levels:
        """The configured levels over the default ones."""
        given = {key: _CONFIGURED[level] for key, level in configured.items()}
        return cls(**given)


_CONFIGURED = {"fail": Level.FAIL, "warn": Level.WARN, "ignore": Level.IGNORED}
DEFAULT_LEVELS: Mapping[str, str] = {
    each.name: next(name for name, level in _CONFIGURED.items() if level is each.default)
    for each in fields(Levels)
}
"""By key, what holds where nothing is configured."""


_KINDS = {
    Outcome.DIVERGED: ("new-divergence", "divergence"),
    Outcome.DRIFTED: ("new-drift", "drift"),
    Outcome.UNJUDGED: ("new-unjudged", "unjudged"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsteady:
    """Why a code does not answer the same in each run."""

    changed: str
    """What was changed between two runs that differ, in words."""
    cure: str
    """What to do about code that depends on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One History, judged by two codes."""

    key: str
    """Path of its fixture in the repository, as the report shows it."""
    head: Verdict
    """Of the change's code."""
    base: Verdict | None
    """Of the base's code; None where that could judge nothing."""
    asked: str
    """The key under which the base was asked about it."""
    unsteady: Unsteady | None = None
    """Set where the base fails as the change does in some of its runs and not in all."""
    fail_on: Severity = Severity.BEHAVIOURAL
    """The least severity of a drift that fails, for the workflow of this History."""

    @property
    def is_known(self) -> bool:
        """Whether the base fails it in the same way, with the same values."""
        return self.base is not None and is_the_same(self.base, self.head, self.fail_on)


def compared(judged: Iterable[Judged], levels: Levels, *, added: Collection[str] = ()) -> Iterator[Issue]:
    """What the change is to blame for, and what it has from its base.

    Args:
        judged: The fixtures; where the base judged nothing, everything is the change's.
        levels: The policy.
        added: Keys of the fixtures that came with the change: whatever is wrong with them, the base does not
            have it.
    """
    for each in judged:
        verdict, before = with_new_first(each.head, each.base, each.fail_on), each.base
        if verdict.outcome is Outcome.CONSISTENT:
            continue
        rule, kind = _KINDS[verdict.outcome]
        if each.is_known and each.key not in added:
            yield _inherited(verdict)
            continue
        if each.unsteady is not None and each.key not in added:
            yield _unstable(verdict, each.unsteady)
            continue
        if before is not None and each.key not in added and _differs_by_drifts(each, before):
            drifts = drifts_alone(verdict, before, each.fail_on)
            yield _inherited(verdict)
            yield issue_of(
                drifts, "new-drift", levels.drift, f"{title_of(drifts)} (beside what the base has)"
            )
            continue
        note = " (of a fixture that came with the change)" if each.is_known else _difference(before)
        yield issue_of(verdict, rule, getattr(levels, kind), f"{title_of(verdict)}{note}")


def _inherited(verdict: Verdict) -> Issue:
    return issue_of(verdict, "inherited", Level.NOTE, f"the base has it too: {title_of(verdict)}")


def _differs_by_drifts(each: Judged, before: Verdict) -> bool:
    """Whether a History fails as in the base, and the commands before that have other attributes."""
    return each.head.outcome is not Outcome.DRIFTED and fails_alike(before, each.head)


def _unstable(verdict: Verdict, unsteady: Unsteady) -> Issue:
    issue = issue_of(
        verdict,
        "unstable",
        Level.NOTE,
        "the base is not the same from run to run there "
        f"(changed between its runs: {unsteady.changed}): {title_of(verdict)}",
    )
    # A guard that is tried against another value each time would cure nothing.
    text, long_text = (each.removesuffix(issue.advice).rstrip() for each in (issue.text, issue.long_text))
    return replace(issue, text=text, long_text=long_text, advice="", cure=unsteady.cure, cure_in_text=False)


def _difference(before: Verdict | None) -> str:
    if before is None or before.outcome is Outcome.CONSISTENT:
        return ""
    return f" (the base is {before.outcome} there too, but differently)"
