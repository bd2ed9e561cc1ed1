"""What the policy leaves out is counted all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from replaykit.issue import Issue, Level

__all__ = ["folded", "ignored_count"]


def folded(issues: Iterable[Issue]) -> list[Issue]:
    """The issues, with one note for each rule in the place of those that the policy ignores.

    Args:
        issues: All that a gate found.
    """
    every = list(issues)
    kept = [issue for issue in every if issue.level is not Level.IGNORED]
    counts = Counter(issue.rule for issue in every if issue.level is Level.IGNORED)
    return [
        *kept,
        *(
            Issue(rule=rule, level=Level.NOTE, title=f"{count} ignored by the policy", ignored=count)
            for rule, count in sorted(counts.items())
        ),
    ]


def ignored_count(issues: Iterable[Issue]) -> int:
    """How many the policy ignored."""
    return sum(issue.ignored for issue in issues)
