"""The gate: a change judged against its base."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from replaykit.check import Judge, check, fixtures_of
from replaykit.code.changed import changed_workflows
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.gate.against_base import RULES, Levels, compared, of_changes
from replaykit.gate.base_revision import Base
from replaykit.gate.base_verdicts import Answer, Request, judged_elsewhere
from replaykit.gate.changes import (
    ChangeKind,
    fixture_changes,
    new_fixtures,
)
from replaykit.gate.pairing import by_key, keyed, old_key, paired, paired_old
from replaykit.gate.unguarded import of_workflows
from replaykit.gate.waivers import ensure_known, waived
from replaykit.issue import Issue, Issues, Level
from replaykit.revisions import checked_out
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
    today: date | None = None,
) -> Gate:
    """Judge a change: what of it is new, what its base had already, what it did to the fixtures.

    Args:
        judge: Judges by the change's code.
        paths: Fixtures; the configured histories where there are none.
        repository: The top folder of its git repository.
        base: What to judge against; None for nothing, and then everything counts as new.
        today: The day, for waivers.

    Raises:
        ReplaykitError: There is nothing to replay, the code cannot be loaded, or git refuses.
    """
    began = time.perf_counter()
    config = judge.config
    ensure_known(config.gate.waivers, RULES)
    paths = tuple(paths)
    files = fixtures_of(config, paths)
    report = check(judge, files)
    levels = Levels.of(config.gate.levels)
    if base is None:
        issues = [*compared(paired(by_key(report), {}), levels)]
        return _gate(config, report, issues, {"base": "none"}, today, began)
    with checked_out(repository, base.commit) as tree:
        root = tree / config.root.resolve().relative_to(repository)
        folders = _folders(config, paths, repository, root, tree)
        changes = [
            change
            for change in fixture_changes(repository, tree, folders, files)
            if not (paths and change.kind is ChangeKind.LEFT_OUT)  # who names paths leaves others out
        ]
        every = keyed(files) | {old_key(change): change.old for change in changes}
        answer = judged_elsewhere(Request(root=root, head=config, files=every), what="the base")
        old = paired_old(judge, changes, answer.verdicts)
        added = new_fixtures(repository, tree, files)
        changed = changed_workflows(config.root, root)
    issues = [
        *_of_base(answer),
        *compared(paired(by_key(report), answer.verdicts), levels, added=added),
        *of_changes(changes, old, levels, base=base.commit[:12]),
        *of_workflows(report, answer, changed, added, levels, root=config.root),
    ]
    facts = {"base": base.range}
    return _gate(config, report, issues, facts, today, began)


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
    issues = [*compared(paired(there.verdicts, here.verdicts), Levels.of(config.gate.levels))]
    facts = {"SDK": f"temporalio {there.sdk}", "compared with": f"temporalio {here.sdk}"}
    return _gate(config, report, issues, facts, today, began)


def _folders(config: Config, paths: Sequence[Path], repository: Path, root: Path, tree: Path) -> list[Path]:
    """Where fixtures are or were, inside the repository: what the change names, and what its base named."""
    named = [path for path in (*paths, *config.histories) if path.is_dir() or not path.exists()]
    found = [_inside(repository, folder) for folder in named]
    try:
        before = load_config(root).histories
    except ReplaykitError:  # a base that cannot be read names nothing
        before = ()
    found += [repository / folder.relative_to(tree) for folder in before if folder.is_relative_to(tree)]
    return [folder for folder in dict.fromkeys(found) if folder.is_relative_to(repository)]


def _inside(repository: Path, folder: Path) -> Path:
    """A folder with its links resolved, as git sees it."""
    return (
        Path(os.path.realpath(folder))
        if folder.exists()
        else repository / os.path.relpath(folder.absolute(), repository)
    )


def _of_base(answer: Answer) -> Iterator[Issue]:
    if answer.error is not None:
        yield Issue(
            rule="base-not-judged",
            level=Level.FAIL,
            title="the base could not judge anything, so nothing shows which problems are new",
            text=answer.error,
            cure="Its code must load with what is installed here. To judge this change without its base: "
            "replaykit gate --base none",
            unjudged=True,
        )


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
    found = waived(found, config.gate.waivers, today or date.today())
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
    parts = [_counted(counts[Level.FAIL], "failure", "failures")] if counts[Level.FAIL] else []
    parts += [_counted(counts[Level.WARN], "warning", "warnings")] if counts[Level.WARN] else []
    waived_ones = sum(issue.is_waived for issue in issues)
    known = counts[Level.NOTE] - waived_ones
    parts += [f"{known} known before"] if known else []
    parts += [f"{waived_ones} waived"] if waived_ones else []
    found = f": {', '.join(parts)}" if parts else ""
    histories, commands = len(report.verdicts), report.commands_compared
    size = f"{_counted(histories, 'history', 'histories')}, {_counted(commands, 'command', 'commands')}"
    return f"gate {verdict}{found}; {size}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
