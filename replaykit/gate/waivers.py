"""Waivers: what was agreed to, until when, and which of them are not needed any more."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from replaykit.config import Waiver
from replaykit.errors import ConfigError
from replaykit.issue import Issue, Level
from replaykit.paths import names_from

__all__ = ["ensure_known", "waive", "waived"]


def waive(rule: str) -> str:
    """The words of a cure: a waiver that comes with what it waives is not believed.

    Args:
        rule: What is waived.
    """
    return (
        f'waive it: rule = "{rule}", in a change of its own before this one, judged with '
        "--accept-weaker-policy"
    )


def ensure_known(waivers: Iterable[Waiver], rules: Collection[str]) -> None:
    """See that each waiver is about a rule that there is.

    Raises:
        ConfigError: One is about none.
    """
    for waiver in waivers:
        if not any(fnmatchcase(rule, waiver.rule) for rule in rules):
            close = difflib.get_close_matches(waiver.rule.replace("_", "-"), rules, n=1)
            raise ConfigError(
                f"no rule is named {waiver.rule!r}",
                where="[[tool.replaykit.gate.waiver]]",
                cure=f"Did you mean {close[0]!r}?" if close else f"Rules are: {', '.join(rules)}.",
            )


def waived(
    issues: Iterable[Issue], waivers: Sequence[Waiver], today: date, *, folders: Sequence[Path]
) -> list[Issue]:
    """The issues, those that a waiver covers as notes, and issues of the waivers themselves.

    Args:
        issues: What a gate found.
        waivers: Those of the configuration.
        today: The day; a waiver holds until the end of its own.
        folders: From which its patterns of fixtures may be written, wherever the gate runs: the project, and
            the top of its repository.
    """
    used: set[int] = set()
    weighed: list[Issue] = []
    for issue in issues:
        index = _covering(issue, waivers, today, folders)
        if index is None or issue.level is Level.NOTE:
            weighed.append(issue)
        else:
            used.add(index)
            waiver = waivers[index]
            title = f"waived until {waiver.until}: {issue.title}"
            weighed.append(
                replace(
                    issue,
                    level=Level.NOTE,
                    title=title,
                    cure=f"Waived because: {waiver.reason}",
                    cure_in_text=False,
                    is_waived=True,
                )
            )
    return [*weighed, *_of_waivers(waivers, used, weighed, today, folders)]


def _covering(issue: Issue, waivers: Sequence[Waiver], today: date, folders: Sequence[Path]) -> int | None:
    for index, waiver in enumerate(waivers):
        if waiver.until >= today and _is_about(waiver, issue, folders):
            return index
    return None


def _is_about(waiver: Waiver, issue: Issue, folders: Sequence[Path]) -> bool:
    names = names_from(issue.history, folders) if issue.history else ("",)
    return (
        fnmatchcase(issue.rule, waiver.rule)
        and any(fnmatchcase(name, waiver.history) for name in names)
        and fnmatchcase(issue.workflow_type or "", waiver.workflow)
    )


def _of_waivers(
    waivers: Sequence[Waiver],
    used: set[int],
    issues: Sequence[Issue],
    today: date,
    folders: Sequence[Path],
) -> Iterator[Issue]:
    for index, waiver in enumerate(waivers):
        about = ", ".join(part for part in (waiver.rule, waiver.history, waiver.workflow) if part != "*")
        if waiver.until < today:
            yield Issue(
                rule="expired-waiver",
                level=Level.FAIL,
                title=f"a waiver expired on {waiver.until}: {about}",
                text=f"It was there because: {waiver.reason}",
                cure="Fix what it waives, or agree on a later date; then change or remove it in "
                "[[tool.replaykit.gate.waiver]].",
                file="pyproject.toml",
            )
        elif index not in used and not any(_is_about(waiver, issue, folders) for issue in issues):
            yield Issue(
                rule="unused-waiver",
                level=Level.WARN,
                title=f"a waiver is not needed any more: {about}",
                text=f"It was there because: {waiver.reason}",
                cure="Remove it from [[tool.replaykit.gate.waiver]].",
                file="pyproject.toml",
            )
