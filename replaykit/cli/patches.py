"""`replaykit patches`: which patch ids are alive, which may be deprecated or removed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from replaykit.cli.connection import connection_options
from replaykit.cli.options import checked_outputs, configured, workflow_options, write_all
from replaykit.cli.streams import obeyed, reader_may_leave, say_error, to_stderr
from replaykit.report.document import Document

if TYPE_CHECKING:
    from replaykit.capture import Connection
    from replaykit.patches import Survey

__all__ = ["patches_command"]

_NAMING_A_SERVICE = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE")


@click.command("patches")
@workflow_options
@click.option(
    "--service/--offline",
    "service",
    default=None,
    help="Ask the Temporal service, or do without.  [default: where an address or a profile is given]",
)
@click.option(
    "--open-only", is_flag=True, help="Closed runs hold no patch back: they are never queried or reset here."
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    metavar="N",
    help="Fetch N histories at most, those of open runs first; list N closed runs at most.",
)
@click.option("--check", is_flag=True, help="Exit with 1 where something was removed too early.")
@click.option("--json", "json_file", metavar="FILE", help="Write it all as JSON; - for standard output.")
@connection_options
def patches_command(
    workflows: tuple[str, ...],
    worker: str | None,
    service: bool | None,
    open_only: bool,
    most: int,
    check: bool,
    json_file: str | None,
    connection: Connection,
) -> int:
    """Show the life of each patch id: in the code, in the fixtures, and in the runs of the service.

    \b
    new                its marker is nowhere yet
    active             runs still take its old branch
    may be deprecated  none does: call deprecate_patch in the place of patched
    deprecated         runs still carry its marker
    may be removed     none does: delete the call
    removed too early  runs break: they need the branch, or the call, that is gone
    unknown in code    a marker without a call, which no run needs

    Exit codes: 0; 1 with --check where something was removed too early; 2 could not judge.
    """
    asks = _names_a_service(connection) if service is None else service
    if check and not asks:
        raise click.UsageError(
            "--check needs the service, whose runs show what was removed too early: --address HOST:PORT, "
            "or --service for the configured one."
        )
    from replaykit.patches import document_of, survey_in_child
    from replaykit.report.outputs import Outputs

    outputs = Outputs().also(Document, {"json": json_file})
    alone = checked_outputs(outputs)
    config = configured(workflows, worker)
    with _progress() as on_fetched:
        found = survey_in_child(
            config,
            connection=connection if asks else None,
            open_only=open_only,
            most=most,
            on_fetched=on_fetched,
            on_output=to_stderr,
        )
    with reader_may_leave():
        write_all(outputs, config, document_of(found))
        if not alone:
            _print(found)
        sys.stdout.flush()
    if found.lost:
        say_error("not every history could be replayed, so what is shown of a patch may be wrong.")
        return 2
    return _exit_code(found) if check else 0


def _names_a_service(connection: Connection) -> bool:
    """Whether the user has named a service."""
    if connection.address or connection.profile or connection.config_file or connection.api_key:
        return True
    return not connection.disable_config_env and any(os.environ.get(name) for name in _NAMING_A_SERVICE)


def _exit_code(found: Survey) -> int:
    if found.too_early:
        return 1
    unseen = sum(patch.evidence.open_not_seen for patch in found.patches)
    if unseen:
        say_error("open runs were not looked at, so this check proves nothing: --most N.")
        return 2
    return 0


def _print(found: Survey) -> None:
    from rich.text import Text

    from replaykit.patches import WIDTH, block_of_patch, totals
    from replaykit.report.terminal import make_console, print_rows

    console = make_console()
    for patch in found.patches:
        block = block_of_patch(patch, worker=found.several_workers)
        print_rows(block.whole, console, width=WIDTH)
        console.print()
    *notes, last = totals(found)
    for note in notes:
        console.print(Text(note))
    console.print(Text(last, style="bold red" if found.too_early else "bold"))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A line on standard error that counts the histories, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    yield lambda done, total: obeyed(
        f"\rhistories {done}/{total}" + ("\r\033[K" if done == total else ""), err=True, nl=False
    )
