"""Finds Histories that were never recorded: grown by real workflow code, under events that could happen.

    from replaykit.explore import assert_deterministic, compatible

    def test_orders_are_deterministic() -> None:
        assert_deterministic(OrderWorkflow, activities=[charge, ship])

    def test_the_next_release_takes_over_running_orders() -> None:
        compatible(old=OrderWorkflowV1, new=OrderWorkflowV2)

Needs the extra `temporal-replaykit[explore]`, which is Hypothesis. The names are looked up when they are
first used: `replaykit.perturb` below this package needs no Hypothesis.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replaykit.explore.assertions import assert_deterministic, compatible, histories
    from replaykit.explore.counterexample import Counterexample, NothingExplored
    from replaykit.explore.growing.grow import Grown
    from replaykit.explore.growing.lines import Reached
    from replaykit.explore.scenario import (
        Failure,
        Opening,
        Scenario,
        Step,
        StepKind,
        Subject,
        Target,
        Timeout,
    )
    from replaykit.explore.values.overrides import Values
    from replaykit.replay.raised import CodeFailure
    from replaykit.replay.refused_commands import Refusal

__all__ = [
    # As a test
    "assert_deterministic",
    "compatible",
    "Counterexample",
    "NothingExplored",
    # As a strategy, for tests of your own
    "histories",
    "Grown",
    "CodeFailure",
    "Refusal",
    "Reached",
    # What the type hints do not show
    "Values",
    # A story: to keep as an example
    "Scenario",
    "Opening",
    "Step",
    "StepKind",
    "Target",
    "Subject",
    "Failure",
    "Timeout",
]

_ROOMS = {
    "replaykit.explore.assertions": "assert_deterministic compatible histories",
    "replaykit.explore.counterexample": "Counterexample NothingExplored",
    "replaykit.explore.growing.grow": "Grown",
    "replaykit.explore.growing.lines": "Reached",
    "replaykit.replay.raised": "CodeFailure",
    "replaykit.replay.refused_commands": "Refusal",
    "replaykit.explore.values.overrides": "Values",
    "replaykit.explore.scenario": "Scenario Opening Step StepKind Target Subject Failure Timeout",
}
_LAZY = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
