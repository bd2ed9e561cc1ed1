"""Which payload encodings a History holds, and which of them its worker cannot read."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

from replaykit.history import History

__all__ = ["foreign_encodings"]


def foreign_encodings(history: History, data_converter: DataConverter) -> tuple[str, ...]:
    """Encodings (`binary/encrypted`) of the History that only a codec or converter not configured can read.

    A worker with a codec is taken to know its own encodings: only decoding would show. A payload converter
    that refuses unknown encodings with another error than the SDK's own is taken to know them.

    Args:
        history: Any.
        data_converter: The worker's, with what its plugins made of it.
    """
    if data_converter.payload_codec is not None:
        return ()
    found = {bytes(payload.metadata["encoding"]) for payload in _payloads(history)}
    return tuple(sorted(_text(encoding) for encoding in found if not _is_known(encoding, data_converter)))


def _is_known(encoding: bytes, data_converter: DataConverter) -> bool:
    probe = Payload(metadata={"encoding": encoding})
    try:
        data_converter.payload_converter.from_payloads([probe])
    except KeyError as error:
        return "Unknown payload encoding" not in str(error)
    except (Exception, SystemExit, GeneratorExit):
        return True  # it knows the encoding, and misses the data
    return True


def _payloads(history: History) -> Iterator[Payload]:
    for event in history.events:
        attributes = event.WhichOneof("attributes")
        if attributes is not None:
            yield from _inside(getattr(event, attributes))


def _inside(message: Message) -> Iterator[Payload]:
    """Every payload that names its encoding."""
    if isinstance(message, Payload):
        if "encoding" in message.metadata:
            yield message
        return
    for name in _fields_with_payloads(message.DESCRIPTOR):
        value: Any = getattr(message, name)
        if not isinstance(value, Message):
            for item in value.values() if hasattr(value, "values") else value:
                yield from _inside(item)
        elif message.HasField(name):
            yield from _inside(value)


@functools.cache
def _fields_with_payloads(descriptor: Any) -> tuple[str, ...]:
    """Names of the fields in which a payload can lie, at any depth.

    Most events have none, and a History has thousands of events.
    """
    return tuple(
        field.name
        for field in descriptor.fields
        if field.message_type is not None and _reaches_payload(field.message_type, frozenset())
    )


def _reaches_payload(descriptor: Any, above: frozenset[str]) -> bool:
    if descriptor.full_name == Payload.DESCRIPTOR.full_name:
        return True
    if descriptor.full_name in above:
        return False
    inside = above | {descriptor.full_name}
    return any(
        field.message_type is not None and _reaches_payload(field.message_type, inside)
        for field in descriptor.fields
    )


def _text(encoding: bytes) -> str:
    return encoding.decode("ascii", "backslashreplace")
