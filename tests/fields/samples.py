"""Messages with a value in every field, and the same with another value in one of them."""

from __future__ import annotations

from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload

from tests.fields.walking import inner

__all__ = ["filled", "with_value"]

_DEPTH = 3
Path = tuple[str, ...]


def filled(message_class: Any, path: Path = (), depth: int = _DEPTH) -> Any:
    """A message with the first sample value in every field.

    Args:
        message_class: Its class.
        path: A field that is to be set: of several that exclude each other it is the one.
        depth: To which messages inside it are filled.
    """
    message = message_class()
    for field in message_class.DESCRIPTOR.fields:
        on_path = path[:1] == (field.name,)
        if field.containing_oneof is None or on_path or not _excludes(field, path):
            rest = path[1:] if on_path else ()
            _set(message, field, first=True, path=rest, depth=max(depth, 1) if on_path else depth)
    return message


def _excludes(field: Any, path: Path) -> bool:
    """Whether another field of the same choice is on the path, or comes first in it."""
    choices = [choice.name for choice in field.containing_oneof.fields]
    wanted = path[0] if path and path[0] in choices else choices[0]
    return bool(field.name != wanted)


def with_value(message: Any, path: Path) -> Any:
    """A copy with the second sample value at the end of the path."""
    copy = type(message)()
    copy.CopyFrom(message)
    holder = copy
    for name in path[:-1]:
        value = getattr(holder, name)
        holder = value if isinstance(value, Message) else value["a"] if hasattr(value, "keys") else value[0]
    _set(holder, holder.DESCRIPTOR.fields_by_name[path[-1]], first=False, path=(), depth=_DEPTH)
    return copy


def _set(message: Any, field: Any, *, first: bool, path: Path, depth: int) -> None:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        values = getattr(message, field.name)
        value_field = entry.fields_by_name["value"]
        if value_field.message_type is None:
            values["a"] = _scalar(value_field, first)
        else:
            values["a"].CopyFrom(_message(value_field, first, path, depth))
    elif is_repeated(field):
        values = getattr(message, field.name)
        del values[:]
        values.append(_message(field, first, path, depth) if entry is not None else _scalar(field, first))
    elif entry is None:
        setattr(message, field.name, _scalar(field, first))
    elif depth > 0 or inner(field) is None:
        getattr(message, field.name).SetInParent()
        getattr(message, field.name).CopyFrom(_message(field, first, path, depth))


def is_repeated(field: Any) -> bool:
    """Whether a field holds a list; protobuf 6 asks for it by another name than the releases before it."""
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED)


def _message(field: Any, first: bool, path: Path, depth: int) -> Any:
    name = field.message_type.full_name
    if name == Duration.DESCRIPTOR.full_name:
        return Duration(seconds=100 if first else 50)
    if name == Timestamp.DESCRIPTOR.full_name:
        return Timestamp(seconds=100 if first else 50)
    if name == Payload.DESCRIPTOR.full_name:
        return Payload(metadata={"encoding": b"json/plain"}, data=b'"a"' if first else b'"b"')
    made = field.message_type._concrete_class
    message = filled(made, path, depth - 1)
    return message if first or not message.ListFields() else made()


def _scalar(field: Any, first: bool) -> Any:
    if field.enum_type is not None:
        numbers = [value.number for value in field.enum_type.values]
        return numbers[1 if first else 2] if len(numbers) > 2 else numbers[1 if first else 0]
    if field.cpp_type == field.CPPTYPE_BOOL:
        return not first
    if field.cpp_type == field.CPPTYPE_STRING:
        text = "a" if first else "b"
        return text.encode() if field.type == field.TYPE_BYTES else text
    return 1 if first else 2
