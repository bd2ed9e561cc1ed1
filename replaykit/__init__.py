"""Replay and determinism tests for Temporal workflows.

A History goes in and a Verdict comes out. The two doors are the pytest plugin (`pytest --replay-histories
histories/`) and the command line (`replaykit --help`); this module is the face for code that wants neither.

Importing it loads next to nothing: the names are looked up when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from replaykit.errors import (
    ConfigError,
    HistoryError,
    InvalidHistoryError,
    ReplaykitError,
    ServiceError,
    UnreadableHistoryError,
    WorkflowCodeError,
)

if TYPE_CHECKING:
    from replaykit.check import Check
    from replaykit.config import Config, WorkerConfig, load_config
    from replaykit.history import History, Store, dump_history, read_history
    from replaykit.verdict import Divergence, Drift, Outcome, Reason, Report, Severity, SourceLine, Verdict

__all__ = [
    # What comes out
    "Outcome",
    "Reason",
    "Verdict",
    "Divergence",
    "Drift",
    "Severity",
    "SourceLine",
    "Report",
    # What goes in
    "History",
    "read_history",
    "dump_history",
    "Store",
    # The check between them (as functions: replaykit.check.check, replaykit.capture.capture)
    "Check",
    "Config",
    "WorkerConfig",
    "load_config",
    # What can go wrong before there is a Verdict
    "ReplaykitError",
    "ConfigError",
    "HistoryError",
    "InvalidHistoryError",
    "ServiceError",
    "UnreadableHistoryError",
    "WorkflowCodeError",
]

_ROOMS = {
    "replaykit.verdict": "Outcome Reason Verdict Divergence Drift Severity SourceLine Report",
    "replaykit.history": "History read_history dump_history Store",
    "replaykit.check": "Check",
    "replaykit.config": "Config WorkerConfig load_config",
}
_LAZY = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
