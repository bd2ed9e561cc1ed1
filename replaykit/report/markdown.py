"""Issues as the text of a pull-request comment, in GitHub's Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from replaykit.issue import Issue, Issues, Level, Replacement
from replaykit.report.issue_groups import Group, grouped, in_histories, story_of
from replaykit.report.phrases import counted
from replaykit.visible import visible

__all__ = ["render_comment", "render_markdown"]

_MOST = 65_000
"""GitHub refuses a comment of 65,536 characters; some room is left for what a bot puts around it."""
_MOST_OF_ONE = 6_000
_MOST_PASSED = 100
_ICONS = {0: "✅", 1: "❌"}
_HEADINGS = {
    Level.FAIL: "Failures",
    Level.WARN: "Warnings",
    Level.NOTE: "Not blamed on this change",
}


def render_comment(issues: Issues) -> str:
    """The comment, after a hidden marker such as `<!-- replaykit gate -->` by which a bot finds it again."""
    return f"<!-- {issues.name} -->\n{render_markdown(issues)}"


def render_markdown(issues: Issues, *, most: int = _MOST, notes: Sequence[str] = ()) -> str:
    """The same without a marker.

    Args:
        issues: What to report.
        most: Characters; details go first, from the end, and then whole issues.
        notes: Sentences to put below the headline.
    """
    head = [f"### {_ICONS.get(issues.exit_code, '⚠️')} {_inline(issues.headline)}", *notes]
    if issues.facts:
        rows = [f"| {_inline(name)} | {_inline(value)} |" for name, value in issues.facts.items()]
        head.append("\n".join(["| | |", "| --- | --- |", *rows]))
    parts, left = ["\n\n".join(head)], 0
    room = most - _size(parts[0]) - 200
    cures: dict[str, str] = {}
    for level in _HEADINGS:
        groups = grouped(issues.at(level))
        heading = f"#### {_HEADINGS[level]} ({in_histories(groups)})"
        if groups and room > _size(heading):
            parts.append(heading)
            room -= _size(heading) + 2
        for group in groups:
            known = dict(cures)
            text = _whole(group, known)
            if _size(text) + 2 <= room:
                cures = known  # a cure that had no room was not shown
            else:
                text = _short(group)
            if _size(text) + 2 > room:
                left += 1
                continue
            parts.append(text)
            room -= _size(text) + 2
    if left:
        parts.append(f"There is no room here for {left} more.")
    passed = _passed(issues.passed)
    if issues.passed and _size(passed) + 2 <= room:
        parts.append(passed)
    return "\n\n".join(parts) + "\n"


def _size(text: str) -> int:
    """Length as JavaScript counts it, so that no way of counting finds more."""
    return len(text.encode("utf-16-le")) // 2


def _short(group: Group) -> str:
    issue = group.first
    line = f":{issue.line}" if issue.line is not None else ""
    place = f"<br>\n{_inline(f'{issue.file}{line}')}" if issue.file else ""
    return f"**{_inline(issue.rule)}**: {_inline(group.title)}{place}"


def _whole(group: Group, cures: dict[str, str]) -> str:
    issue = group.first
    if issue.level is Level.NOTE:
        return _short(group)
    story = story_of(group, cures)
    head = "" if group.histories else issue.head
    tried = _tried(issue) if issue.diff and story.cures == (issue.cure_apart,) else ""
    shown = () if tried else story.cures
    details = "\n".join(filter(None, (head, story.text, *(f"cure: {cure}" for cure in shown))))
    if not details:
        return f"{_short(group)}{tried}"
    name = (
        counted(len(group.issues), "history", "histories")
        if group.histories
        else issue.history or issue.workflow_type or issue.rule
    )
    summary = f"<details><summary>{_quiet(html.escape(_line(name)))}</summary>"
    return f"{_short(group)}\n\n{summary}\n\n{_fenced(details)}\n\n</details>{tried}"


def _tried(issue: Issue) -> str:
    """A cure that was tried: its diff, and the same as the suggestions that a review comment takes."""
    first, *others = (issue.cure or "").splitlines()
    parts = [
        f"**Cure**, {_inline(first)}",
        _fenced(issue.diff.rstrip("\n"), language="diff"),
        *map(_inline, others),
    ]
    suggestions = [
        f"`{_line(each.file)}`, {_lines_of(each)}\n\n{_fenced(each.text.rstrip(), language='suggestion')}"
        for each in issue.replacements
    ]
    folded = "\n\n".join(suggestions)
    name = "The same as suggestions for a review"
    return "\n\n".join(["", *parts, f"<details><summary>{name}</summary>\n\n{folded}\n\n</details>"])


def _lines_of(replacement: Replacement) -> str:
    if replacement.last < replacement.first:
        return f"before line {replacement.first}"
    if replacement.last == replacement.first:
        return f"in place of line {replacement.first}"
    return f"in place of lines {replacement.first} to {replacement.last}"


def _passed(names: Sequence[str]) -> str:
    count = f"{counted(len(names), 'history', 'histories')} passed"
    shown = [*names[:_MOST_PASSED]]
    if len(names) > len(shown):
        shown.append(f"and {len(names) - len(shown)} more")
    return f"<details><summary>{count}</summary>\n\n{_fenced(chr(10).join(shown))}\n\n</details>"


def _fenced(text: str, *, language: str = "text") -> str:
    """A code block whose fence is longer than any that its text holds."""
    text = visible(text)
    if len(text) > _MOST_OF_ONE:
        text = f"{text[:_MOST_OF_ONE]}\n…"
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _inline(text: str) -> str:
    """One line of plain text: nothing in it is markup, a link, or a mention of a user."""
    return _quiet(re.sub(r"([\\`*_{}\[\]<>()#+!|~&$-])", r"\\\1", _line(text)))


def _line(text: str) -> str:
    line = " ".join(visible(text).split())
    return line if len(line) <= 500 else f"{line[:499]}…"


def _quiet(text: str) -> str:
    """Keep GitHub from notifying the user, or marking the issue, that a text names by chance."""
    return re.sub(r"([@#])(?=\w)", "\\1\u2060", text)
