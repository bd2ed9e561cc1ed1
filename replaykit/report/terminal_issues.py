"""Issues at the terminal: what fails first, with its story; what was known before in one line each."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from replaykit.issue import Issues, Level
from replaykit.report.issue_groups import Group, grouped, in_histories, story_of
from replaykit.report.summary import HINTS
from replaykit.visible import visible

__all__ = ["print_issues"]

_STYLES = {Level.FAIL: "bold red", Level.WARN: "yellow", Level.NOTE: "dim"}
_HEADINGS = {
    Level.FAIL: "failures",
    Level.WARN: "warnings",
    Level.NOTE: "not blamed on this change",
}


def print_issues(issues: Issues, console: Console, *, verbose: bool = False) -> None:
    """Print all of it, and last the one line that sums it up.

    Args:
        issues: What a check found.
        console: From `make_console`.
        verbose: With each history of a finding, all drifts, Core's own texts and tracebacks.
    """
    cures: dict[str, str] = {}
    for level in _HEADINGS:
        groups = grouped(issues.at(level))
        if groups:
            heading = f"{_HEADINGS[level]} ({in_histories(groups)})"
            console.print(Text(heading, style=_STYLES[level]))
            for group in groups:
                for line in _lines(group, cures, verbose=verbose):
                    console.print(Text(line), soft_wrap=True)
            console.print()
    if any(issue.is_hint for issue in issues.at(Level.FAIL)):
        console.print(Text(HINTS), soft_wrap=True)
    facts = ", ".join(f"{name} {value}" for name, value in issues.facts.items())
    console.print(Text(facts, style="dim"), soft_wrap=True)
    style = {0: "bold green", 1: "bold red"}.get(issues.exit_code, "bold yellow")
    console.print(Text(issues.headline, style=style), soft_wrap=True)


def _lines(group: Group, cures: dict[str, str], *, verbose: bool) -> Iterator[str]:
    yield f"  {group.first.rule}: {group.title}"
    if group.first.level is Level.NOTE and not verbose:
        return
    story = story_of(group, cures, verbose=verbose)
    for line in visible(story.text).splitlines():
        yield f"    {line}"
    for cure in story.cures:
        first, *others = visible(cure).splitlines() or [""]
        yield f"    cure: {first}"
        yield from (f"    {line}" for line in others)
