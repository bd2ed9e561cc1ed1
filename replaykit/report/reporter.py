"""The seam of every report format, and the table of them."""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from replaykit.errors import ConfigError
from replaykit.history.whole_file import write_whole
from replaykit.report.as_json import render_json
from replaykit.report.html import render_html
from replaykit.verdict import Report

__all__ = ["REPORTERS", "Reporter", "check_target", "write_report", "write_text"]


class Reporter(Protocol):
    """Turns a Report into the text of one format, UTF-8 once written."""

    def __call__(self, report: Report) -> str: ...


REPORTERS: Mapping[str, Reporter] = {"json": render_json, "html": render_html}
"""By the name of the option that asks for it."""


def check_target(target: str | os.PathLike[str]) -> None:
    """Make sure that a report can go there, before anything is judged.

    Args:
        target: A path, or `-`.

    Raises:
        ConfigError: Its folder is not there, or it is a folder itself.
    """
    folder = Path(target).parent
    if not os.path.isdir(folder):
        raise ConfigError(
            f"the folder {folder} does not exist",
            where=os.fspath(target),
            cure=f"Create it: mkdir -p {shlex.quote(str(folder))}",
        )
    if os.path.isdir(target):
        raise ConfigError("cannot be written: it is a folder", where=os.fspath(target), cure="Name a file")


def write_report(report: Report, form: str, target: str) -> None:
    """Write a Report to a file whole, or to standard output where the target is `-`.

    Args:
        report: What to write.
        form: A key of `REPORTERS`.
        target: A path, or `-`.

    Raises:
        ReplaykitError: The file cannot be written; nothing is left half-written.
    """
    write_text(REPORTERS[form](report), target)


def write_text(text: str, target: str) -> None:
    """Write a report's text whole, as UTF-8, to a file or to standard output.

    Args:
        text: What to write.
        target: A path, or `-`.

    Raises:
        ReplaykitError: The file cannot be written; nothing is left half-written.
    """
    # A surrogate (of a file name that is not UTF-8, of a broken payload) becomes a valid escape of JSON.
    data = text.encode("utf-8", "backslashreplace")
    if target != "-":
        write_whole(Path(target), data)
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(data.decode())
