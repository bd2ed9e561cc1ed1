"""A tried cure in the place of hints: under the Issues of a gate or a replay, and in Verdicts."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher

from replaykit.fix.cure import Cure, Fix
from replaykit.issue import Issue, Issues, Level, Replacement
from replaykit.verdict import Report, SuggestionKind, Verdict

__all__ = ["cured_issues", "cured_report", "is_curable"]

_RULES = frozenset({"new-divergence", "new-unjudged", "divergence", "unjudged"})


def is_curable(issues: Issues) -> bool:
    """Whether any of them is of the kind that a guard can cure."""
    return any(_is_meant(issue) for issue in issues.issues)


def cured_issues(issues: Issues, fix: Fix) -> Issues:
    """The same Issues, each divergence with the guard that was tried, or why there is none.

    Args:
        issues: Of a gate, or of a replay.
        fix: What came of the same change.
    """
    return replace(issues, issues=tuple(_cured(issue, fix) for issue in issues.issues))


def cured_report(report: Report, fix: Fix) -> Report:
    """The same Report, each divergence with the guard that was tried, or why there is none.

    Args:
        report: Of a replay.
        fix: What came of the same histories.
    """
    return replace(report, verdicts=tuple(_with_cure(verdict, fix) for verdict in report.verdicts))


def _with_cure(verdict: Verdict, fix: Fix) -> Verdict:
    divergence, cure = verdict.divergence, _cure_of(fix, verdict.history)
    words = _in_words(fix, verdict.history)
    if divergence is None or words is None:
        return verdict
    diff = [f"    {line}" for line in cure.diff.splitlines()] if cure is not None else []
    suggestion = "\n".join([words, *diff])
    divergence = replace(divergence, suggestion=suggestion, suggestion_kind=SuggestionKind.TRIED)
    return replace(verdict, divergence=divergence)


def _cure_of(fix: Fix, history: str | None) -> Cure | None:
    return fix.cure if fix.cure is not None and history in fix.cure.histories else None


def _in_words(fix: Fix, history: str) -> str | None:
    """What was tried for a History, without the diff; None where nothing was."""
    if (cure := _cure_of(fix, history)) is not None:
        return f"tried: {cure.tried}\nIt is written into the files by: replaykit fix --apply"
    why = fix.uncured.get(history)
    return None if why is None else f"none that was tried: {why}"


def _is_meant(issue: Issue) -> bool:
    return issue.rule in _RULES and issue.level is Level.FAIL and issue.history is not None


def _cured(issue: Issue, fix: Fix) -> Issue:
    words = _in_words(fix, issue.history or "") if _is_meant(issue) else None
    if words is None:
        return issue
    issue = _without_hint(issue, words)
    if (cure := _cure_of(fix, issue.history)) is None:
        return issue
    return replace(issue, diff=cure.diff, replacements=_replacements(cure), kind=f"cured by {cure.patch_ids}")


def _without_hint(issue: Issue, cure: str) -> Issue:
    """An Issue with what was tried in the place of what was guessed."""
    text, long_text = (
        each.removesuffix(issue.advice).rstrip() if issue.advice else each
        for each in (issue.text, issue.long_text)
    )
    return replace(issue, text=text, long_text=long_text, advice="", cure=cure, cure_in_text=False)


def _replacements(cure: Cure) -> tuple[Replacement, ...]:
    return tuple(
        replacement
        for file, text in cure.after.items()
        for replacement in _of_file(file, cure.before.get(file, ""), text)
    )


def _of_file(file: str, before: str, after: str) -> list[Replacement]:
    was, now = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    return [
        Replacement(file=file, first=first + 1, last=last, text="".join(now[start:end]))
        for kind, first, last, start, end in matcher.get_opcodes()
        if kind != "equal"
    ]
