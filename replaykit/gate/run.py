"""The gate: a change judged against its base."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from replaykit.check import Judge, check, fixtures_of
from replaykit.config import Config
from replaykit.gate.against_base import RULES, Levels, compared
from replaykit.gate.base_revision import Base
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.gate.ignored import folded, ignored_count
from replaykit.gate.pairing import keyed, paired
from replaykit.gate.sides import alone, gathered
from replaykit.gate.waivers import ensure_known, waived
from replaykit.gate.weighing import weighed
from replaykit.issue import Issue, Issues, Level
from replaykit.report.issue_groups import grouped
from replaykit.verdict import Outcome, Report

__all__ = ["Gate", "run_gate", "run_sdk_gate"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """What a gate came to."""

    report: Report
    """Of the change's own code."""
    issues: Issues


def run_gate(
    judge: Judge,
    paths: Iterable[Path],
    *,
    repository: Path,
    base: Base | None,
    own: Sequence[Issue] = (),
    today: date | None = None,
) -> Gate:
    """Judge a change: what of it is new, what its base had already, what it did to the fixtures.

    Args:
        judge: Judges by the change's code.
        paths: Fixtures; the configured histories where there are none.
        repository: The top folder of its git repository.
        base: What to judge against; None for nothing, and then everything counts as new.
        own: What the change did to its own gate: see `trusted`.
        today: The day, for waivers.

    Raises:
        ReplaykitError: There is nothing to replay, the code cannot be loaded, or git refuses.
    """
    began = time.perf_counter()
    config = judge.config
    paths = tuple(paths)
    files = fixtures_of(config, paths)
    report = check(judge, files)
    if base is None:
        found = weighed(alone(judge, report, files, paths))
        return _gate(config, report, [*found], {"base": "none"}, today, began)
    sides = gathered(judge, report, files, paths, repository=repository, base=base)
    return _gate(config, report, [*own, *weighed(sides)], {"base": base.range}, today, began)


def run_sdk_gate(
    config: Config, paths: Iterable[Path], *, spec: str, env: Mapping[str, str], today: date | None = None
) -> Gate:
    """Judge one code under two releases of the SDK: what does an upgrade break?

    Args:
        config: The project.
        paths: Fixtures; the configured histories where there are none.
        spec: The other release, as it was asked for.
        env: Environment variables under which Python finds that release.

    Raises:
        ReplaykitError: There is nothing to replay, or the code cannot be loaded under one of them.
    """
    began = time.perf_counter()
    ensure_known(config.gate.waivers, RULES)
    files = keyed(fixtures_of(config, paths))
    here = judged_elsewhere(Request(root=config.root, head=config, files=files), what="this SDK")
    there = judged_elsewhere(Request(root=config.root, head=config, files=files), what=spec, env=env)
    if here.error is not None or there.error is not None:
        broken = "with the SDK that is installed" if here.error is not None else f"with {spec}"
        issue = Issue(
            rule="base-not-judged",
            level=Level.FAIL,
            title=f"the code does not load {broken}",
            text=here.error or there.error or "",
            cure="It must load under both releases: there is nothing to compare before that.",
            unjudged=True,
        )
        return _gate(config, Report.of(()), [issue], {"SDK": spec}, today, began)
    report = Report.of(there.verdicts.values(), duration_s=time.perf_counter() - began)
    issues = [
        *compared(paired(there.verdicts, here.verdicts, config.strict_policy), Levels.of(config.gate.levels))
    ]
    facts = {"SDK": f"temporalio {there.sdk}", "compared with": f"temporalio {here.sdk}"}
    return _gate(config, report, issues, facts, today, began)


def _gate(
    config: Config,
    report: Report,
    issues: Sequence[Issue],
    facts: Mapping[str, str],
    today: date | None,
    began: float,
) -> Gate:
    found = list(issues)
    # The command that differs was compared, too.
    compared_commands = report.commands_compared + report.count(Outcome.DIVERGED)
    if compared_commands < config.gate.min_commands:
        found.append(
            Issue(
                rule="too-few-commands",
                level=Level.FAIL,
                title=f"{compared_commands} commands were compared, and at least "
                f"{config.gate.min_commands} are asked for",
                cure="Capture more histories: replaykit capture WORKFLOW_ID.",
                unjudged=True,
            )
        )
    found = folded(waived(found, config.gate.waivers, today or date.today()))
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
