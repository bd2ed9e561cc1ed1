"""`replaykit capture`: fetch workflow histories from a Temporal service as fixtures."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replaykit.cli.arguments import as_texts
from replaykit.cli.connection import connection_options
from replaykit.cli.streams import say, say_error
from replaykit.errors import ReplaykitError
from replaykit.paths import display
from replaykit.visible import visible

if TYPE_CHECKING:
    from replaykit.capture import Connection, Progress
    from replaykit.history import History, Saved, Store

__all__ = ["capture_command"]


@click.command("capture", short_help="Fetch workflow histories as fixtures.")
@click.argument("workflow_ids", nargs=-1, required=True, metavar="WORKFLOW_ID...", callback=as_texts)
@click.option("-r", "--run-id", metavar="RUN", help="A run of the one workflow; the latest by default.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where fixtures are kept.  [histories of [tool.replaykit]; histories]",
)
@click.option(
    "--force", is_flag=True, help="Overwrite a fixture that is not an earlier state of the same run."
)
@connection_options
def capture_command(
    workflow_ids: tuple[str, ...], run_id: str | None, out: Path | None, force: bool, connection: Connection
) -> int:
    """Fetch the histories of workflows, running or closed, and write them as fixtures.

    Prints one line for each: its file, the number of events, the status of the run, and whether the file was
    written, updated (the run has gone on) or left unchanged.

    Exit codes: 0 all captured; 2 some were not, and what was captured is kept.
    """
    wanted = tuple(dict.fromkeys(workflow_ids))
    if run_id is not None and len(wanted) > 1:
        raise click.UsageError("--run-id goes with one workflow id: a run belongs to one workflow.")
    from replaykit.config import load_config
    from replaykit.history import Store

    config = load_config()
    folder = out if out is not None else next(iter(config.histories), Path("histories"))
    store = Store(folder, limits=config.limits)
    failures = asyncio.run(_capture_all(connection, wanted, run_id, store, force=force))
    for failure in failures:
        say_error(str(failure))
    if len(wanted) > 1 and failures:
        say(f"{len(wanted) - len(failures)} of {len(wanted)} workflows captured.", err=True)
    if len(failures) < len(wanted):
        _show_next_step(folder)
    return 2 if failures else 0


async def _capture_all(
    connection: Connection, workflow_ids: Sequence[str], run_id: str | None, store: Store, *, force: bool
) -> list[ReplaykitError]:
    from replaykit.capture import capture, connect

    client = await connect(connection)
    failures: list[ReplaykitError] = []
    for workflow_id in workflow_ids:
        try:
            with _progress(workflow_id) as on_progress:
                history = await capture(client, workflow_id, run_id=run_id, on_progress=on_progress)
            saved = store.save(history, force=force)
        except ReplaykitError as error:
            failures.append(error)
        else:
            _show(history, saved)
    return failures


def _show(history: History, saved: Saved) -> None:
    from replaykit.history import has_commands

    count = len(history.events)
    events = f"{count} event{'s' if count != 1 else ''}"
    say(f"{display(saved.path)}  {events}  {history.status or 'UNKNOWN'}  {saved.action}")
    sys.stdout.flush()
    if not has_commands(history):
        again = " Capture it again later." if history.status == "RUNNING" else ""
        say(
            f"Note: {history.workflow_id} has asked for nothing, so a replay would compare nothing.{again}",
            err=True,
        )


@contextmanager
def _progress(workflow_id: str) -> Iterator[Progress | None]:
    """A bar on standard error while a history comes in, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("events"),
    )
    # Standard output stays as it is: the lines for the fixtures may go into a pipe.
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(visible(workflow_id), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show_next_step(folder: Path) -> None:
    if sys.stderr.isatty():
        say(
            f"\nReplay with:  replaykit replay   or   pytest --replay-histories {display(folder)}{os.sep}",
            err=True,
        )
