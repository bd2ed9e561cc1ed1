"""The canonical fixture: stable bytes, and a plain Temporal history to everybody else."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta, timezone

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from replaykit.errors import InvalidHistoryError
from replaykit.history import History, dump_history, fingerprint, parse_history
from tests.history.builders import RUN_ID, HistoryBuilder, payload, two_activities


def test_the_fixture_is_as_the_design_fixes_it() -> None:
    history = two_activities()
    data = dump_history(history)
    document = json.loads(data)
    assert list(document) == ["replaykit", "events"]
    assert list(document["replaykit"].items()) == [
        ("formatVersion", 1),
        ("workflowId", "order-17"),
        ("runId", RUN_ID),
        ("workflowType", "OrderWorkflow"),
        ("namespace", "default"),
        ("status", "COMPLETED"),
        ("taskQueue", "orders"),
        ("capturedAt", "2026-01-02T04:00:00Z"),
        ("source", "service"),
        ("sdk", "temporal-python 1.35.0"),
        ("buildId", None),
        ("shape", fingerprint(history)),
        ("redacted", False),
    ]
    assert data.startswith(b'{\n  "replaykit": {\n    "formatVersion": 1,\n')
    assert data.endswith(b"\n}\n")
    assert not data.endswith(b"\n\n")
    assert [event["eventType"] for event in document["events"]][:3] == [
        "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
        "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED",
        "EVENT_TYPE_WORKFLOW_TASK_STARTED",
    ]
    assert list(document["events"][4])[:4] == ["eventId", "eventTime", "eventType", "taskId"]
    completed = document["events"][3]["workflowTaskCompletedEventAttributes"]
    assert completed["sdkMetadata"] == {
        "coreUsedFlags": [1, 2, 3],
        "langUsedFlags": [1],
        "sdkName": "temporal-python",
        "sdkVersion": "1.35.0",
    }


def test_the_sdk_reads_the_fixture() -> None:
    history = two_activities()
    read = WorkflowHistory.from_json("order-17", dump_history(history).decode())
    assert list(read.events) == list(history.events)


def test_writing_what_was_read_gives_the_same_bytes() -> None:
    data = dump_history(two_activities())
    assert dump_history(parse_history(data, where="x")) == data


def test_maps_are_in_order_whatever_order_they_were_made_in() -> None:
    keys = [f"key-{index}" for index in range(40)]
    dumps = []
    for order in (keys, keys[::-1]):
        builder = HistoryBuilder()
        event = HistoryEvent()
        event.CopyFrom(builder.events[0])
        started = event.workflow_execution_started_event_attributes
        for key in order:
            started.memo.fields[key].CopyFrom(payload(key))
            started.header.fields[key].CopyFrom(payload(key))
            started.continued_failure.cause.encoded_attributes.metadata[key] = b"x"
        dumps.append(dump_history(History(events=(event,))))
    assert dumps[0] == dumps[1]
    attributes = json.loads(dumps[0])["events"][0]["workflowExecutionStartedEventAttributes"]
    assert list(attributes["memo"]["fields"]) == sorted(keys)
    assert list(attributes["continuedFailure"]["cause"]["encodedAttributes"]["metadata"]) == sorted(keys)


@pytest.mark.parametrize(
    ("captured_at", "written"),
    [
        (None, None),
        (datetime(2026, 1, 1, 12, 0, 0, 999999, tzinfo=timezone.utc), "2026-01-01T12:00:00Z"),
        (datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30))), "2026-01-01T06:30:00Z"),
        (datetime(2026, 1, 1, 12), "2026-01-01T12:00:00Z"),  # noqa: DTZ001, RUF100
    ],
)
def test_the_time_of_capture_is_utc_in_seconds(captured_at: datetime | None, written: str | None) -> None:
    history = dataclasses.replace(two_activities(), captured_at=captured_at)
    assert json.loads(dump_history(history))["replaykit"]["capturedAt"] == written


def test_text_outside_ascii_stays_readable() -> None:
    history = dataclasses.replace(two_activities(), workflow_id="заказ-17")
    assert "заказ-17".encode() in dump_history(history)


def test_a_time_that_json_cannot_write_is_an_error_of_ours() -> None:
    event = HistoryEvent(event_id=1)
    event.event_time.seconds = 2**60
    with pytest.raises(InvalidHistoryError, match="event 1 cannot be written as JSON"):
        dump_history(History(events=(event,)))
