"""Issues at the terminal: what fails first, with its story; what was known before in one line each."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from replaykit.issue import Issue, Issues, Level
from replaykit.visible import visible

__all__ = ["print_issues"]

_STYLES = {Level.FAIL: "bold red", Level.WARN: "yellow", Level.NOTE: "dim"}
_HEADINGS = {
    Level.FAIL: "failures",
    Level.WARN: "warnings",
    Level.NOTE: "not blamed on this change",
}


def print_issues(issues: Issues, console: Console) -> None:
    """Print all of it, and last the one line that sums it up."""
    for level in _HEADINGS:
        found = issues.at(level)
        if found:
            console.print(Text(f"{_HEADINGS[level]} ({len(found)})", style=_STYLES[level]))
            for issue in found:
                for line in _lines(issue):
                    console.print(Text(line), soft_wrap=True)
            console.print()
    facts = ", ".join(f"{name} {value}" for name, value in issues.facts.items())
    console.print(Text(facts, style="dim"), soft_wrap=True)
    style = {0: "bold green", 1: "bold red"}.get(issues.exit_code, "bold yellow")
    console.print(Text(issues.headline, style=style), soft_wrap=True)


def _lines(issue: Issue) -> Iterator[str]:
    yield f"  {issue.rule}: {issue.title}"
    if issue.level is Level.NOTE:
        return
    for line in visible(issue.text).splitlines():
        yield f"    {line}"
    if issue.cure_apart:
        yield f"    cure: {issue.cure_apart}"
