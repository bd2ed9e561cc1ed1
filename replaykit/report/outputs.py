"""What a check writes for a CI service and other tools, all of it made from Issues."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from replaykit.issue import Issues
from replaykit.report.code_quality import render_code_quality
from replaykit.report.github import annotation_lines, append_summary
from replaykit.report.junit import render_junit
from replaykit.report.markdown import render_comment
from replaykit.report.places import in_repository
from replaykit.report.reporter import check_target, write_text
from replaykit.report.sarif import render_sarif

__all__ = ["ISSUE_REPORTERS", "Outputs", "render_issues_json", "write_outputs"]

FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Outputs:
    """What was asked for."""

    github: bool = False
    """Annotations, and the job summary."""
    files: Mapping[str, str] = field(default_factory=dict)
    """A path or `-`, by a key of `ISSUE_REPORTERS`."""

    @property
    def to_stdout(self) -> int:
        """How many of them want standard output for themselves."""
        return list(self.files.values()).count("-")

    def check(self) -> None:
        """Make sure that all of it can be written, before anything is judged.

        Raises:
            ConfigError: One of them cannot.
        """
        for target in self.files.values():
            check_target(target)


def render_issues_json(issues: Issues) -> str:
    """All of the Issues as one JSON object, with a trailing newline."""
    data: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "name": issues.name,
        "headline": issues.headline,
        "exit_code": issues.exit_code,
        "facts": dict(issues.facts),
        "issues": [{**dataclasses.asdict(issue), "level": issue.level.value} for issue in issues.issues],
        "passed": list(issues.passed),
        "rules": dict(issues.rules),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


ISSUE_REPORTERS: Mapping[str, Callable[[Issues], str]] = {
    "gitlab": render_code_quality,
    "junit": render_junit,
    "sarif": render_sarif,
    "markdown": render_comment,
    "json": render_issues_json,
}
"""By the name of the option that asks for it."""


def write_outputs(
    issues: Issues,
    outputs: Outputs,
    *,
    root: Path,
    repository: Path | None,
    say: Callable[[str], None],
    annotate: Callable[[str], None],
) -> None:
    """Write all that was asked for.

    Args:
        issues: With files relative to the project.
        outputs: What was asked for.
        root: The project.
        repository: The top folder of its git repository; None where it has none.
        say: Told `wrote PATH` for each file.
        annotate: Told each line that GitHub reads.

    Raises:
        ReplaykitError: A file cannot be written; nothing is left half-written.
    """
    placed = in_repository(issues, root=root, repository=repository)
    for form, target in outputs.files.items():
        write_text(ISSUE_REPORTERS[form](placed), target)
        if target != "-":
            say(f"wrote {target}")
    if outputs.github:
        append_summary(placed, os.environ)
        for line in annotation_lines(placed):
            annotate(line)
