"""What a gate came to: its issues after the policy and the waivers, its exit code and its headline."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from replaykit.config import Config
from replaykit.gate.against_base import RULES
from replaykit.gate.ignored import folded, ignored_count
from replaykit.gate.waivers import waived
from replaykit.issue import Issue, Issues, Level
from replaykit.report.issue_groups import grouped
from replaykit.verdict import Outcome, Report

__all__ = ["Gate", "concluded"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """What a gate came to."""

    report: Report
    """Of the change's own code."""
    issues: Issues


def concluded(
    config: Config,
    report: Report,
    issues: Iterable[Issue],
    *,
    facts: Mapping[str, str],
    folders: Sequence[Path],
    today: date | None,
    began: float,
) -> Gate:
    """Apply what policy and waivers have on what was found.

    Args:
        config: With the policy.
        report: Of the change's own code.
        issues: What was found.
        facts: What the report shows about the run of the gate.
        folders: From which the patterns of waivers may be written.
        today: The day, for waivers; by default that of the clock.
        began: When the gate began, as `time.perf_counter` has it.
    """
    found = list(issues)
    # The command that differs was compared, too.
    compared_commands = report.commands_compared + report.count(Outcome.DIVERGED)
    if report.verdicts and compared_commands < config.gate.min_commands:
        found.append(
            Issue(
                rule="too-few-commands",
                level=Level.FAIL,
                title=f"{compared_commands} command{' was' if compared_commands == 1 else 's were'} "
                f"compared, and at least {config.gate.min_commands} must be, by gate.min_commands",
                cure="Capture more histories: replaykit capture WORKFLOW_ID.",
                unjudged=True,
            )
        )
    found = folded(waived(found, config.gate.waivers, today or date.today(), folders=folders))
    if not report.verdicts:  # nobody can agree to a green on nothing
        found.append(_NOTHING)
    code = _exit_code(found)
    passed = [v.history for v in report.verdicts if v.outcome is Outcome.CONSISTENT]
    return Gate(
        report=report,
        issues=Issues(
            name="replaykit gate",
            headline=_headline(found, report, code),
            exit_code=code,
            issues=tuple(found),
            facts={
                **facts,
                "histories": str(len(report.verdicts)),
                "commands compared": str(report.commands_compared),
                "seconds": f"{time.perf_counter() - began:.1f}",
            },
            passed=tuple(passed),
            rules=RULES,
        ),
    )


_NOTHING = Issue(
    rule="nothing-to-replay",
    level=Level.FAIL,
    title="this change has no fixture that could be replayed, so nothing guards its workflows",
    cure="Keep the fixtures of the base, or capture a run of each workflow: replaykit capture WORKFLOW_ID.",
    unjudged=True,
)


def _exit_code(issues: Sequence[Issue]) -> int:
    """1 where something is wrong, 2 where something could not be judged, 0 for nothing that fails."""
    failing = [issue for issue in issues if issue.level is Level.FAIL]
    return 0 if not failing else 2 if all(issue.unjudged for issue in failing) else 1


def _headline(issues: Sequence[Issue], report: Report, code: int) -> str:
    counts = {level: sum(issue.level is level for issue in issues) for level in Level}
    verdict = "passed" if code == 0 else "failed" if code == 1 else "could not judge"
    parts = [_found(issues, Level.FAIL, "failure", "failures")] if counts[Level.FAIL] else []
    parts += [_found(issues, Level.WARN, "warning", "warnings")] if counts[Level.WARN] else []
    waived_ones = sum(issue.is_waived for issue in issues)
    known = sum(issue.rule == "inherited" for issue in issues)
    parts += [f"{known} known before"] if known else []
    ignored = ignored_count(issues)
    notes = counts[Level.NOTE] - waived_ones - known - sum(issue.ignored > 0 for issue in issues)
    parts += [_counted(notes, "note", "notes")] if notes else []
    parts += [f"{waived_ones} waived"] if waived_ones else []
    parts += [f"{ignored} ignored by the policy"] if ignored else []
    found = f": {', '.join(parts)}" if parts else ""
    histories, commands = len(report.verdicts), report.commands_compared
    size = f"{_counted(histories, 'history', 'histories')}, {_counted(commands, 'command', 'commands')}"
    return f"gate {verdict}{found}; {size}"


def _found(issues: Sequence[Issue], level: Level, one: str, many: str) -> str:
    """How many findings of a level; in how many histories, where many are of one kind."""
    at_level = [issue for issue in issues if issue.level is level]
    findings = len(grouped(at_level))
    found = _counted(findings, one, many)
    return found if findings == len(at_level) else f"{found} in {len(at_level)} histories"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
