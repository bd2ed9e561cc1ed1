"""Payloads as readable values, and where two of them differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
)

from replaykit.replay.strict.differences import ABSENT, ValueDifference, differences
from replaykit.replay.strict.payloads import Encoded, Reader

DEFAULT = DataConverter.default


def read(payload: Payload, converter: DataConverter = DEFAULT) -> object:
    return Reader(converter).produced(payload)


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "text", [1, {"a": None}], {"k": [1, 2]}])
def test_json_comes_back_as_it_is(value: object) -> None:
    payload = DEFAULT.payload_converter.to_payload(value)
    assert read(payload) == value
    assert Reader(DEFAULT).recorded(Encoded(payload=payload)) == value


def test_a_protobuf_message_is_shown_by_its_fields() -> None:
    payload = DEFAULT.payload_converter.to_payload(WorkflowExecution(workflow_id="w", run_id="r"))
    assert read(payload) == {"workflowId": "w", "runId": "r"}
    binary = Payload(
        metadata={"encoding": b"binary/protobuf", "messageType": b"temporal.api.common.v1.WorkflowExecution"},
        data=WorkflowExecution(workflow_id="w").SerializeToString(),
    )
    assert read(binary) == {"workflowId": "w"}


@pytest.mark.parametrize(
    ("encoding", "data"),
    [(b"binary/plain", b"\x00\xff"), (b"binary/encrypted", b"\x00\xff"), (b"json/plain", b"{")],
)
def test_what_does_not_decode_is_shown_by_size_and_encoding(encoding: bytes, data: bytes) -> None:
    text = str(read(Payload(metadata={"encoding": encoding}, data=data)))
    assert text.startswith(f"<{len(data)} bytes of encoding {encoding.decode()}, sha256 ")
    other = str(read(Payload(metadata={"encoding": encoding}, data=data + b"{")))
    assert other != text


def test_no_encoding_at_all() -> None:
    assert str(read(Payload(data=b"x"))).startswith("<1 bytes of encoding unknown")


@dataclass
class Money:
    amount: int
    parts: tuple[int, ...]


class Plain:
    """Its repr holds an address, another one each time."""


class OwnConverter(EncodingPayloadConverter):
    """Decodes to whatever the payload names."""

    encoding = "own/value"

    def to_payload(self, value: Any) -> Payload | None:
        return None

    def from_payload(self, payload: Payload, type_hint: Any = None) -> Any:
        values = {b"money": Money(amount=3, parts=(1, 2)), b"set": {3, 1, 2}, b"plain": Plain()}
        return values[payload.data]


class OwnPayloadConverter(CompositePayloadConverter):
    def __init__(self) -> None:
        super().__init__(OwnConverter(), *DefaultPayloadConverter().converters.values())


OWN = DataConverter(payload_converter_class=OwnPayloadConverter)


def test_values_of_an_own_converter() -> None:
    def own(data: bytes) -> object:
        return read(Payload(metadata={"encoding": b"own/value"}, data=data), OWN)

    assert own(b"money") == {"amount": 3, "parts": [1, 2]}
    assert own(b"set") == [1, 2, 3]
    assert str(own(b"plain")).startswith("<5 bytes of encoding own/value")
    assert str(own(b"unheard of")).startswith("<10 bytes of encoding own/value")


def test_where_they_differ() -> None:
    recorded = {"a": 1, "b": {"c": [1, 2]}, "gone": None}
    produced = {"a": 1, "b": {"c": [1, 3]}, "new": 0}
    assert differences(recorded, produced) == (
        ValueDifference(path=".b.c[1]", recorded=2, produced=3),
        ValueDifference(path=".gone", recorded=None, produced=ABSENT),
        ValueDifference(path=".new", recorded=ABSENT, produced=0),
    )


def test_many_differences_are_one() -> None:
    recorded, produced = list(range(20)), list(range(1, 21))
    assert differences(recorded, produced) == (
        ValueDifference(path="", recorded=recorded, produced=produced),
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (True, 1, False),
        (1, 1.0, True),
        (float("nan"), float("nan"), True),
        (0, False, False),
        ("1", 1, False),
    ],
)
def test_equality_is_that_of_json(one: object, other: object, same: bool) -> None:
    assert (not differences(one, other)) is same


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.exhaustive
@given(VALUES)
def test_a_value_never_differs_from_itself(value: Any) -> None:
    assert differences(value, json.loads(json.dumps(value))) == ()


@given(VALUES, VALUES)
def test_what_differs_is_found_and_both_sides_are_shown(one: Any, other: Any) -> None:
    found = differences(one, other)
    assert (
        bool(found) == (json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True)) or one == other
    )
    assert all(
        each.recorded != each.produced or type(each.recorded) is not type(each.produced) for each in found
    )
