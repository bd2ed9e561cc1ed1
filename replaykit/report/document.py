"""What every JSON report begins with: its format version, which report it is, and what wrote it.

`report.schema.json`, `gate.schema.json`, `explore.schema.json`, `patches.schema.json` and `fix.schema.json`
beside this file are the schemas of the five reports.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Document", "installed_version", "render_document"]

FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A report as plain data."""

    report: str
    """Which one: the command that writes it, such as `replay`."""
    data: Mapping[str, Any]
    """Its own keys, in the order in which they are written."""


def render_document(document: Document) -> str:
    """The report as one JSON object with a trailing newline."""
    whole = {
        "format_version": FORMAT_VERSION,
        "report": document.report,
        "versions": {
            "replaykit": installed_version("temporal-replaykit") or "unknown",
            "temporalio": installed_version("temporalio") or "unknown",
            "python": platform.python_version(),
        },
        **document.data,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def installed_version(distribution: str) -> str | None:
    """The release of a distribution that is installed; None where that is not known."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and few reports need it

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
