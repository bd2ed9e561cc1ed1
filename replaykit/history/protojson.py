"""One event from its JSON, in any dialect that Temporal's tools have written.

One walk over the JSON along the message descriptors makes what the messages are constructed of. It reports
*where* a value does not fit, translates old enum names (`WorkflowExecutionStarted`), encodes decoded payloads
back, and refuses what `google.protobuf.json_format` would drop or change silently. Any other event comes out
as `json_format` reads it, in a quarter of the time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history.faults import Fault, kind_of
from replaykit.history.payloads import CURE as PAYLOAD_CURE
from replaykit.history.payloads import encoded_payload
from replaykit.history.scalars import (
    INTEGER,
    read_bool,
    read_bytes,
    read_duration,
    read_float,
    read_integer,
    read_string,
    read_timestamp,
)

__all__ = ["EventReader"]

_Reader = Callable[["EventReader", Any], Any]
"""Takes a JSON value of one field and gives it back as its message is constructed of it, or raises Fault."""

_DEEPEST = 100
"""Messages in each other, as protobuf's own parsers have it, Core's among them."""
_UPGRADE = "Upgrade temporalio to a release that knows it"
_PAYLOAD = "temporal.api.common.v1.Payload"
_PAYLOADS = "temporal.api.common.v1.Payloads"


@dataclass(slots=True)
class EventReader:
    """Reads the events of one document and notes what it met on the way."""

    payloads_encoded_back: int = 0
    """How many payloads were decoded in the document and had to be encoded again."""
    lenient: bool = field(default=False, init=False)
    """Inside an event that workers may ignore: enum names that we do not know are left out."""
    depth: int = field(default=0, init=False)
    """How many messages the reading is in."""

    def event(self, value: object) -> HistoryEvent:
        """One event.

        Args:
            value: The event's JSON as parsed; left as it is.

        Raises:
            Fault: It is not an event, or not one that can be read without losing something.
        """
        if not isinstance(value, dict):
            raise Fault(f"expected an event, got {kind_of(value)}")
        self.depth = 0
        self.lenient = value.get("workerMayIgnore", value.get("worker_may_ignore")) is True
        for key in ("eventId", "event_id"):
            if key in value and value[key] is None:
                raise Fault("expected an integer, got null").at(key)
        try:
            return HistoryEvent(**_message_reader(HistoryEvent.DESCRIPTOR)(self, _unflattened(value)))
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Fault(f"not an event: {' '.join(str(error).split())}") from error


def _unflattened(event: dict[str, Any]) -> dict[str, Any]:
    """Give attributes that the Web UI flattened into `attributes` their own key again.

    The UI keeps the proper key beside its own in most exports; then there is nothing to do. In its own one a
    workflow or activity type is a bare string, which is turned back; a duration is words ("20 seconds"),
    which is not.
    """
    flat = event.get("attributes")
    if not isinstance(flat, dict) or any(_is_attributes_key(key) for key in event):
        return event
    key = flat.get("type")
    if not (isinstance(key, str) and _is_attributes_key(key)):
        raise (
            Fault("expected the kind of the event in `type`, got " + kind_of(key)).at("type").at("attributes")
        )
    attributes = {name: item for name, item in flat.items() if name != "type"}
    for name in ("workflowType", "activityType"):
        if isinstance(attributes.get(name), str):
            attributes[name] = {"name": attributes[name]}
    return {**event, key: attributes}


@functools.lru_cache(maxsize=512)
def _is_attributes_key(key: str) -> bool:
    return any(
        key in (item.json_name, item.name)
        for item in HistoryEvent.DESCRIPTOR.oneofs_by_name["attributes"].fields
    )


@functools.cache
def _message_reader(descriptor: Descriptor) -> _Reader:
    """A reader of one message type: an object whose known keys are each read by their own reader."""
    readers: dict[str, tuple[str, str, _Reader]] = {}

    def read(reader: EventReader, value: Any) -> Any:
        if not isinstance(value, dict):
            raise Fault(f"expected an object, got {kind_of(value)}")
        if not readers:
            readers.update(_field_readers(descriptor))
        reader.depth += 1
        if reader.depth > _DEEPEST:
            raise RecursionError(f"nested in more than {_DEEPEST} messages")
        plain: dict[str, Any] = {}
        chosen: set[str] | None = None
        for key, item in value.items():
            # null is how several tools write an unset field.
            if item is None or (known := readers.get(key)) is None:
                continue
            name, choice, read_field = known
            if name in plain:
                raise Fault(f"expected {name!r} once, got it in two spellings").at(key)
            if choice:
                if chosen is not None and choice in chosen:
                    raise Fault(f"expected one of {choice!r}, got several").at(key)
                chosen = {choice, *(chosen or ())}
            try:
                item = read_field(reader, item)
            except Fault as fault:
                raise fault.at(key)  # noqa: B904 - the same fault, on its way out
            if item is not None:
                plain[name] = item
        reader.depth -= 1
        return plain

    return read


def _field_readers(descriptor: Descriptor) -> dict[str, tuple[str, str, _Reader]]:
    """By key, the name of the field, the choice that it is one of, if any, and what reads it."""
    readers = {}
    for item in descriptor.fields:
        choice = item.containing_oneof.name if item.containing_oneof is not None else ""
        readers[item.name] = readers[item.json_name] = (item.name, choice, _field_reader(item))
    return readers


def _field_reader(item: FieldDescriptor) -> _Reader:
    message = item.message_type
    if message is not None and message.GetOptions().map_entry:
        value = message.fields_by_name["value"]
        made = GetMessageClass(value.message_type) if value.message_type is not None else None
        keep_null = value.message_type is not None and value.message_type.full_name == _PAYLOAD
        return _map_reader(_single_reader(value), made, keep_null=keep_null)
    single = _single_reader(item)
    return _list_reader(single) if _is_repeated(item) else single


def _is_repeated(item: FieldDescriptor) -> bool:
    # protobuf 6.31 brought the property and deprecated `label`.
    if hasattr(item, "is_repeated"):
        return bool(item.is_repeated)
    return bool(getattr(item, "label") == FieldDescriptor.LABEL_REPEATED)  # noqa: B009 - gone from the stubs


def _single_reader(item: FieldDescriptor) -> _Reader:
    if item.enum_type is not None:
        return _enum_reader(item.enum_type)
    if item.message_type is not None:
        name = item.message_type.full_name
        if name.startswith("google.protobuf."):
            made = GetMessageClass(item.message_type)
            return _WELL_KNOWN.get(name) or (lambda _, value: _read_anything(value, made))
        return _MESSAGES.get(name) or _message_reader(item.message_type)
    if item.type == FieldDescriptor.TYPE_BYTES:
        return read_bytes
    return _SCALARS[item.cpp_type]


def _map_reader(single: _Reader, made: type[Message] | None, *, keep_null: bool) -> _Reader:
    def read(reader: EventReader, value: Any) -> Any:
        if not isinstance(value, dict):
            raise Fault(f"expected an object, got {kind_of(value)}")
        plain = {}
        for key, item in value.items():
            if item is None and not keep_null:
                continue
            try:
                value_of = single(reader, item)
            except Fault as fault:
                raise fault.at(key)  # noqa: B904
            plain[key] = made(**value_of) if made is not None else value_of
        return plain

    return read


def _list_reader(single: _Reader) -> _Reader:
    def read(reader: EventReader, value: Any) -> Any:
        if not isinstance(value, list):
            raise Fault(f"expected a list, got {kind_of(value)}")
        plain = []
        for index, item in enumerate(value):
            try:
                plain.append(single(reader, item))
            except Fault as fault:
                raise fault.at(index)  # noqa: B904
        return [item for item in plain if item is not None]

    return read


def _enum_reader(descriptor: EnumDescriptor) -> _Reader:
    """Reads `EVENT_TYPE_TIMER_STARTED`, `TIMER_STARTED`, `TimerStarted` and 17 alike."""
    prefix = _folded(descriptor.values[0].name.removesuffix("UNSPECIFIED"))
    numbers: dict[str, int] = {}
    for value in descriptor.values:
        folded = _folded(value.name)
        numbers[value.name] = numbers[folded] = numbers[folded.removeprefix(prefix)] = value.number

    def read(reader: EventReader, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if not isinstance(value, str):
            raise Fault(f"expected the name of a {descriptor.name}, got {kind_of(value)}")
        known = numbers.get(value)
        if known is not None:
            return known
        if INTEGER.fullmatch(value):
            return int(value)
        number = numbers.get(_folded(value))
        if number is None and value.lstrip("-").isdigit():
            raise Fault(f"expected the number of a {descriptor.name}, got {kind_of(value)}")
        if number is None and not reader.lenient:
            known_by = f"temporalio {version('temporalio')}"
            raise Fault(f"{known_by} knows no {descriptor.name} {kind_of(value)}", cure=_UPGRADE)
        return number

    return read


def _folded(name: str) -> str:
    return name.replace("_", "").casefold()


def _read_payload(reader: EventReader, value: Any) -> Any:
    payload, encoded_back = encoded_payload(value)
    reader.payloads_encoded_back += encoded_back
    return _message_reader(Payload.DESCRIPTOR)(reader, payload)


def _read_payloads(reader: EventReader, value: Any) -> Any:
    if isinstance(value, list):
        raise Fault(
            "expected an object with a list of `payloads`, got the list alone: this is the CLI's shorthand, "
            "in which the encoding is lost",
            cure=PAYLOAD_CURE,
        )
    if isinstance(value, dict) and value.get("payloads") is None and value.keys() - {"payloads"}:
        raise Fault(
            f"expected a list of `payloads`, got an object with {', '.join(map(repr, list(value)[:3]))}",
            cure=PAYLOAD_CURE,
        )
    return _message_reader(Payloads.DESCRIPTOR)(reader, value)


def _read_anything(value: Any, made: type[Message]) -> Any:
    """A message of protobuf's own that is neither a time nor a duration: no event has any so far."""
    return ParseDict(value, made(), ignore_unknown_fields=True)


_WELL_KNOWN: dict[str, _Reader] = {
    "google.protobuf.Duration": read_duration,
    "google.protobuf.Timestamp": read_timestamp,
}
_MESSAGES: dict[str, _Reader] = {_PAYLOAD: _read_payload, _PAYLOADS: _read_payloads}
_SCALARS: dict[int, _Reader] = {
    FieldDescriptor.CPPTYPE_INT32: read_integer,
    FieldDescriptor.CPPTYPE_INT64: read_integer,
    FieldDescriptor.CPPTYPE_UINT32: read_integer,
    FieldDescriptor.CPPTYPE_UINT64: read_integer,
    FieldDescriptor.CPPTYPE_DOUBLE: read_float,
    FieldDescriptor.CPPTYPE_FLOAT: read_float,
    FieldDescriptor.CPPTYPE_BOOL: read_bool,
    FieldDescriptor.CPPTYPE_STRING: read_string,
}
