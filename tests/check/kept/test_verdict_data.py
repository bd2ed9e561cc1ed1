"""A kept verdict is read back equal, or it is not kept."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from replaykit.check.kept.verdict_data import data_of, verdict_of
from replaykit.history.durations import TimeSpan
from replaykit.verdict import Drift, Outcome, Severity, SourceLine, Verdict

PLAIN = Verdict(history="a.json", outcome=Outcome.CONSISTENT)
RICH = Verdict(
    history="a.json",
    workflow_type="Order",
    outcome=Outcome.CONSISTENT,
    commands_compared=3,
    duration_s=0.1,
    drifts=(
        Drift(
            event_id=5,
            field="timer.summary",
            recorded={"after": [TimeSpan(10), None, 1.5, True]},
            produced=TimeSpan(20),
            severity=Severity.COSMETIC,
            source=SourceLine(file="app.py", line=3, function="run"),
        ),
    ),
    ignored_by_preset={"agents": 2},
    markers=("a", "b"),
    foreign_encodings=("binary/encrypted",),
    worker="default",
    stuck="WorkflowTaskFailed",
)


def drifting_to(value: object) -> Verdict:
    return replace(RICH, drifts=(replace(RICH.drifts[0], produced=value),))


@pytest.mark.parametrize("verdict", [PLAIN, RICH, drifting_to("\N{SNOWMAN}\n"), drifting_to([])])
def test_it_comes_back_equal(verdict: Verdict) -> None:
    data = data_of(verdict)
    assert data is not None
    assert verdict_of(orjson.loads(orjson.dumps(data))) == verdict


@pytest.mark.parametrize("value", [object(), (1, 2), {1: 2}, {3}, b"x", float("nan"), 2**80, "\ud800"])
def test_what_json_does_not_hold_is_not_kept(value: object) -> None:
    assert data_of(drifting_to(value)) is None
