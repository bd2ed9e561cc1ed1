"""A tried cure in the place of hints, under each issue of a gate that it cures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from replaykit.check import fixtures_of
from replaykit.config import Config
from replaykit.fix.cure import Cure, Fix
from replaykit.fix.run import run_fix
from replaykit.gate.base_revision import Base
from replaykit.issue import Issue, Issues, Level, Replacement
from replaykit.paths import display

__all__ = ["with_cures"]

_RULES = frozenset({"new-divergence", "new-unjudged"})


def with_cures(
    issues: Issues,
    config: Config,
    paths: Sequence[Path],
    *,
    repository: Path,
    base: Base,
    on_note: Callable[[str], None] = lambda note: None,
) -> Issues:
    """The same Issues, each new divergence with the guard that was tried; nothing is run where there is none.

    Args:
        issues: Of a gate.
        config: The change's.
        paths: The fixtures that it was about; the configured histories where there are none.
        repository: The top folder of its git repository.
        base: What it was judged against.
        on_note: Given what is done next, for the user.

    Raises:
        ReplaykitError: git refuses, or the code cannot be loaded.
    """
    if not any(_is_meant(issue) for issue in issues.issues):
        return issues
    fixtures = {display(path): path.absolute() for path in fixtures_of(config, paths)}
    fix = run_fix(
        config,
        fixtures,
        repository=repository,
        base_of=lambda: base,
        is_asked=True,
        on_note=on_note,
    )
    return replace(issues, issues=tuple(_cured(issue, fix) for issue in issues.issues))


def _is_meant(issue: Issue) -> bool:
    return issue.rule in _RULES and issue.level is Level.FAIL and issue.history is not None


def _cured(issue: Issue, fix: Fix) -> Issue:
    if not _is_meant(issue):
        return issue
    cure = fix.cure
    if cure is None or issue.history not in cure.histories:
        why = fix.uncured.get(issue.history or "")
        return issue if why is None else _without_hint(issue, f"none that was tried: {why}")
    since = f"{fix.since}\n" if fix.since else ""
    shown = f"tried: {cure.tried}\n{since}{cure.diff}Write it into the files: replaykit fix --apply"
    return replace(_without_hint(issue, shown), replacements=_replacements(cure))


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
