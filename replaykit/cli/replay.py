"""`replaykit replay`: judge fixtures against the workflow code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replaykit.cli.advice import dated_report, fix_of, with_issues
from replaykit.cli.options import (
    checked_outputs,
    configured,
    ensure_libcst,
    github_kept_still,
    jobs_option,
    report_options,
    workflow_options,
    write_all,
)
from replaykit.cli.progress import has_progress, replaying
from replaykit.cli.streams import reader_may_leave, say, to_stderr
from replaykit.config import Config, is_deadline
from replaykit.errors import ReplaykitError
from replaykit.paths import display
from replaykit.verdict import Outcome, Perturbation, Report

if TYPE_CHECKING:
    from replaykit.check import KeptCheck, PoolCheck
    from replaykit.perturb import Case
    from replaykit.report.outputs import Outputs

__all__ = ["replay_command"]


def _deadline(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not is_deadline(value):
        raise click.BadParameter(f"{value} is not a positive number of seconds.", ctx, param)
    return value


@click.command("replay")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@workflow_options
@click.option(
    "--timeout",
    type=float,
    callback=_deadline,
    metavar="SECONDS",
    help="Deadline of each replay.  [default: 60]",
)
@jobs_option
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**32 - 1),
    metavar="N",
    help="PYTHONHASHSEED of the first process; those of the others follow from it.  [default: any]",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the JSON report; - for standard output, which then holds nothing else.",
)
@click.option(
    "--html",
    "html_file",
    metavar="FILE",
    help="Write the report as one HTML page, with the timeline of every history; - as above.",
)
@report_options
@click.option(
    "--strict/--no-strict",
    default=None,
    help="Compare the attributes of every command too, and what an open history's tail asks for.",
)
@click.option(
    "--require-fixtures", is_flag=True, help="Fail where a workflow has no fixture at all (exit code 2)."
)
@click.option(
    "--self-test",
    "with_self_test",
    is_flag=True,
    help="Judge copies of the fixtures too, made wrong on purpose: exit code 2 unless they diverge.",
)
@click.option(
    "--perturb",
    "with_perturbation",
    is_flag=True,
    help="Replay under changed conditions too (hash seed, clock, environment, warm process ...): exit code 1 "
    "where something does not come out the same.",
)
@click.option(
    "--perturb-rounds",
    "rounds",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many times conditions are changed.  [default: 8]",
)
@click.option(
    "--sandbox",
    type=click.Choice(["warm", "fresh"]),
    help="Keep what a sandbox has imported for the next run, as long as no run has left anything in it, or "
    "import all of it for each run.  [default: warm]",
)
@click.option(
    "--changed/--no-changed",
    default=None,
    help="Keep the verdicts, and replay again only what something can affect that has changed since.  "
    "[default: no]",
)
@click.option(
    "--explain", is_flag=True, help="With --changed: why each history is replayed, or that it is not."
)
@click.option(
    "--fix",
    "fixes",
    is_flag=True,
    help="Find the guard for what diverges, try it, and show it in place of a hint; compared with the base "
    "that gate has.",
)
@click.option(
    "--blame/--no-blame",
    default=None,
    help="Ask git since which commit a history does not replay.  [default: yes]",
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Core's own texts, and tracebacks of workflow code; with --perturb also what it prints and logs.",
)
def replay_command(
    paths: tuple[Path, ...],
    workflows: tuple[str, ...],
    worker: str | None,
    timeout: float | None,
    jobs: int | None,
    seed: int | None,
    json_file: str | None,
    html_file: str | None,
    outputs: Outputs,
    strict: bool | None,
    require_fixtures: bool,
    with_self_test: bool,
    with_perturbation: bool,
    rounds: int | None,
    sandbox: str | None,
    changed: bool | None,
    explain: bool,
    fixes: bool,
    blame: bool | None,
    verbose: bool,
) -> int:
    """Judge the fixtures below PATH against the workflow code.

    Without PATH: the histories that [tool.replaykit] names, or histories/.

    Exit codes: 0 all consistent; 1 something diverged, or drifted in strict mode; 2 could not judge: an
    unjudged history, or nothing to replay.
    """
    from replaykit.check import PoolCheck, check, fixtures_of

    if fixes:
        ensure_libcst()
    outputs = outputs.also(Report, {"json": json_file, "html": html_file})
    alone = checked_outputs(outputs, paths=paths)
    config = Config(root=Path.cwd())
    try:
        config = configured(workflows, worker, keeps=True)
        if timeout is not None:
            config = replace(config, timeout_s=timeout)
        if jobs is not None:
            config = replace(config, jobs=jobs)
        if require_fixtures:
            config = replace(config, require_fixtures=True)
        if strict is not None:
            config = replace(config, strict=strict)
        if sandbox is not None:
            config = replace(config, warm=sandbox == "warm")
        if blame is not None:
            config = replace(config, blame=blame)
        if changed is not None:
            config = replace(config, changed=changed)
        if explain and not config.changed:
            raise click.UsageError("--explain says what --changed did. Add --changed")
        config = _without_changed(config, html=html_file is not None, perturb=with_perturbation)
        if with_perturbation:
            from replaykit.perturb import require_extra

            require_extra()
        # With --perturb each history is replayed many times: what the code prints would fill the screen.
        on_output = None if with_perturbation and not verbose else to_stderr
        evidence = html_file is not None

        def make(config: Config) -> PoolCheck:
            return PoolCheck(config, seed=seed, evidence=evidence, on_output=on_output)

        def judging() -> KeptCheck | PoolCheck:
            if not config.changed:
                return make(config)
            from replaykit.check import kept_check

            return kept_check(config, make, door="command", seed=seed)

        with judging() as judge:
            # Its process loads the SDK meanwhile.
            from replaykit.report.summary import ALL_IGNORED
            from replaykit.report.terminal import make_console, print_report

            fixtures = fixtures_of(config, paths)
            with replaying(len(fixtures)) as advance:
                report = check(judge, fixtures, with_self_test=with_self_test, on_verdict=advance)
            report = replace(report, hash_seeds=judge.hash_seeds)
            files = judge.files() if config.blame and any(each.wedges for each in report.verdicts) else ()
            explained = getattr(judge, "decisions", ()) if explain else ()
        if files:
            report = dated_report(report, config, fixtures, files)
        if report.count(Outcome.DRIFTED):
            from replaykit.perturb import with_axes

            report = with_axes(config, _cases(fixtures, report), report)
        if with_perturbation:
            report = replace(report, perturbation=_perturbed(config, fixtures, report, rounds))
        fix = fix_of(config, fixtures) if fixes and any(each.wedges for each in report.verdicts) else None
    except ReplaykitError as error:
        from replaykit.report.report_issues import issues_of_error

        # JSON and HTML are not written: a Report without Verdicts would read like one where all is well.
        with reader_may_leave():
            write_all(outputs, config, issues_of_error("replaykit replay", error))
            sys.stdout.flush()
        raise
    with reader_may_leave():
        report, issues = with_issues(report, fix, wanted=bool(outputs.github or outputs.files))
        if issues is not None:
            write_all(outputs, config, report, issues)
        for line in (f"{each.history}: {each.why}" for each in explained):
            say(line, err=alone)
        if not alone:
            with github_kept_still(outputs):
                print_report(report, make_console(), verbose=verbose)
        if config.strict and not config.compares_attributes:
            say(ALL_IGNORED, err=True)
        sys.stdout.flush()
    return report.exit_code


def _without_changed(config: Config, *, html: bool, perturb: bool) -> Config:
    """The Config; where everything has to be replayed in any case, without `changed`, and a line about it."""
    why = "--html shows each replay" if html else "--perturb replays each history many times"
    if config.changed and (html or perturb):
        say(f"All histories are replayed, and no verdict is kept: {why}", err=True)
        return replace(config, changed=False)
    return config


def _cases(fixtures: Sequence[Path], report: Report) -> Sequence[Case]:
    """Those of the fixtures that perturbed runs can replay."""
    from replaykit.check import Fixture
    from replaykit.perturb import Case

    judged = {verdict.history: Fixture.of(verdict) for verdict in report.verdicts}
    return Case.all_of((path, judged[display(path)]) for path in fixtures)


def _perturbed(config: Config, fixtures: Sequence[Path], report: Report, rounds: int | None) -> Perturbation:
    from replaykit.perturb import DEFAULT_ROUNDS, perturb

    cases = _cases(fixtures, report)
    if not has_progress():
        return perturb(config, cases, rounds=rounds or DEFAULT_ROUNDS)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("perturbing"), BarColumn(), MofNCompleteColumn(), TextColumn("runs"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        return perturb(
            config,
            cases,
            rounds=rounds or DEFAULT_ROUNDS,
            on_run=lambda done, total: progress.update(task, completed=done, total=total),
        )
