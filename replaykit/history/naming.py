r"""File names of fixtures, safe on every system whatever the workflow id holds.

A name keeps ASCII letters, digits and `._@+=-`. Anything else in it becomes `_`, and the name then ends in
`~` and a hash of what it was; `~` is never kept, so a changed name cannot be that of another workflow.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from replaykit.history.model import History

__all__ = ["fixture_name"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._@+=-]")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12})", re.IGNORECASE)
_LONGEST = 80
"""Characters of one part: two of them, the run id and a project's folder stay below Windows' 260."""
_DIGITS = 8
_SUFFIX_DIGITS = 12
_UNKNOWN = "unknown"

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file, with or without an extension.
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)}
)


def fixture_name(history: History, *, compressed: bool = False) -> Path:
    """`<WorkflowType>/<workflow-id>--<last 12 hex digits of run id>.json`, below the folder of fixtures.

    Run ids are UUIDv7, whose first digits are a clock: those of one minute share them. A run id that is no
    UUID (or none at all) is hashed together with the workflow id.
    """
    stem = f"{_part(history.workflow_id)}--{_run(history)}"
    return Path(_part(history.workflow_type), f"{stem}.json.gz" if compressed else f"{stem}.json")


def _run(history: History) -> str:
    match = _UUID.fullmatch(history.run_id or "")
    if match is not None:
        return match[1].lower()
    return _digest(f"{history.workflow_id!r} {history.run_id!r}")[:_SUFFIX_DIGITS]


def _part(name: str | None) -> str:
    """One part of a path that means the same on every system, and nothing but itself."""
    if name is None:
        return _UNKNOWN
    safe = _UNSAFE.sub("_", name)
    if safe[:1] in (".", "-"):
        # A hidden file, `..`, or an option of a command.
        safe = f"_{safe[1:]}"
    if safe.endswith("."):
        safe = f"{safe[:-1]}_"
    if safe.partition(".")[0].lower() in _RESERVED:
        safe = f"_{safe}"
    if safe == name and 0 < len(name) <= _LONGEST:
        return name
    return f"{safe[: _LONGEST - _DIGITS - 1] or '_'}~{_digest(name)[:_DIGITS]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
