"""`replaykit fix`: the guard that lets running workflows survive a change."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replaykit.cli.options import checked_outputs, configured, ensure_libcst, workflow_options, write_all
from replaykit.cli.progress import noting
from replaykit.cli.streams import reader_may_leave
from replaykit.errors import ConfigError

if TYPE_CHECKING:
    from replaykit.fix.cure import Fix

__all__ = ["fix_command"]


@click.command("fix")
@workflow_options
@click.option(
    "--base",
    metavar="REV",
    help="Revision that the histories replay under.  [default: where the change left its target branch]",
)
@click.option(
    "--history",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A fixture, or a folder of them; repeatable.  [default: the configured histories]",
)
@click.option("--patch-id", metavar="ID", help="Call the patch so.  [default: after what it guards]")
@click.option("--apply", "is_applied", is_flag=True, help="Write it into the files, once it has been tried.")
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write all of it as JSON; - for standard output, which then holds nothing else.",
)
def fix_command(
    workflows: tuple[str, ...],
    worker: str | None,
    base: str | None,
    paths: tuple[Path, ...],
    patch_id: str | None,
    is_applied: bool,
    json_file: str | None,
) -> int:
    """Guard a change so that running workflows survive it.

    As little as is needed of what differs from the base is kept on both sides of a patch. That is tried
    before it is shown: every history that diverged replays with it, attributes too; no other one comes out
    worse; runs that the base's code can have replay; and new runs do what the change does.

    The diff is as git takes it: replaykit fix | git apply

    Exit codes: 0 nothing is broken, or --apply has cured all of it; 1 the change breaks runs; 2 could not
    judge.
    """
    from replaykit.report.document import Document
    from replaykit.report.outputs import Outputs

    _ensure_plain(patch_id)
    ensure_libcst()
    from replaykit.fix.whole import fix_project

    outputs = Outputs().also(Document, {"json": json_file})
    alone = checked_outputs(outputs, history=paths)
    config = configured(workflows, worker)
    with noting() as on_note:
        fix = fix_project(config, paths, base=base, patch_id=patch_id, is_applied=is_applied, on_note=on_note)
    with reader_may_leave():
        from replaykit.fix.showing import document_of

        write_all(outputs, config, document_of(fix))
        if not alone:
            _print(fix)
        sys.stdout.flush()
    return fix.exit_code


def _ensure_plain(patch_id: str | None) -> None:
    if patch_id is not None and not re.fullmatch(r"[^\s\"'\\](?:[^\"'\\]*[^\s\"'\\])?", patch_id):
        raise ConfigError(
            "a patch id is written into the code as it is, so it is not empty and has no quotes, "
            "backslashes or blanks at its ends",
            where="--patch-id",
            cure="Choose one such as validate-order.",
        )


def _print(fix: Fix) -> None:
    from rich.text import Text

    from replaykit.fix.showing import lines_of
    from replaykit.report.terminal import make_console

    console = make_console()
    for line in lines_of(fix):
        text = line.text.removesuffix("\r")
        console.print(Text(text, style=line.style), soft_wrap=True, end="")
        # A diff of a file whose lines end as on Windows applies only with these ends.
        console.file.write("\r\n" if text != line.text and not console.is_terminal else "\n")
