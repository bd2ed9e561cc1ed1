"""Every form that Temporal's tools write reads to the same events; what does not read has a reason."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.history.v1 import History as HistoryMessage

from replaykit.errors import UnreadableHistoryError
from replaykit.history import History, Source, dump_history, parse_history, read_history
from tests.history.builders import RUN_ID, HistoryBuilder, payload, two_activities
from tests.history.forms import FORMS, Tree, encoded, tree_of

SOUND = two_activities()


def tree() -> Tree:
    return tree_of(SOUND)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_reads_to_the_same_events(form: str, packed: bool) -> None:
    data = FORMS[form](SOUND)
    history = parse_history(gzip.compress(data) if packed else data, where="x.json")
    expected = list(SOUND.events)
    if form == "unset as null":
        # `{"header": {"fields": null}}` is an empty header, and no header in the original.
        history.events[0].workflow_execution_started_event_attributes.ClearField("header")
    assert list(history.events) == expected
    assert history.workflow_type == "OrderWorkflow"
    assert history.workflow_id == "order-17"
    assert history.run_id == RUN_ID
    assert history.status == "COMPLETED"
    assert history.task_queue == "orders"
    assert history.sdk == "temporal-python 1.35.0"


def test_the_path_is_noted_and_stdin_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(encoded(tree()))
    assert read_history(path).path == path
    assert read_history(str(path)).events == SOUND.events
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(encoded(tree()))))
    history = read_history("-")
    assert (history.events, history.path) == (SOUND.events, None)


def test_a_fixture_reads_back_whole() -> None:
    assert parse_history(dump_history(SOUND), where="x") == SOUND


# --- what is known beside the events


def test_the_replaykit_object_wins_over_the_events() -> None:
    document = {
        "replaykit": {
            "formatVersion": 1,
            "workflowId": "mine",
            "runId": "r",
            "workflowType": "T",
            "namespace": "n",
            "status": "COMPLETED",
            "taskQueue": "q",
            "capturedAt": "2026-01-01T00:00:00Z",
            "source": "test-run",
            "sdk": "s 1",
            "buildId": "b",
            "shape": "ignored",
            "redacted": True,
            "keyOfTheFuture": 1,
        },
        **tree(),
    }
    history = parse_history(encoded(document), where="x")
    assert history == History(
        events=SOUND.events,
        workflow_id="mine",
        run_id="r",
        workflow_type="T",
        namespace="n",
        status="COMPLETED",
        task_queue="q",
        captured_at=datetime(2026, 1, 1, tzinfo=timezone.utc),
        source=Source.TEST_RUN,
        sdk="s 1",
        build_id="b",
        redacted=True,
    )


def test_what_the_replaykit_object_leaves_open_is_inferred() -> None:
    document = {"replaykit": {"formatVersion": 1, "workflowId": None}, **tree()}
    history = parse_history(encoded(document), where="x")
    assert (history.workflow_id, history.run_id) == ("order-17", RUN_ID)
    assert (history.source, history.captured_at, history.namespace) == (Source.IMPORT, None, None)


@pytest.mark.parametrize(
    ("wrapper", "expected"),
    [
        ({}, None),
        ({"workflowId": "w"}, "w"),
        ({"workflow_id": "w"}, "w"),
        ({"workflowExecution": {"workflowId": "w"}}, "w"),
        ({"workflowId": ""}, None),
        ({"workflowId": 5}, None),
    ],
)
def test_the_workflow_id_of_an_old_history_is_the_wrapper_s(wrapper: Tree, expected: str | None) -> None:
    events = tree()["events"]
    del events[0]["workflowExecutionStartedEventAttributes"]["workflowId"]
    assert parse_history(encoded({**wrapper, "events": events}), where="x").workflow_id == expected


def test_the_started_event_s_workflow_id_wins_over_the_wrapper_s() -> None:
    assert parse_history(encoded({"workflowId": "w", **tree()}), where="x").workflow_id == "order-17"


def test_a_reset_run_has_the_run_id_of_its_last_reset() -> None:
    builder = HistoryBuilder()
    for new_run_id in ("run-after-first-reset", "run-after-second-reset"):
        scheduled = builder.add("WorkflowTaskScheduled")
        started = builder.add("WorkflowTaskStarted", scheduledEventId=scheduled)
        builder.add(
            "WorkflowTaskFailed",
            scheduledEventId=scheduled,
            startedEventId=started,
            cause="WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW",
            baseRunId=RUN_ID,
            newRunId=new_run_id,
        )
    # A task that failed for another reason names no run.
    builder.add("WorkflowTaskFailed", cause="WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND", newRunId="no")
    data = HistoryMessage(events=builder.events).SerializeToString()
    assert parse_history(data, where="x").run_id == "run-after-second-reset"


@pytest.mark.parametrize(
    ("completed", "expected"),
    [
        (
            {
                "deploymentVersion": {"deploymentName": "d", "buildId": "new"},
                "workerVersion": {"buildId": "old"},
            },
            "new",
        ),
        ({"workerVersion": {"buildId": "old"}}, "old"),
        ({}, None),
    ],
)
def test_the_build_id_is_that_of_the_worker(completed: Tree, expected: str | None) -> None:
    builder = HistoryBuilder()
    builder.task(**completed)
    data = HistoryMessage(events=builder.events).SerializeToString()
    assert parse_history(data, where="x").build_id == expected


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("WorkflowExecutionCompleted", "COMPLETED"),
        ("WorkflowExecutionFailed", "FAILED"),
        ("WorkflowExecutionTimedOut", "TIMED_OUT"),
        ("WorkflowExecutionCanceled", "CANCELED"),
        ("WorkflowExecutionTerminated", "TERMINATED"),
        ("WorkflowExecutionContinuedAsNew", "CONTINUED_AS_NEW"),
        ("WorkflowExecutionSignaled", "RUNNING"),
    ],
)
def test_the_status_is_that_of_the_last_event(last: str, status: str) -> None:
    builder = HistoryBuilder()
    builder.add(last)
    data = HistoryMessage(events=builder.events).SerializeToString()
    assert parse_history(data, where="x").status == status


# --- payloads


def with_input(*payloads: Any) -> bytes:
    document = tree()
    document["events"][0]["workflowExecutionStartedEventAttributes"]["input"] = {"payloads": list(payloads)}
    return encoded(document)


def read_input(data: bytes) -> list[Any]:
    history = parse_history(data, where="x.json")
    return list(history.events[0].workflow_execution_started_event_attributes.input.payloads)


@pytest.mark.parametrize(
    "value",
    [None, True, 0, 1.5, "text", "", [], {}, {"a": {"data": 1}}, ["ä"], 12345678901234567890123456789, 1e300],
    ids=repr,
)
def test_a_payload_that_the_web_ui_decoded_is_encoded_back(value: object) -> None:
    decoded = {"metadata": {"encoding": "json/plain", "type": "Keyword"}, "data": value}
    (read,) = read_input(with_input(decoded))
    expected = payload(value)
    expected.metadata["type"] = b"Keyword"
    assert read == expected


def test_a_decoded_payload_of_nothing_has_no_data() -> None:
    (read,) = read_input(with_input({"metadata": {"encoding": "binary/null"}, "data": None}))
    assert dict(read.metadata) == {"encoding": b"binary/null"}
    assert read.data == b""


def test_json_of_a_protobuf_is_encoded_back_with_its_message_type() -> None:
    metadata = {"encoding": "json/protobuf", "messageType": "my.Order"}
    (read,) = read_input(with_input({"metadata": metadata, "data": {"id": 5}}))
    assert dict(read.metadata) == {"encoding": b"json/protobuf", "messageType": b"my.Order"}
    assert json.loads(read.data) == {"id": 5}


def test_encoded_and_decoded_payloads_may_stand_side_by_side() -> None:
    raw = MessageToDict(payload("x"))
    secret = {"metadata": {"encoding": base64.b64encode(b"binary/encrypted").decode()}, "data": "+/8="}
    decoded = {"metadata": {"encoding": "json/plain"}, "data": "x"}
    first, second, third = read_input(with_input(raw, decoded, secret))
    assert first == second == payload("x")
    assert third.data == b"\xfb\xff"


@pytest.mark.parametrize(
    "encoding",
    ["json/plain", "json/protobuf", "binary/plain", "binary/null", "binary/protobuf", "binary/encrypted"],
)
def test_an_encoding_in_base64_is_never_taken_for_a_decoded_one(encoding: str) -> None:
    raw = {"metadata": {"encoding": base64.b64encode(encoding.encode()).decode()}, "data": "AAEC"}
    (read,) = read_input(with_input(raw))
    assert (read.metadata["encoding"], read.data) == (encoding.encode(), b"\x00\x01\x02")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (42, "got 42: the payloads of this file were decoded to bare values"),
        ("canary", 'got "canary": the payloads'),
        (None, "got null: the payloads"),
        (["a"], 'got ["a"]: the payloads'),
        ({"order": 5}, 'got {"order": 5}: the payloads'),
        ({"data": 5}, "data: expected base64, got 5"),
        ({"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "not base64!"}, "data: expected base64"),
        ({"metadata": {"encoding": "anNvbi9wbGFpbg==", "k": "?"}}, "metadata.k: expected base64"),
        ({"metadata": {"encoding": "anNvbi9wbGFpbg"}, "data": "abcde"}, "data: expected base64"),
        ({"metadata": 5, "data": ""}, "expected metadata of a payload, got 5"),
        ({"metadata": {"encoding": "binary/plain"}, "data": 5}, "this binary/plain payload was decoded"),
        (
            {"metadata": {"encoding": "json/plain", "messageType": "x"}, "data": 5},
            "this binary protobuf payload",
        ),
        ({"metadata": {"encoding": "json/plain"}}, "this json/plain payload was decoded"),
        ({"metadata": {"encoding": "binary/null"}, "data": 5}, "expected no data in a binary/null payload"),
    ],
)
def test_a_payload_decoded_beyond_repair_is_refused(value: object, reason: str) -> None:
    with pytest.raises(UnreadableHistoryError) as caught:
        read_input(with_input(value))
    place = "x.json: events[0].workflowExecutionStartedEventAttributes.input.payloads[0]"
    assert str(caught.value).startswith(place)
    assert reason in str(caught.value)
    assert "temporal workflow show -w WORKFLOW_ID -o json" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("searchAttributes", {"indexedFields": {"K": "v"}}, "searchAttributes.indexedFields.K"),
        ("searchAttributes", {"indexedFields": {"K": None}}, "searchAttributes.indexedFields.K"),
        ("memo", {"fields": {"note": {"text": "x"}}}, "memo.fields.note"),
        ("header", {"fields": {"_tracer-data": {"traceparent": "x"}}}, "header.fields._tracer-data"),
        ("input", [1, 2], "input"),
        ("input", {"order": 5}, "input"),
        ("continuedFailure", {"encodedAttributes": "message"}, "continuedFailure.encodedAttributes"),
    ],
)
def test_bare_values_are_found_wherever_payloads_are(field: str, value: object, place: str) -> None:
    document = tree()
    document["events"][0]["workflowExecutionStartedEventAttributes"][field] = value
    with pytest.raises(UnreadableHistoryError) as caught:
        parse_history(encoded(document), where="x")
    assert caught.value.where == f"x: events[0].workflowExecutionStartedEventAttributes.{place}"


# --- enums and events of the future


def test_an_enum_name_inside_attributes_is_translated() -> None:
    document = {
        "events": [
            {
                "eventId": 1,
                "eventType": "WorkflowTaskFailed",
                "workflowTaskFailedEventAttributes": {
                    "cause": "NonDeterministicError",
                    "failure": {"cause": {"timeoutFailureInfo": {"timeoutType": "StartToClose"}}},
                },
            }
        ]
    }
    attributes = parse_history(encoded(document), where="x").events[0].workflow_task_failed_event_attributes
    assert attributes.cause == 24
    assert attributes.failure.cause.timeout_failure_info.timeout_type == 1


@pytest.mark.parametrize("name", ["EVENT_TYPE_OF_THE_FUTURE", "OfTheFuture", ""])
def test_an_unknown_event_type_is_refused_and_not_dropped(name: str) -> None:
    document = tree()
    document["events"][3]["eventType"] = name
    with pytest.raises(UnreadableHistoryError) as caught:
        parse_history(encoded(document), where="x")
    assert caught.value.where == "x: events[3].eventType"
    assert f'knows no EventType "{name}"' in caught.value.what
    assert "Upgrade temporalio" in str(caught.value)


def test_an_unknown_enum_inside_attributes_is_refused_too() -> None:
    document = tree()
    document["events"][0]["workflowExecutionStartedEventAttributes"]["taskQueue"]["kind"] = "Quantum"
    with pytest.raises(
        UnreadableHistoryError, match=r"taskQueue\.kind: temporalio .* knows no TaskQueueKind"
    ):
        parse_history(encoded(document), where="x")


def test_an_unknown_event_that_workers_may_ignore_is_kept() -> None:
    event = {
        "eventId": "2",
        "eventType": "EVENT_TYPE_OF_THE_FUTURE",
        "workerMayIgnore": True,
        "newAttributes": {},
    }
    history = parse_history(encoded({"events": [tree()["events"][0], event]}), where="x")
    assert (history.events[1].event_id, history.events[1].worker_may_ignore) == (2, True)
    assert parse_history(dump_history(history), where="x").events == history.events


def test_an_event_type_number_of_the_future_is_kept() -> None:
    event = {"eventId": "2", "eventType": 9999}
    history = parse_history(encoded({"events": [tree()["events"][0], event]}), where="x")
    assert history.events[1].event_type == 9999
    assert parse_history(dump_history(history), where="x").events == history.events


# --- attributes that the Web UI flattened


def test_flattened_attributes_are_put_back() -> None:
    event = {
        "eventId": "5",
        "eventType": "ActivityTaskScheduled",
        "attributes": {
            "type": "activityTaskScheduledEventAttributes",
            "activityType": "pay",
            "activityId": "1",
        },
    }
    attributes = parse_history(encoded([event]), where="x").events[0].activity_task_scheduled_event_attributes
    assert (attributes.activity_type.name, attributes.activity_id) == ("pay", "1")


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"type": "timerStartedEventAttributes", "startToFireTimeout": "20 seconds"},
            "[0].timerStartedEventAttributes.startToFireTimeout: "
            'expected a duration such as "30s", got "20 seconds"',
        ),
        ({"type": "somethingElse"}, "[0].attributes.type: expected the kind of the event"),
        ({}, "[0].attributes.type: expected the kind of the event in `type`, got null"),
    ],
)
def test_flattened_attributes_beyond_repair_are_refused(attributes: Tree, message: str) -> None:
    event = {"eventId": "5", "eventType": "TimerStarted", "attributes": attributes}
    with pytest.raises(UnreadableHistoryError) as caught:
        parse_history(encoded([event]), where="x")
    assert message in str(caught.value)
    assert "temporal workflow show" in str(caught.value)


# --- messages


def changed(change: Callable[[Tree], object]) -> bytes:
    document = tree()
    change(document)
    return encoded(document)


CADENCE = [
    {"eventId": 1, "eventType": "WorkflowExecutionStarted", "timestamp": 1},
    {"eventId": 2, "eventType": "DecisionTaskScheduled", "timestamp": 2},
]

REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "x.json: the file is empty. Export it again"),
    "blank": (b" \n\t ", "x.json: the file is empty"),
    "empty gzip": (gzip.compress(b""), "x.json: the file is empty"),
    "cut gzip": (gzip.compress(encoded(tree()))[:-20], "x.json: the gzip data ends in the middle"),
    "damaged gzip": (b"\x1f\x8b" + b"\x00" * 30, "x.json: the gzip data is damaged"),
    "gzip with a wrong checksum": (
        gzip.compress(b"{}")[:-8] + b"\x00" * 8,
        "x.json: the gzip data is damaged: CRC check failed",
    ),
    "damaged UTF-16": (b"\xff\xfe{", "x.json: damaged UTF-16 text"),
    "text": (
        b"Progress:\n  ID  Time\n",
        "x.json: neither JSON nor a protobuf History: it begins with 'Progress:",
    ),
    **{
        f"only {text.strip()}": (text.encode(), f"JSON, but not an event history: it is {text.strip()}. ")
        for text in ("null", "3", '"x"', "true", " -1.5\n")
    },
    "another protobuf": (b"\n\x05hello", "x.json: neither JSON nor a protobuf History"),
    "cut JSON": (encoded(tree())[:900], "x.json: the JSON ends in the middle (line "),
    "broken JSON": (b'{"events": [}]}', "x.json: not JSON: "),
    "not UTF-8": (b'{"events": "\xe4"}', "x.json: not UTF-8 text: byte 12 is 0xe4"),
    "a report": (
        b'{"format_version": 1, "verdicts": []}',
        "JSON, but not an event history: it has no `events`, but 'format_version', 'verdicts'",
    ),
    "an empty object": (b"{}", "JSON, but not an event history: it has no `events`, but nothing"),
    "events of another kind": (
        b'{"events": [{"name": "click"}]}',
        "x.json: events[0]: expected an event, got an object with 'name'",
    ),
    "events is no list": (b'{"events": {}}', "x.json: events: expected a list of events, got an object"),
    "history is null": (b'{"history": null}', "x.json: history: expected a list of events, got null"),
    "a list of numbers": (b"[1, 2]", "x.json: [0]: expected an event, got 1"),
    "a cut page": (
        changed(lambda document: document.update(nextPageToken="abc")),
        "x.json: nextPageToken: only the first page of a history",
    ),
    "two histories": (
        encoded([tree(), tree()]),
        "x.json: a list of 2 histories: a file holds one. Split the file",
    ),
    "two histories in lines": (
        json.dumps(tree()).encode() + b"\n" + json.dumps(tree()).encode(),
        "x.json: line 1: another whole history: a file holds one",
    ),
    "a broken line": (
        json.dumps(tree()["events"][0]).encode() + b'\n{"eventId": ',
        "x.json: line 2: the JSON ends in the middle",
    ),
    "a bad field in a line": (
        json.dumps(tree()["events"][0]).encode() + b'\n{"eventId": null}',
        "x.json: line 2: eventId: expected an integer, got null",
    ),
    "null id": (
        changed(lambda d: d["events"][3].update(eventId=None)),
        "x.json: events[3].eventId: expected an integer, got null. Export it again",
    ),
    "text id": (
        changed(lambda d: d["events"][3].update(eventId="three")),
        'x.json: events[3].eventId: expected an integer, got "three"',
    ),
    "a true id": (
        changed(lambda d: d["events"][3].update(eventId=True)),
        "x.json: events[3].eventId: expected an integer, got true",
    ),
    "an id beyond 64 bits": (
        changed(lambda d: d["events"][3].update(eventId="99999999999999999999")),
        "x.json: events[3]: not an event: ",
    ),
    "no time": (
        changed(lambda d: d["events"][3].update(eventTime="yesterday")),
        'x.json: events[3].eventTime: expected a time such as "2026-01-01T00:00:00Z", got "yesterday"',
    ),
    "a time that no calendar has": (
        changed(lambda d: d["events"][3].update(eventTime="2026-13-01T00:00:00Z")),
        "x.json: events[3]: not an event: ",
    ),
    "a text for attributes": (
        changed(lambda d: d["events"][4].update(activityTaskScheduledEventAttributes="x")),
        'x.json: events[4].activityTaskScheduledEventAttributes: expected an object, got "x"',
    ),
    "a number for a name": (
        changed(
            lambda d: d["events"][4]["activityTaskScheduledEventAttributes"]["activityType"].update(name=7)
        ),
        "x.json: events[4].activityTaskScheduledEventAttributes.activityType.name: expected a string, got 7",
    ),
    "an object for a list": (
        changed(lambda d: d["events"][4].update(links={})),
        "x.json: events[4].links: expected a list, got an object",
    ),
    "a word for a flag": (
        changed(lambda d: d["events"][4].update(workerMayIgnore="no")),
        'x.json: events[4].workerMayIgnore: expected true or false, got "no"',
    ),
    "attributes of two kinds": (
        changed(lambda d: d["events"][4].update(timerFiredEventAttributes={})),
        "x.json: events[4].timerFiredEventAttributes: expected one of 'attributes', got several",
    ),
    "cadence": (encoded({"events": CADENCE}), "were recorded by Cadence or by a Temporal before 1.0"),
    "format of the future": (
        b'{"replaykit": {"formatVersion": 2}, "runs": []}',
        "x.json: replaykit.formatVersion: this is fixture format 2; this replaykit reads format 1. "
        "Upgrade to a temporal-replaykit that reads fixture format 2",
    ),
    "no format version": (
        b'{"replaykit": {}, "events": []}',
        "x.json: replaykit.formatVersion: expected an integer, got null",
    ),
    "replaykit is a text": (
        b'{"replaykit": "1", "events": []}',
        'x.json: replaykit: expected an object, got "1"',
    ),
    "bad workflow id": (
        b'{"replaykit": {"formatVersion": 1, "workflowId": 5}, "events": []}',
        "x.json: replaykit.workflowId: expected a string or null, got 5",
    ),
    "bad status": (
        b'{"replaykit": {"formatVersion": 1, "status": "DONE"}, "events": []}',
        "x.json: replaykit.status: expected one of CANCELED, COMPLETED",
    ),
    "bad source": (
        b'{"replaykit": {"formatVersion": 1, "source": "x"}, "events": []}',
        'x.json: replaykit.source: expected one of explore, import, service, test-run, got "x"',
    ),
    "bad time": (
        b'{"replaykit": {"formatVersion": 1, "capturedAt": "2026-02-31T00:00:00Z"}, "events": []}',
        "x.json: replaykit.capturedAt: expected a UTC time such as",
    ),
    "bad redacted": (
        b'{"replaykit": {"formatVersion": 1, "redacted": 1}, "events": []}',
        "x.json: replaykit.redacted: expected true or false, got 1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_says_what_where_and_the_cure(case: str) -> None:
    data, message = REFUSED[case]
    with pytest.raises(UnreadableHistoryError) as caught:
        parse_history(data, where="x.json")
    assert message in str(caught.value)
    assert caught.value.cure


def test_a_missing_file_and_a_folder_have_messages_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(UnreadableHistoryError, match="there is no such file"):
        read_history(tmp_path / "no.json")
    with pytest.raises(UnreadableHistoryError, match=r"folder|cannot be read"):
        read_history(tmp_path)


def test_nesting_without_end_is_refused() -> None:
    failure: Tree = {"message": "x"}
    for _ in range(300):
        failure = {"message": "x", "cause": failure}
    document = tree()
    document["events"][0]["workflowExecutionStartedEventAttributes"]["continuedFailure"] = failure
    with pytest.raises(UnreadableHistoryError, match="not an event"):
        parse_history(encoded(document), where="x")


def test_reading_loads_neither_client_nor_worker() -> None:
    import subprocess

    heavy = ["temporalio.client", "temporalio.worker", "pytest", "click", "rich"]
    code = f"import sys, replaykit.history; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
