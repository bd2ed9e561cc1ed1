"""Issues as JSON: the report of `replaykit gate`."""

from __future__ import annotations

from typing import Any

from replaykit.issue import Issue, Issues
from replaykit.report.document import Document, render_document

__all__ = ["render_issues_json"]


def render_issues_json(issues: Issues) -> str:
    """All of the Issues as one JSON object, with a trailing newline."""
    data: dict[str, Any] = {
        "name": issues.name,
        "headline": issues.headline,
        "exit_code": issues.exit_code,
        "facts": dict(issues.facts),
        "issues": [_issue(issue) for issue in issues.issues],
        "passed": list(issues.passed),
        "rules": dict(issues.rules),
    }
    return render_document(Document(report=issues.name.removeprefix("replaykit "), data=data))


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "rule": issue.rule,
        "level": issue.level.value,
        "title": issue.title,
        "text": issue.story,
        "cure": issue.cure,
        "is_hint": issue.is_hint,
        "diff": issue.diff or None,
        "file": issue.file,
        "line": issue.line,
        "history": issue.history,
        "workflow_type": issue.workflow_type,
        "is_waived": issue.is_waived,
        "ignored": issue.ignored,
        "unjudged": issue.unjudged,
        "replacements": [
            {"file": each.file, "first": each.first, "last": each.last, "text": each.text}
            for each in issue.replacements
        ],
    }
