"""Replay and determinism tests for Temporal workflows.

A History goes in and a Verdict comes out. The two doors are the pytest plugin (`pytest --replay-histories
histories/`) and the command line (`replaykit --help`); this module is the face for code that wants neither:

    from pathlib import Path
    from replaykit import Check, load_config

    with Check(load_config()) as check:
        verdict = check.judge(Path("histories/OrderWorkflow/order-17--6279184bd1cf.json"))
    print(verdict.outcome, verdict.message)

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
    ValuesError,
    WorkflowCodeError,
)

if TYPE_CHECKING:
    from replaykit.check import Check, Named
    from replaykit.config import (
        Config,
        ExploreConfig,
        GateConfig,
        StrictPolicy,
        StrictRules,
        Waiver,
        WorkerConfig,
        load_config,
    )
    from replaykit.history import (
        Action,
        History,
        Saved,
        Source,
        Store,
        TimelineRow,
        dump_history,
        read_history,
    )
    from replaykit.limits import Limits
    from replaykit.trust import Finding, FindingKind, MutatedHistory, SelfTest
    from replaykit.verdict import (
        AlignedStep,
        BrokenRun,
        Divergence,
        Drift,
        Instability,
        InterceptorLine,
        Outcome,
        Perturbation,
        Reason,
        Report,
        Revision,
        Severity,
        Since,
        SourceLine,
        SuggestionKind,
        Verdict,
    )

__all__ = [
    # What comes out
    "Verdict",
    "Outcome",
    "Reason",
    "Divergence",
    "SuggestionKind",
    "AlignedStep",
    "Drift",
    "Severity",
    "SourceLine",
    "InterceptorLine",
    "Since",
    "Revision",
    "TimelineRow",
    # All of it
    "Report",
    "Finding",
    "FindingKind",
    "SelfTest",
    "MutatedHistory",
    "Perturbation",
    "Instability",
    "BrokenRun",
    # What goes in
    "History",
    "Source",
    "read_history",
    "dump_history",
    "Store",
    "Saved",
    "Action",
    # The check between them
    "Check",
    "Named",
    "load_config",
    "Config",
    "WorkerConfig",
    "StrictPolicy",
    "StrictRules",
    "ExploreConfig",
    "GateConfig",
    "Waiver",
    "Limits",
    # What can go wrong before there is a Verdict
    "ReplaykitError",
    "ConfigError",
    "HistoryError",
    "InvalidHistoryError",
    "ServiceError",
    "UnreadableHistoryError",
    "ValuesError",
    "WorkflowCodeError",
]

_ROOMS = {
    "replaykit.verdict": "AlignedStep BrokenRun Divergence Drift Instability InterceptorLine Outcome "
    "Perturbation Reason Report Revision Severity Since SourceLine SuggestionKind Verdict",
    "replaykit.trust": "Finding FindingKind MutatedHistory SelfTest",
    "replaykit.history": "Action History Saved Source Store TimelineRow dump_history read_history",
    "replaykit.limits": "Limits",
    "replaykit.check": "Check Named",
    "replaykit.config": "Config ExploreConfig GateConfig StrictPolicy StrictRules Waiver WorkerConfig "
    "load_config",
}
_LAZY = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
