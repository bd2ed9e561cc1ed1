"""Replay and determinism tests for Temporal workflows.

A History goes in and a Verdict comes out. The two doors are the pytest plugin (`pytest --replay-histories
histories/`) and the command line (`replaykit --help`); this module is the face for code that wants neither.

Importing it loads no temporalio: the names of the engine are looked up when they are first used.
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
from replaykit.verdict import Divergence, Drift, Outcome, Reason, Report, Severity, SourceLine, Verdict

if TYPE_CHECKING:
    from replaykit.check import Check
    from replaykit.config import Config, WorkerConfig, load_config
    from replaykit.history import History, Store, dump_history, read_history

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

_LAZY = {
    "History": "replaykit.history",
    "read_history": "replaykit.history",
    "dump_history": "replaykit.history",
    "Store": "replaykit.history",
    "Check": "replaykit.check",
    "Config": "replaykit.config",
    "WorkerConfig": "replaykit.config",
    "load_config": "replaykit.config",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
