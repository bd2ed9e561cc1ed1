"""What one replay asked for and how it ended, as plain data: two processes are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload

from replaykit.history.durations import TimeSpan
from replaykit.replay.commands import Command
from replaykit.replay.replayed import Replayed
from replaykit.replay.strict.attribute import TRACING_HEADERS
from replaykit.replay.strict.payloads import Reader
from replaykit.verdict import SourceLine, Verdict

__all__ = ["replay_as_data"]

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_ENCODED = "encoded_attributes"


def replay_as_data(verdict: Verdict, replayed: Replayed | None, reader: Reader) -> dict[str, Any]:
    """One replay as JSON holds it.

    Args:
        verdict: What came of it.
        replayed: The replay; None where it did not come to its end.
        reader: Reads payloads with the worker's data converter.
    """
    failure = replayed.recording.failure if replayed is not None else None
    return {
        "outcome": verdict.outcome.value,
        "reason": verdict.reason.value if verdict.reason else None,
        "message": verdict.message,
        "failure": f"{failure.error_type}: {_without_addresses(failure.message)}" if failure else None,
        "source": _place(verdict.source),
        "commands": list(_commands(replayed, reader)) if replayed is not None else [],
    }


def _commands(replayed: Replayed, reader: Reader) -> Iterator[dict[str, Any]]:
    events = {id(command): event.event_id for event, command in replayed.alignment.pairs}
    for command in replayed.recording.commands:
        yield {
            "label": command.label,
            "kind": command.kind.name,
            "event_id": events.get(id(command)),
            "attributes": _attributes(command, reader),
            "source": _place(replayed.line(command.source)),
        }


def _place(source: SourceLine | None) -> list[Any] | None:
    return [source.file, source.line, source.function] if source is not None else None


def _attributes(command: Command, reader: Reader) -> dict[str, object]:
    message: Any = command.message
    values = dict(_fields(getattr(message, message.WhichOneof("variant")), reader))
    if message.HasField("user_metadata"):
        values["user_metadata"] = dict(_fields(message.user_metadata, reader))
    return values


def _fields(message: Message, reader: Reader) -> Iterator[tuple[str, object]]:
    is_failure = message.DESCRIPTOR.full_name == "temporal.api.failure.v1.Failure"
    for field, value in message.ListFields():
        if is_failure and field.name == "stack_trace":
            continue
        read = _value(value, reader)
        if is_failure and field.name == "message":
            read = _without_addresses(value)
        if is_failure and field.name == _ENCODED and isinstance(read, dict):
            read = {key: each for key, each in read.items() if key != "stack_trace"}
        if field.name in ("headers", "nexus_header") and isinstance(read, dict):
            read = {key: each for key, each in read.items() if key not in TRACING_HEADERS}
            if not read:
                continue  # nothing but tracing: as if there were none
        yield field.name, read


def _value(value: Any, reader: Reader) -> object:
    if isinstance(value, Payload):
        return reader.produced(value)
    if isinstance(value, Duration):
        return str(TimeSpan.of(value))
    if isinstance(value, Timestamp):
        return value.ToJsonString()
    if isinstance(value, Message):
        return dict(_fields(value, reader))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    if hasattr(value, "items"):
        return {str(key): _value(each, reader) for key, each in value.items()}
    return [_value(each, reader) for each in value]


def _without_addresses(text: str) -> str:
    """Failures often carry the `repr` of an object, which no comparison should see."""
    return _ADDRESS.sub("0x…", text)
