"""`replaykit gate`: the check before a merge."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replaykit.cli.advice import cured
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
from replaykit.cli.streams import reader_may_leave, to_stderr
from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.issue import Issues

if TYPE_CHECKING:
    from replaykit.gate import Gate
    from replaykit.report.outputs import Outputs

__all__ = ["gate_command"]


@click.command("gate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@workflow_options
@click.option(
    "--base",
    metavar="REV",
    help="Revision to judge against; none for none.  [default: where the change left its target branch]",
)
@click.option(
    "--sdk",
    metavar="SPEC",
    help="Compare two releases of the SDK instead: the installed one with SPEC, such as temporalio==1.34.0.",
)
@click.option(
    "--accept-weaker-policy",
    is_flag=True,
    help="Judge by the change's own policy, too, where it is weaker than its base's, and warn.",
)
@click.option(
    "--fix",
    "fixes",
    is_flag=True,
    help="Find the guard for each new divergence, try it, and show it in place of a hint.",
)
@click.option("--strict/--no-strict", default=None, help="Compare the attributes of every command too.")
@jobs_option
@report_options
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write all of it as JSON; - for standard output, which then holds nothing else.",
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Each history of a finding, every drift, Core's own texts, and tracebacks of workflow code.",
)
def gate_command(
    paths: tuple[Path, ...],
    workflows: tuple[str, ...],
    worker: str | None,
    base: str | None,
    sdk: str | None,
    accept_weaker_policy: bool,
    fixes: bool,
    strict: bool | None,
    jobs: int | None,
    outputs: Outputs,
    json_file: str | None,
    verbose: bool,
) -> int:
    """Judge a change by the fixtures below PATH: only what is new since the base fails.

    Without PATH: the histories that [tool.replaykit] names. Its policy is in [tool.replaykit.gate].

    Exit codes: 0 nothing that fails; 1 something fails; 2 all that fails was not judged, or could not judge.
    """
    from replaykit.report.report_issues import issues_of_error
    from replaykit.report.terminal import make_console

    if base is not None and sdk is not None:
        raise click.UsageError("--sdk compares the code with itself: it goes without --base.")
    if fixes:
        ensure_libcst()
    outputs = outputs.also(Issues, {"json": json_file})
    alone = checked_outputs(outputs, paths=paths)
    config = Config(root=Path.cwd())
    try:
        config = configured(workflows, worker)
        if strict is not None:
            config = replace(config, strict=strict)
        if jobs is not None:
            config = replace(config, jobs=jobs)
        gate = (
            _of_sdk(config, paths, sdk)
            if sdk is not None
            else _of_change(
                config, paths, base, strict=strict, accept_weaker=accept_weaker_policy, fixes=fixes
            )
        )
    except ReplaykitError as error:
        with reader_may_leave():
            write_all(outputs, config, issues_of_error("replaykit gate", error))
            sys.stdout.flush()
        raise
    with reader_may_leave():
        write_all(outputs, config, gate.issues)
        if not alone:
            from replaykit.report.terminal_issues import print_issues

            with github_kept_still(outputs):
                print_issues(gate.issues, make_console(), verbose=verbose)
        sys.stdout.flush()
    return gate.issues.exit_code


def _of_change(
    config: Config,
    paths: tuple[Path, ...],
    asked: str | None,
    *,
    strict: bool | None,
    accept_weaker: bool,
    fixes: bool,
) -> Gate:
    from replaykit.gate import judging_head, run_gate, trusted
    from replaykit.revisions import repository_of

    repository = repository_of(config.root)
    found = trusted(config, repository, asked, os.environ, strict=strict, accept_weaker=accept_weaker)
    config = found.config if strict is None else replace(found.config, strict=strict)
    path = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100  # "" is the current folder
    with judging_head(config, path=path, on_output=to_stderr) as (judge, loaded):
        gate = run_gate(judge, paths, repository=repository, base=found.base, own=found.issues, loaded=loaded)
    if not fixes or found.base is None:
        return gate
    return replace(gate, issues=cured(gate.issues, config, paths, found.base))


def _of_sdk(config: Config, paths: tuple[Path, ...], spec: str) -> Gate:
    from replaykit.gate import run_sdk_gate
    from replaykit.gate.overlay import installed

    with installed(spec) as env:
        return run_sdk_gate(config, paths, spec=spec, env=env)
