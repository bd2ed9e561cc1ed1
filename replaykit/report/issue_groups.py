"""Issues as people read them: many histories of one kind are one finding, and a cure is shown once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from replaykit.issue import Issue
from replaykit.report.phrases import counted

__all__ = ["Group", "Story", "grouped", "in_histories", "story_of"]

_NAMED = 3
_MOST_CURES = 3
_LABEL = re.compile(r"\s*\w+\s+")
"""Of a row, with the room around it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One finding."""

    issues: tuple[Issue, ...]
    """Of one level and one rule, each of another history; never empty."""

    @property
    def first(self) -> Issue:
        """The one that stands for all of them."""
        return self.issues[0]

    @property
    def title(self) -> str:
        """That of the first, with how many there are."""
        if len(self.issues) == 1:
            return self.first.title
        types = len({issue.workflow_type for issue in self.issues})
        of = f" of {types} workflows" if types > 1 else ""
        return f"{self.first.title} ({counted(len(self.issues), 'history', 'histories')}{of})"

    @property
    def histories(self) -> str:
        """The first few by name, and how many more; empty for a single one."""
        if len(self.issues) == 1:
            return ""
        names = [issue.history or issue.workflow_type or issue.title for issue in self.issues]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"histories: {', '.join(names[:_NAMED])}{more}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What a finding shows below its title."""

    text: str
    cures: tuple[str, ...] = ()
    """Those that the text does not show, without what comes before them."""


def grouped(issues: Iterable[Issue]) -> list[Group]:
    """Findings, in the order of their first issues.

    Args:
        issues: Of one check; of several levels, too.
    """
    groups: dict[tuple[object, ...], list[Issue]] = {}
    for index, issue in enumerate(issues):
        apart = None if issue.kind else index
        key = (issue.level, issue.rule, issue.kind, issue.is_waived, apart)
        groups.setdefault(key, []).append(issue)
    return [Group(issues=tuple(each)) for each in groups.values()]


def in_histories(groups: Iterable[Group]) -> str:
    """How many findings, and in how many histories where those are more."""
    sizes = [len(group.issues) for group in groups]
    return str(len(sizes)) if sum(sizes) == len(sizes) else f"{len(sizes)}, in {sum(sizes)} histories"


def story_of(group: Group, known: dict[str, str], *, verbose: bool = False) -> Story:
    """What a finding shows: each cure that was shown before is only pointed to.

    Args:
        group: The finding.
        known: Where each cure was shown; those of this finding are added.
        verbose: With each history, all drifts, Core's own texts and tracebacks.
    """
    where = group.first.title
    parts, cures = ([group.histories] if group.histories and not verbose else []), []
    for issue in group.issues if verbose else (group.first,):
        text = issue.long_text if verbose and issue.long_text else issue.text
        if len(group.issues) > 1 and verbose:
            text = f"{issue.head or issue.history or ''}\n{text}"
        if issue.advice and known.get(issue.advice) is not None:
            label = _LABEL.match(issue.advice)
            above = _as_above(known[issue.advice])
            text = f"{text.removesuffix(issue.advice)}{label.group() if label else ''}{above}"
        elif issue.advice:
            known[issue.advice] = where
        parts.append(text)
    for issue in group.issues:
        cure = issue.cure_apart
        if cure and known.get(cure) is None:
            known[cure] = where
            cures.append(cure)
        elif cure and not cures:
            cures.append(_as_above(known[cure]))
    left = 0 if verbose else len(cures) - _MOST_CURES
    shown = [*cures[:_MOST_CURES], f"and {left} more like these (--verbose)"] if left > 0 else cures
    return Story(text="\n".join(filter(None, parts)), cures=tuple(shown))


def _as_above(title: str) -> str:
    return f"the one above, of: {title}"
