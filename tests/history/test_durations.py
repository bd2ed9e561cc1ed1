"""One way to show how long something lasts, exact to the nanosecond."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.history import describe_event
from replaykit.history.durations import TimeSpan, with_readable_spans
from replaykit.replay.commands import command_of
from replaykit.report.as_json import verdict_as_data
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import block_of
from replaykit.verdict import Drift, Outcome, Severity, Verdict

S = 1_000_000_000
MONTH = TimeSpan(2_592_000 * S)


@pytest.mark.parametrize(
    ("nanoseconds", "text", "in_json"),
    [
        (0, "0 s", "0s"),
        (1, "0.000001 ms", "0.000000001s"),
        (50_000_000, "50 ms", "0.05s"),
        (999_500_000, "999.5 ms", "0.9995s"),
        (S, "1 s", "1s"),
        (3 * S // 2, "1.5 s", "1.5s"),
        (30 * S, "30 s", "30s"),
        (60 * S, "1 min", "60s"),
        (5_400 * S, "1 h 30 min", "5400s"),
        (86_400 * S, "1 d", "86400s"),
        (86_401 * S, "1 d 1 s", "86401s"),
        (86_400 * S + 1, "1 d 0.000000001 s", "86400.000000001s"),
        (2_592_000 * S, "30 d", "2592000s"),
        (-90 * S, "-1 min 30 s", "-90s"),
    ],
)
def test_text_and_json(nanoseconds: int, text: str, in_json: str) -> None:
    span = TimeSpan(nanoseconds)
    assert (str(span), span.in_json) == (text, in_json)


def test_from_a_message_and_from_python() -> None:
    assert TimeSpan.of(Duration(seconds=1, nanos=5)) == TimeSpan(S + 5)
    assert TimeSpan.of(timedelta(days=30)) == MONTH


def test_both_sides_of_a_divergence_show_it_alike() -> None:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_TIMER_STARTED)
    event.timer_started_event_attributes.start_to_fire_timeout.FromSeconds(2_592_000)
    message = WorkflowCommand()
    message.start_timer.start_to_fire_timeout.FromSeconds(2_592_000)
    command = command_of(message, task=0)
    assert command is not None
    assert describe_event(event) == "TimerStarted 30 d"
    assert command.label == "StartTimer 30 d"


def test_a_drift_reads_well_in_texts_and_stays_seconds_in_json() -> None:
    """`"recorded": "30s"` is the form of the JSON report, which scripts read."""
    drifts = (
        Drift(
            event_id=5,
            field="timer.start_to_fire_timeout",
            recorded=TimeSpan(1_296_000 * S),
            produced=MONTH,
            severity=Severity.BEHAVIOURAL,
        ),
        Drift(
            event_id=9,
            field="activity.retry_policy",
            recorded=None,
            produced={"initial_interval": TimeSpan(S), "maximum_attempts": 3},
            severity=Severity.BEHAVIOURAL,
        ),
    )
    verdict = Verdict(history="a.json", outcome=Outcome.DRIFTED, message="2 drifts", drifts=drifts)
    assert plain_lines(block_of(verdict).rows) == [
        "  drift     event 5 timer.start_to_fire_timeout",
        "            recorded 15 d",
        "            produced 30 d",
        "  drift     event 9 activity.retry_policy",
        "            recorded null",
        '            produced {"initial_interval": "1 s", "maximum_attempts": 3}',
    ]
    first, second = json.loads(json.dumps(verdict_as_data(verdict)))["drifts"]
    assert (first["recorded"], first["produced"]) == ("1296000s", "2592000s")
    assert second["produced"] == {"initial_interval": "1s", "maximum_attempts": 3}


def test_only_spans_are_touched() -> None:
    assert with_readable_spans(["30s", {"a": (MONTH, 1.5, None)}]) == ["30s", {"a": ["30 d", 1.5, None]}]
