"""Issues for GitHub Actions: annotations at lines of code, and the summary of the job.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Mapping

from replaykit.errors import ReplaykitError
from replaykit.issue import Issues, Level
from replaykit.report.issue_groups import Group, grouped
from replaykit.report.markdown import render_markdown
from replaykit.visible import visible

__all__ = ["annotation_lines", "append_summary", "render_summary"]

_COMMANDS = {Level.FAIL: "error", Level.WARN: "warning", Level.NOTE: "notice"}
_SHOWN = 10
"""GitHub shows as many of each type for one step, and drops the others."""
_MOST = 900_000
"""A step's summary holds one mebibyte, and a character can take more than one byte."""


def annotation_lines(issues: Issues) -> list[str]:
    """Workflow commands, one a line; at most ten of a type."""
    return [_annotation(group) for level in Level for group in grouped(issues.at(level))[:_SHOWN]]


def render_summary(issues: Issues) -> str:
    """The job summary: the Markdown, and how many findings have no annotation."""
    left = {level: len(grouped(issues.at(level))) - _SHOWN for level in Level}
    more = ", ".join(f"{count} more of type {_COMMANDS[level]}" for level, count in left.items() if count > 0)
    notes = [f"GitHub shows {_SHOWN} annotations of a type; listed only here: {more}."] if more else []
    text = render_markdown(issues, most=_MOST, notes=notes)
    if len(text.encode()) > _MOST:
        text = render_markdown(issues, most=_MOST // 4, notes=notes)
    return text


def append_summary(issues: Issues, variables: Mapping[str, str]) -> None:
    """Append the summary to the file that GitHub names; nothing outside of GitHub Actions.

    Args:
        issues: What to report.
        variables: The environment.

    Raises:
        ReplaykitError: That file cannot be written.
    """
    path = variables.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 (a name, not a path of ours)
            file.write(f"{render_summary(issues)}\n")
    except OSError as error:
        raise ReplaykitError(
            f"cannot be written: {error.strerror or error}", where=f"GITHUB_STEP_SUMMARY={path}"
        ) from error


def _annotation(group: Group) -> str:
    issue = group.first
    properties = {"file": issue.file, "line": issue.line, "title": f"replaykit: {issue.rule}"}
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    cure = f"cure: {issue.cure_apart}" if issue.cure_apart else ""
    message = "\n".join(part for part in (group.title, group.histories, issue.story, cure) if part)
    return f"::{_COMMANDS[issue.level]} {shown}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
