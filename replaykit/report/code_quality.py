"""Issues as GitLab's Code Quality report: a JSON list, shown in the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json

from replaykit.issue import Issue, Issues, Level
from replaykit.report.issue_places import fingerprints, place_of
from replaykit.visible import visible

__all__ = ["render_code_quality"]

_SEVERITIES = {Level.FAIL: "major", Level.WARN: "minor", Level.NOTE: "info"}


def render_code_quality(issues: Issues) -> str:
    """The whole report, with a trailing newline; an empty list where there is nothing to report."""
    entries = [
        {
            "description": _description(issue),
            "check_name": issue.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[issue.level],
            "location": {"path": visible(path), "lines": {"begin": line}},
        }
        for issue, fingerprint in zip(issues.issues, fingerprints(issues.issues), strict=True)
        for path, line in (place_of(issue),)
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _description(issue: Issue) -> str:
    """GitLab shows one line of plain text."""
    return " ".join(visible(f"{issue.title} ({issue.history})" if issue.history else issue.title).split())
