"""`replaykit replay`: judge fixtures against the workflow code."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from replaykit.cli.options import configured, workflow_options
from replaykit.verdict import Verdict

__all__ = ["replay_command"]


@click.command("replay")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@workflow_options
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Deadline of each replay.  [default: 60]",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the JSON report; - for standard output, which then holds nothing else.",
)
@click.option("-v", "--verbose", is_flag=True, help="Core's own texts, and tracebacks of workflow code.")
def replay_command(
    paths: tuple[Path, ...],
    workflows: tuple[str, ...],
    worker: str | None,
    timeout: float | None,
    json_file: str | None,
    verbose: bool,
) -> int:
    """Judge the fixtures below PATH against the workflow code.

    Without PATH: the histories that [tool.replaykit] names, or histories/.
    """
    from replaykit.check import check, fixtures_of
    from replaykit.report.reporter import write_report
    from replaykit.report.terminal import make_console, print_report

    config = configured(workflows, worker)
    if timeout is not None:
        config = replace(config, timeout_s=timeout)
    fixtures = fixtures_of(config, paths)
    with _progress(len(fixtures)) as advance, _stdout_kept_clean(json_file == "-"):
        report = check(config, fixtures, on_verdict=advance)
    if json_file is not None:
        write_report(report, "json", json_file)
    if json_file != "-":
        print_report(report, make_console(), verbose=verbose)
    return report.exit_code


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[Verdict], None]]:
    """A bar on the terminal's standard error; nothing where that is no terminal, or for one history."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda verdict: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda verdict: progress.update(task, advance=1, description=verdict.workflow_type or "")


@contextlib.contextmanager
def _stdout_kept_clean(wanted: bool) -> Iterator[None]:
    """Send what workflow code prints to standard error, so that standard output is the report alone."""
    if not wanted:
        yield
        return
    with contextlib.redirect_stdout(sys.stderr):
        yield
