"""The seam of every report format, and the table of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from replaykit.history.whole_file import write_whole
from replaykit.report.as_json import render_json
from replaykit.report.html import render_html
from replaykit.verdict import Report

__all__ = ["REPORTERS", "Reporter", "write_report"]


class Reporter(Protocol):
    """Turns a Report into the text of one format, UTF-8 once written."""

    def __call__(self, report: Report) -> str: ...


REPORTERS: Mapping[str, Reporter] = {"json": render_json, "html": render_html}
"""By the name of the option that asks for it."""


def write_report(report: Report, form: str, target: str) -> None:
    """Write a Report to a file whole, or to standard output where the target is `-`.

    Args:
        report: What to write.
        form: A key of `REPORTERS`.
        target: A path, or `-`.

    Raises:
        ReplaykitError: The file cannot be written; nothing is left half-written.
    """
    text = REPORTERS[form](report)
    if target == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        write_whole(Path(target), text.encode())
