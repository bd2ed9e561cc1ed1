"""`replaykit show`: a history as a readable timeline."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replaykit.cli.arguments import text_of
from replaykit.cli.connection import connection_options
from replaykit.cli.streams import reader_may_leave
from replaykit.errors import ConfigError
from replaykit.visible import visible

if TYPE_CHECKING:
    from replaykit.capture import Connection
    from replaykit.history import History

__all__ = ["show_command"]

_FILE_ENDINGS = (".json", ".jsonl", ".gz", ".bin", ".pb")


@click.command("show")
@click.argument("source", metavar="PATH|WORKFLOW_ID")
@click.option("-r", "--run-id", metavar="RUN", help="A run of that workflow; the latest by default.")
@connection_options
def show_command(source: str, run_id: str | None, connection: Connection) -> int:
    """Show a history as a readable timeline: one line per event.

    A PATH that exists is read, in any form that Temporal's tools write; - is standard input. Anything else is
    the id of a workflow, whose history is fetched from the service and not written anywhere.

    A line holds the event's id, the time since the first event, what happened, and the earlier events that it
    belongs to.
    """
    history = _from_file(source, run_id) or asyncio.run(_from_service(connection, text_of(source), run_id))
    from replaykit.report.terminal import make_console
    from replaykit.report.timeline_lines import timeline_lines

    console = make_console()
    with reader_may_leave():
        for line in timeline_lines(history):
            if console.is_terminal:
                console.print(line)
            else:
                # A history can have 50,000 events, and laying out plain text is most of the time.
                sys.stdout.write(f"{visible(line.plain)}\n")
        sys.stdout.flush()
    return 0


def _from_file(source: str, run_id: str | None) -> History | None:
    """The History in that file; None where there is none and the text can be the id of a workflow."""
    path = Path(source)
    if source != "-" and not os.path.lexists(path):
        if run_id is None and path.name.endswith(_FILE_ENDINGS):
            raise ConfigError(
                "there is no such file",
                where=source,
                cure="Check the path. A workflow id that ends like a file goes with --run-id.",
            )
        return None
    if run_id is not None:
        raise click.UsageError("--run-id goes with a workflow id; a file holds one run.")
    if path.is_dir():
        raise ConfigError("this is a folder", where=source, cure=_fixtures_in(path))
    from replaykit.config import load_config
    from replaykit.history import read_history

    return read_history(source, limits=load_config().limits)


def _fixtures_in(folder: Path) -> str:
    from replaykit.history import find_fixtures

    found = find_fixtures([folder])
    if not found:
        return "Name a history file, or a workflow id."
    more = f"\n  and {len(found) - 5} more" if len(found) > 5 else ""
    return "Name one file in it:\n" + "\n".join(f"  {path}" for path in found[:5]) + more


async def _from_service(connection: Connection, workflow_id: str, run_id: str | None) -> History:
    from replaykit.capture import capture, connect

    return await capture(await connect(connection), workflow_id, run_id=run_id)
