"""The result of a replay, as data: Outcome, Reason, Divergence, Drift, Verdict, Report.

Frozen values and nothing else: no printing, no temporalio. `replaykit.report` shows them.
"""

from __future__ import annotations

from replaykit.verdict.report import BrokenRun, Instability, Perturbation, Report
from replaykit.verdict.since import Revision, Since
from replaykit.verdict.verdict import (
    AlignedStep,
    Divergence,
    Drift,
    InterceptorLine,
    Outcome,
    Reason,
    Severity,
    SourceLine,
    SuggestionKind,
    Verdict,
)

__all__ = [
    # Of one replay
    "AlignedStep",
    "Divergence",
    "Drift",
    "InterceptorLine",
    "Outcome",
    "Reason",
    "Revision",
    "Severity",
    "Since",
    "SourceLine",
    "SuggestionKind",
    "Verdict",
    # Of a whole check
    "BrokenRun",
    "Instability",
    "Perturbation",
    "Report",
]
