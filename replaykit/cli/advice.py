"""What a replay that fails shows besides: since which commit that is so, and a cure that was tried."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.cli.progress import noting
from replaykit.config import Config
from replaykit.paths import display
from replaykit.verdict import Report

if TYPE_CHECKING:
    from replaykit.fix.cure import Fix
    from replaykit.gate.base_revision import Base
    from replaykit.issue import Issues

__all__ = ["cured", "dated_report", "fix_of", "with_issues"]


def dated_report(report: Report, config: Config, fixtures: Sequence[Path], files: Sequence[str]) -> Report:
    """The same Report, with the commit since which what fails does so; nothing is run where nothing does.

    Args:
        report: Of a replay.
        config: The project.
        fixtures: What it was about.
        files: Those that the workflow code was loaded from.
    """
    from replaykit.gate.dating import dated

    with noting() as on_note:
        verdicts = dated(report.verdicts, config, _by_name(fixtures), files, on_note=on_note)
    return replace(report, verdicts=verdicts)


def fix_of(config: Config, fixtures: Sequence[Path], base: Base | None = None) -> Fix:
    """The guard for what some histories do not replay by, tried.

    Args:
        config: The project.
        fixtures: The histories.
        base: What to compare with; None to find it.

    Raises:
        ReplaykitError: git refuses, or the code cannot be loaded.
    """
    from replaykit.fix.run import run_fix
    from replaykit.gate.base_revision import base_of
    from replaykit.revisions import repository_of

    repository = repository_of(config.root)
    with noting() as on_note:
        return run_fix(
            config,
            _by_name(fixtures),
            repository=repository,
            base_of=lambda: base or base_of(repository, None, os.environ),
            is_asked=base is not None,
            is_dated=False,
            on_note=on_note,
        )


def with_issues(report: Report, fix: Fix | None, *, wanted: bool) -> tuple[Report, Issues | None]:
    """A Report, and its Issues where those are wanted; both with the cure that was tried.

    Args:
        report: Of a replay.
        fix: What came of it; None where nothing was tried.
        wanted: Whether Issues are.
    """
    issues = None
    if wanted:
        from replaykit.report.report_issues import issues_of

        issues = issues_of(report)
    if fix is None:
        return report, issues
    from replaykit.fix.offered import cured_issues, cured_report

    return cured_report(report, fix), cured_issues(issues, fix) if issues is not None else None


def cured(issues: Issues, config: Config, paths: Sequence[Path], base: Base) -> Issues:
    """The same Issues of a gate, with the cure that was tried; nothing is run where none is to be found.

    Args:
        issues: It.
        config: The change's.
        paths: Fixtures that the user named; the configured histories where there are none.
        base: What the change was judged against.

    Raises:
        ReplaykitError: git refuses, or the code cannot be loaded.
    """
    from replaykit.check import fixtures_of
    from replaykit.fix.offered import cured_issues, is_curable

    if not is_curable(issues):
        return issues
    return cured_issues(issues, fix_of(config, fixtures_of(config, paths), base))


def _by_name(fixtures: Sequence[Path]) -> dict[str, Path]:
    return {display(path): path.absolute() for path in fixtures}
