"""The seam of every report format, and the table of them."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from replaykit.errors import ConfigError
from replaykit.report.as_json import render_json
from replaykit.verdict import Report

__all__ = ["REPORTERS", "Reporter", "write_report"]


class Reporter(Protocol):
    """Turns a Report into the text of one format, UTF-8 once written."""

    def __call__(self, report: Report) -> str: ...


REPORTERS: Mapping[str, Reporter] = {"json": render_json}
"""By the name of the option that asks for it."""


def write_report(report: Report, form: str, target: str) -> None:
    """Write a Report to a file whole, or to standard output where the target is `-`.

    Args:
        report: What to write.
        form: A key of `REPORTERS`.
        target: A path, or `-`.

    Raises:
        ConfigError: The file cannot be written; nothing is left half-written.
    """
    text = REPORTERS[form](report)
    if target == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    path = Path(target)
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        with open(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise ConfigError(
            f"the report cannot be written: {error.strerror}",
            where=target,
            cure=f"Name another file for --{form}.",
        ) from error
