"""Histories that other projects publish: each one reads, or is refused for a reason that it bears out."""

from __future__ import annotations

import base64
import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.history.v1 import History as HistoryMessage
from temporalio.client import WorkflowHistory

from replaykit.errors import InvalidHistoryError, UnreadableHistoryError
from replaykit.history import (
    History,
    dump_history,
    event_name,
    find_fixtures,
    fingerprint,
    fixture_name,
    has_commands,
    parse_history,
    read_history,
    timeline,
    validate,
)

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "histories"


def index() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "index.tsv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


ROWS = index()

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not ROWS, reason=f"there are no third-party histories at {CORPUS}"),
]

rows = pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])


def raw(row: dict[str, str]) -> bytes:
    data = (CORPUS / row["file"]).read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def decoded_payloads(value: Any) -> bool:
    """Whether some payload in the document is not an encoded one."""
    if isinstance(value, list):
        return any(map(decoded_payloads, value))
    if not isinstance(value, dict):
        return False
    payloads = [*(value.get("payloads") or ()), *(value.get("indexedFields") or {}).values()]
    return not all(map(is_encoded, payloads)) or any(map(decoded_payloads, value.values()))


def is_encoded(payload: Any) -> bool:
    try:
        texts = [*payload["metadata"].values(), payload.get("data", "")]
        base64.b64decode(texts[0], validate=True).decode("ascii")
        base64.b64decode(texts[-1], validate=True)
    except (TypeError, KeyError, ValueError):
        return False
    return True


def is_cadence(value: Any) -> bool:
    events = value.get("events", []) if isinstance(value, dict) else value
    return any(str(event.get("eventType", "")).startswith("DecisionTask") for event in events)


def has_no_events(value: Any) -> bool:
    if isinstance(value, dict):
        return not ({"events", "history", "eventId"} & value.keys())
    return not any("eventId" in item or isinstance(item.get("events"), list) for item in value)


BORNE_OUT = {
    "payload": decoded_payloads,
    "base64": decoded_payloads,
    "Cadence": is_cadence,
    "expected an event": has_no_events,
    "not an event history": has_no_events,
}
"""For words of a refusal: what must be true of the file."""


def reason_of(error: UnreadableHistoryError) -> Callable[[Any], bool]:
    """What must be true of a file that is refused so."""
    reasons = [test for words, test in BORNE_OUT.items() if words in error.what]
    assert reasons, f"a reason that this test does not know: {error}"
    return reasons[0]


def read(row: dict[str, str]) -> History | UnreadableHistoryError:
    try:
        return read_history(CORPUS / row["file"])
    except UnreadableHistoryError as error:
        return error


@rows
def test_every_file_reads_or_is_refused_for_a_reason_that_it_bears_out(row: dict[str, str]) -> None:
    history = read(row)
    if isinstance(history, UnreadableHistoryError):
        assert reason_of(history)(json.loads(raw(row))), f"the file does not bear it out: {history}"
        assert history.cure
        return
    assert history.events
    assert history.workflow_type == (row["workflow_type"] or history.workflow_type)
    assert row["events"] in ("0", str(len(history.events)))
    assert history.sdk == (row["recorded_by"] if " " in row["recorded_by"] else None)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["sdk_from_json"] != "no: ValueError"], ids=lambda row: row["file"]
)
def test_whatever_the_sdk_reads_reads_to_equal_events(row: dict[str, str]) -> None:
    data = raw(row)
    history = read(row)
    if isinstance(history, UnreadableHistoryError):
        # The SDK makes empty payloads of decoded ones, and drops the event types of Cadence.
        assert reason_of(history)(json.loads(data))
        return
    if row["sdk_from_json"] == "n/a":
        expected = list(HistoryMessage.FromString(data).events)
    else:
        expected = list(WorkflowHistory.from_json("x", data.decode()).events)
    assert list(history.events) == expected


def damage_of(history: History) -> InvalidHistoryError | None:
    try:
        validate(history)
    except InvalidHistoryError as error:
        return error
    return None


@rows
def test_validation_passes_or_gives_a_reason_that_the_events_bear_out(row: dict[str, str]) -> None:
    history = read(row)
    if isinstance(history, UnreadableHistoryError):
        return
    ids = [event.event_id for event in history.events]
    damage = damage_of(history)
    if damage is None:
        assert ids == list(range(1, len(ids) + 1))
        assert "damaged" not in row["file"]
        if event_name(history.events[-1]) == "WorkflowExecutionCompleted":
            assert has_commands(history)
    elif "newest event comes first" in damage.what:
        assert ids == sorted(ids, reverse=True)
    elif "expected event id" in damage.what:
        assert ids != list(range(1, len(ids) + 1))
    else:
        # Two files of the PHP SDK's tests whose events were cut out with care for the ids, not the links.
        assert "damaged" in row["file"]
        assert "WorkflowTaskStarted must name an earlier WorkflowTaskScheduled" in damage.what


@rows
def test_what_reads_survives_a_round_trip_and_shows(row: dict[str, str]) -> None:
    history = read(row)
    if isinstance(history, UnreadableHistoryError):
        return
    data = dump_history(history)
    again = parse_history(data, where="x")
    assert again.events == history.events
    assert dump_history(again) == data
    assert fingerprint(again) == fingerprint(history)
    assert fixture_name(again) == fixture_name(history)
    assert len(timeline(history)) == len(history.events)
    assert all(row.label.startswith(row.name) and "\n" not in row.label for row in timeline(history))


def test_the_folder_is_found_whole() -> None:
    names = {path.name for path in find_fixtures([CORPUS])}
    assert names == {row["file"] for row in ROWS if not row["file"].endswith(".bin")}
