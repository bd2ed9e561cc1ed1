"""The one walk that reads an event, beside protobuf's own reader of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict, ParseError
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import find_fixtures
from replaykit.history.faults import Fault
from replaykit.history.protojson import EventReader
from tests.pairs.runs import HISTORIES

ROOT = Path(__file__).parents[2]
FIXTURES = sorted([*find_fixtures([ROOT / "histories"]), *find_fixtures([HISTORIES])])


def events_of(path: Path) -> Iterator[Any]:
    yield from json.loads(path.read_bytes())["events"]


@pytest.mark.parametrize("path", [path for path in FIXTURES if path.suffix == ".json"], ids=lambda p: p.stem)
def test_an_event_is_what_protobuf_reads(path: Path) -> None:
    for event in events_of(path):
        assert EventReader().event(event) == ParseDict(event, HistoryEvent(), ignore_unknown_fields=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"eventId": 7, "version": "12", "taskId": 3.0},
        {"event_id": "7", "event_time": "2026-01-01T00:00:00Z"},
        {"eventTime": "2026-01-01T12:30:00.5Z"},
        {"eventTime": "1969-12-31T23:59:59.999999999Z"},
        {"eventTime": "0001-01-01T00:00:00Z"},
        {"eventTime": "9999-12-31T23:59:59Z"},
        {"eventTime": "2026-01-01T12:30:00.25+02:00"},
        {"eventType": 10},
        {"eventType": "EVENT_TYPE_TIMER_STARTED"},
        {"timerStartedEventAttributes": {"startToFireTimeout": "30s"}},
        {"timerStartedEventAttributes": {"startToFireTimeout": "0.000000001s"}},
        {"timerStartedEventAttributes": {"startToFireTimeout": "-1.5s"}},
        {"activityTaskScheduledEventAttributes": {"retryPolicy": {"backoffCoefficient": 2}}},
        {"activityTaskScheduledEventAttributes": {"retryPolicy": {"backoffCoefficient": "Infinity"}}},
        {"activityTaskScheduledEventAttributes": {"header": {"fields": {"a": {"data": "eA"}}}}},
        {"activityTaskScheduledEventAttributes": {"header": {"fields": {"a": {}}}, "input": {}}},
        {"userMetadata": {"summary": {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "_-8="}}},
    ],
    ids=str,
)
def test_every_spelling_of_a_value_is_what_protobuf_reads(fields: dict[str, Any]) -> None:
    read = EventReader().event(fields)
    assert read == ParseDict(fields, HistoryEvent())
    assert read.ListFields()


@pytest.mark.parametrize(
    "fields",
    [
        {"eventId": "99999999999999999999"},
        {"eventTime": "2026-02-30T00:00:00Z"},
        {"eventTime": "2026-01-01T25:00:00Z"},
        {"eventTime": "2026-01-01T00:00:00.1234567891Z"},
        {"timerStartedEventAttributes": {}, "timerFiredEventAttributes": {}},
        {"activityTaskScheduledEventAttributes": {"retryPolicy": {"maximumAttempts": 2**31}}},
        {"activityTaskScheduledEventAttributes": {"retryPolicy": {"backoffCoefficient": "many"}}},
        {"timerStartedEventAttributes": {"timerId": "\ud800"}},
    ],
    ids=str,
)
def test_what_protobuf_refuses_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises((ParseError, ValueError)):
        ParseDict(fields, HistoryEvent())
    with pytest.raises(Fault):
        EventReader().event(fields)


def test_a_field_in_two_spellings_is_refused_where_protobuf_takes_the_last() -> None:
    assert ParseDict({"eventId": 1, "event_id": 2}, HistoryEvent()).event_id == 2
    with pytest.raises(Fault, match="in two spellings"):
        EventReader().event({"eventId": 1, "event_id": 2})
