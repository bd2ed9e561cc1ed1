"""The public names are frozen: a change here is a change for users, and belongs into the CHANGELOG."""

from __future__ import annotations

import replaykit
import replaykit.explore

PUBLIC = [
    "Check",
    "Config",
    "ConfigError",
    "Divergence",
    "Drift",
    "History",
    "HistoryError",
    "InvalidHistoryError",
    "Outcome",
    "Reason",
    "ReplaykitError",
    "Report",
    "ServiceError",
    "Severity",
    "SourceLine",
    "Store",
    "UnreadableHistoryError",
    "Verdict",
    "WorkerConfig",
    "WorkflowCodeError",
    "dump_history",
    "load_config",
    "read_history",
]


def test_the_public_names_are_these() -> None:
    assert sorted(replaykit.__all__) == sorted(PUBLIC)
    assert dir(replaykit) == sorted(PUBLIC)


def test_every_public_name_is_there() -> None:
    missing = [name for name in PUBLIC if getattr(replaykit, name, None) is None]
    assert missing == []


EXPLORE = [
    "Counterexample",
    "Failure",
    "Grown",
    "Opening",
    "Scenario",
    "Step",
    "StepKind",
    "Subject",
    "Target",
    "Timeout",
    "Values",
    "assert_deterministic",
    "compatible",
    "histories",
]


def test_the_public_names_of_explore_are_these_and_there() -> None:
    assert sorted(replaykit.explore.__all__) == EXPLORE
    assert dir(replaykit.explore) == EXPLORE
    assert [name for name in EXPLORE if getattr(replaykit.explore, name, None) is None] == []
