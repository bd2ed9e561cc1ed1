"""What the code raised is shown whatever the converters do; a payload that does not decode has its place."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
)

from replaykit.config import WorkerConfig
from replaykit.history import History
from replaykit.replay import recorder
from replaykit.replay.payload_types import noting_conversions
from replaykit.replay.sdk.installed import VERSION
from replaykit.replay.sdk.instance import wrap_conversions
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import rows_of
from replaykit.verdict import Outcome, Reason, Verdict
from tests.replay import payload_types, trouble
from tests.replay.samples import ROOT, data_processing, with_events

ENCODED = DataConverter(failure_converter_class=DefaultFailureConverterWithEncodedAttributes)
CODED = dataclasses.replace(ENCODED, payload_codec=payload_types.Flip())
CURT = DataConverter(failure_converter_class=payload_types.Curt)
HERE = "tests/replay/payload_types.py"


def judged(cls: type, history: History | None = None, converter: DataConverter | None = None) -> Verdict:
    name = cls.__temporal_workflow_definition.name  # type: ignore[attr-defined]
    worker = Worker(
        config=WorkerConfig(), workflows=(cls,), names=(name,), has_dynamic=False, data_converter=converter
    )
    with ReplaySession(worker, root=ROOT, timeout_s=30) as session:
        return session.judge(history or data_processing(name), name="one.json")


def given(cls: type, *values: object, encoding: bytes = b"json/plain") -> History:
    """The data-processing History of another type, started with other arguments, as its results are."""
    payloads = [Payload(metadata={"encoding": encoding}, data=json.dumps(v).encode()) for v in values]

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        started = events[0].workflow_execution_started_event_attributes.input
        del started.payloads[:]
        started.payloads.extend(payloads)
        for event in events:
            if event.HasField("activity_task_completed_event_attributes"):
                result = event.activity_task_completed_event_attributes.result
                del result.payloads[:]
                result.payloads.append(payloads[0])
        return events

    name = cls.__temporal_workflow_definition.name  # type: ignore[attr-defined]
    return with_events(data_processing(name), change)


# The failure converter hides nothing


@pytest.mark.parametrize("converter", [ENCODED, CODED, CURT], ids=["encoded", "codec", "the user's own"])
def test_what_the_code_raised_is_shown_whatever_the_failure_converter_makes_of_it(converter: Any) -> None:
    verdict = judged(payload_types.RaisesPlainly, converter=converter)
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    message = verdict.message or ""
    assert message.startswith(f"the code raised ValueError: no such source (KeyError: 'b') at {HERE}:")
    assert verdict.source is not None
    assert verdict.source.function == "run"


def test_what_the_code_raised_is_shown_where_the_failure_converter_breaks_over_it() -> None:
    converter = DataConverter(failure_converter_class=payload_types.BreakingConverter)
    verdict = judged(payload_types.RaisesPlainly, converter=converter)
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    assert (verdict.message or "").startswith("the code raised ValueError: no such source (KeyError: 'b') at")


def test_an_endless_loop_is_one_under_encoded_attributes_too() -> None:
    worker = Worker(
        config=WorkerConfig(),
        workflows=(trouble.Endless,),
        names=("Endless",),
        has_dynamic=False,
        data_converter=ENCODED,
    )
    with ReplaySession(worker, root=ROOT, timeout_s=2) as session:
        verdict = session.judge(data_processing("Endless"), name="one.json")
    assert verdict.reason is Reason.TIMED_OUT
    assert "never yielded at tests/replay/trouble.py:" in (verdict.message or "")


def test_the_users_failure_converter_is_the_one_that_the_code_runs_with() -> None:
    verdict = judged(payload_types.FailsPlainly, converter=CURT)
    assert verdict.outcome is Outcome.DIVERGED
    assert DataConverter.default.failure_converter_class is DefaultFailureConverter


# Payloads that do not decode


def _makes_text_enums() -> bool:
    """Whether the installed SDK gives the code a member for a `(str, Enum)`: earlier ones did not."""
    (payload,) = DataConverter.default.payload_converter.to_payloads(["open"])
    made = DataConverter.default.payload_converter.from_payload(payload, payload_types.Status)
    return made is payload_types.Status.OPEN


@pytest.mark.parametrize(
    ("cls", "values", "place", "says"),
    [
        (
            payload_types.TakesATier,
            [3],
            "event 1, argument 1 of the workflow, Tier",
            "3 is no member of Tier",
        ),
        pytest.param(
            payload_types.TakesAStatus,
            ["a", "paused"],
            "event 1, argument 2 of the workflow, Status",
            "'paused' is no member of Status",
            marks=pytest.mark.skipif(
                not _makes_text_enums(),
                reason=f"temporalio {VERSION} makes a list of characters for (str, Enum), never a member",
            ),
        ),
        (
            payload_types.TakesATotal,
            [{"amount": "12"}],
            "event 1, argument 1 of the workflow, Total",
            "field 'amount' of Total was recorded as str, and is int",
        ),
        (
            payload_types.TakesATotal,
            [{}],
            "event 1, argument 1 of the workflow, Total",
            "recorded without field 'amount' of Total",
        ),
        (
            payload_types.ResultIsATotal,
            [{"amount": "12"}],
            "event 7, the result of an activity, Total",
            "field 'amount' of Total was recorded as str",
        ),
    ],
    ids=["enum", "text enum", "field type", "new field", "result"],
)
def test_place_type_and_cause_are_named(cls: type, values: list[object], place: str, says: str) -> None:
    verdict = judged(cls, given(cls, *values))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNDECODABLE_PAYLOAD)
    assert (verdict.message or "").startswith(f"{place} in this code: ")
    assert says in (verdict.message or "")
    assert verdict.event_id == int(place.split()[1].rstrip(","))
    assert verdict.argument == (2 if "argument 2" in place else 1)


def test_a_codec_that_is_not_configured_is_named() -> None:
    history = given(payload_types.TakesATotal, {"amount": 1}, encoding=b"binary/flip")
    verdict = judged(payload_types.TakesATotal, history)
    assert verdict.reason is Reason.UNDECODABLE_PAYLOAD
    assert "encoded as binary/flip, which needs a codec that is not configured" in (verdict.message or "")


@pytest.mark.parametrize("failures", [DefaultFailureConverter, DefaultFailureConverterWithEncodedAttributes])
def test_what_the_codec_raised_is_shown(failures: type) -> None:
    converter = DataConverter(payload_codec=payload_types.Refusing(), failure_converter_class=failures)
    verdict = judged(payload_types.TakesATotal, given(payload_types.TakesATotal, {"amount": 1}), converter)
    assert verdict.reason is Reason.UNDECODABLE_PAYLOAD
    assert f"the codec raised PermissionError: no key named blue at {HERE}:" in (verdict.message or "")


def test_a_codec_that_does_not_encode_is_not_reported_as_decoding() -> None:
    verdict = judged(trouble.Warns, converter=DataConverter(payload_codec=payload_types.Sealed()))
    assert verdict.reason is Reason.UNDECODABLE_PAYLOAD
    message = verdict.message or ""
    assert message.startswith("a payload of the code's commands could not be encoded: the codec raised ")
    assert f"PermissionError: the key is read-only at {HERE}:" in message
    assert "decoded" not in message


def test_another_number_of_arguments_drops_all_type_hints_and_says_so() -> None:
    verdict = judged(payload_types.TakesMore, given(payload_types.TakesMore, {"amount": 1}))
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    message = verdict.message or ""
    assert message.startswith("the code raised AttributeError: 'dict' object has no attribute 'amount'")
    assert "the workflow (event 1) came with 1 argument, and this code takes 2: the SDK then drops" in message


@pytest.mark.parametrize(
    ("hints", "noted"), [((str, int), 0), ((int, int), 0), ((payload_types.Total, int), 1), ((bytes, int), 1)]
)
def test_dropped_hints_are_noted_only_where_a_value_comes_out_differently(
    hints: tuple[type, ...], noted: int
) -> None:
    data = {str: "a", int: 3, bytes: "b", payload_types.Total: {"amount": 1}}[hints[0]]
    payload = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(data).encode())
    plain = DataConverter.default.payload_converter.from_payloads
    found: list[object] = []

    def as_the_sdk(payloads: list[Payload], types: list[type] | None) -> list[object]:
        return plain(payloads, types if types and len(types) == len(payloads) else None)

    noting_conversions(as_the_sdk, print, found.append)([payload], list(hints))
    assert len(found) == noted


# A signal that does not decode is dropped by the SDK


def with_signal(history: History, value: object, *, cut: int) -> History:
    """A signal before the second task, in an open History."""

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        kept = events[:cut]
        signal = HistoryEvent(event_id=8, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
        signal.event_time.CopyFrom(kept[6].event_time)
        attributes = signal.workflow_execution_signaled_event_attributes
        attributes.signal_name = "promote"
        attributes.input.payloads.append(
            Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())
        )
        for event in kept[7:]:
            event.event_id += 1
            started = event.workflow_task_started_event_attributes
            if event.HasField("workflow_task_started_event_attributes"):
                started.scheduled_event_id += 1
            if event.HasField("workflow_task_completed_event_attributes"):
                completed = event.workflow_task_completed_event_attributes
                completed.scheduled_event_id += 1
                completed.started_event_id += 1
            if event.HasField("activity_task_scheduled_event_attributes"):
                event.activity_task_scheduled_event_attributes.workflow_task_completed_event_id += 1
        return [*kept[:7], signal, *kept[7:]]

    return with_events(history, change)


def test_a_signal_that_is_dropped_is_not_green_in_an_open_run() -> None:
    verdict = judged(payload_types.HearsATier, with_signal(data_processing("HearsATier"), 3, cut=11))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNDECODABLE_PAYLOAD), verdict
    assert (verdict.event_id, verdict.argument, verdict.commands_compared) == (8, 1, 2)
    assert "event 8, argument 1 of signal 'promote', Tier in this code: 3 is no member" in (
        verdict.message or ""
    )
    assert "The SDK drops such a signal" in (verdict.message or "")


def test_without_its_conversions_only_the_place_of_a_payload_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recorder, "wrap_conversions", lambda instance, convert: False)
    verdict = judged(payload_types.TakesATier, given(payload_types.TakesATier, 3))
    assert (verdict.reason, verdict.event_id) == (Reason.UNDECODABLE_PAYLOAD, None)
    assert "3 is no member of Tier" in (verdict.message or "")
    assert not wrap_conversions(object(), lambda convert: convert)


# A message whose parameter changed its type is the cause of what comes after it


def with_message(cls: type, kind: str, value: object) -> History:
    """The data-processing History, with a signal or an update before the command that it leads to."""

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        payload = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())
        first = HistoryEvent(event_id=2)
        first.event_time.CopyFrom(events[0].event_time)
        if kind == "signal":
            first.event_type = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
            signaled = first.workflow_execution_signaled_event_attributes
            signaled.signal_name = "add"
            signaled.input.payloads.append(payload)
            return [events[0], first, *_shifted(events[1:11], from_id=2)]
        first.event_id = 5
        first.event_type = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
        accepted = first.workflow_execution_update_accepted_event_attributes
        accepted.protocol_instance_id = "one"
        accepted.accepted_request_message_id = "one/request"
        accepted.accepted_request_sequencing_event_id = 2
        accepted.accepted_request.meta.update_id = "one"
        accepted.accepted_request.input.name = "add"
        accepted.accepted_request.input.args.payloads.append(payload)
        return [*events[:4], first, *_shifted(events[4:11], from_id=5)]

    name = cls.__temporal_workflow_definition.name  # type: ignore[attr-defined]
    return with_events(data_processing(name), change)


def _shifted(events: list[HistoryEvent], *, from_id: int) -> list[HistoryEvent]:
    """Events one id later, and what they name of one another."""
    for event in events:
        event.event_id += 1
        attributes = getattr(event, event.WhichOneof("attributes") or "")
        for field, value in attributes.ListFields():
            if field.name.endswith("event_id") and value >= from_id:
                setattr(attributes, field.name, value + 1)
    return events


@pytest.mark.parametrize(
    ("cls", "kind", "value", "says"),
    [
        (
            payload_types.WaitsForAText,
            "signal",
            5,
            "The SDK dropped event 2, argument 1 of signal 'add', str in this code: it was recorded as int, "
            "and is str in this code. Let the type accept both, such as `int | str`.",
        ),
        (
            payload_types.WaitsForATotal,
            "signal",
            {"amount": "12"},
            "The SDK dropped event 2, argument 1 of signal 'add', Total in this code: field 'amount' of "
            "Total was recorded as str, and is int | float in this code. Let the type accept both, or give "
            "the changed field another name.",
        ),
        (
            payload_types.WaitsForATotal,
            "signal",
            5,
            "The SDK dropped event 2, argument 1 of signal 'add', Total in this code: it was recorded as "
            "int, and is Total in this code. Let the type accept both, such as `int | Total`.",
        ),
        (
            payload_types.UpdatedByAText,
            "update",
            5,
            "The SDK rejected event 5, argument 1 of update 'add', str in this code: it was recorded as int, "
            "and is str in this code. Let the type accept both, such as `int | str`.",
        ),
    ],
    ids=["signal", "field of a signal", "signal without fields", "update"],
)
def test_the_cure_of_what_a_changed_parameter_led_to_is_about_its_type(
    cls: type, kind: str, value: object, says: str
) -> None:
    verdict = judged(cls, with_message(cls, kind, value))
    assert verdict.outcome is Outcome.DIVERGED, verdict
    assert verdict.divergence is not None
    assert verdict.divergence.suggestion == says
    assert verdict.divergence.suggestion_kind is None
    shown = " ".join(" ".join(plain_lines(rows_of(verdict))).split())
    assert says in shown
    assert "patched" not in shown


def test_a_payload_that_came_after_the_difference_is_not_its_cause() -> None:
    history = with_signal(data_processing("HearsATierElsewhere"), 3, cut=11)
    verdict = judged(payload_types.HearsATierElsewhere, history)
    assert verdict.divergence is not None, verdict
    assert verdict.divergence.event_id == 5
    assert 'patched("validate")' in (verdict.divergence.suggestion or "")


def test_the_terminal_shows_that_hints_were_dropped_where_the_code_then_asks_for_something_else() -> None:
    verdict = judged(payload_types.BranchesOnMore, given(payload_types.BranchesOnMore, {"amount": 1}))
    assert verdict.divergence is not None, verdict
    shown = " ".join(" ".join(plain_lines(rows_of(verdict))).split())
    assert "the workflow (event 1) came with 1 argument, and this code takes 2: the SDK then drops" in shown
    assert "If that is not the cause:" in shown
    assert 'patched("validate")' in shown
