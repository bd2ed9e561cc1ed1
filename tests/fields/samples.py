"""Messages with a value in every field, and the same with another value in one of them."""

from __future__ import annotations

import functools
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload

from tests.fields.walking import inner

__all__ = ["filled", "with_value"]

_DEPTH = 3
Path = tuple[str, ...]


def filled(message_class: Any, *paths: Path, depth: int = _DEPTH) -> Any:
    """A message with the first sample value in every field.

    Args:
        message_class: Its class.
        *paths: Fields that are to be set: of several that exclude each other they are the ones.
        depth: To which messages inside it are filled.
    """
    message = message_class()
    for field in message_class.DESCRIPTOR.fields:
        rest = [path[1:] for path in paths if path[:1] == (field.name,)]
        if rest or not _is_excluded(field, paths):
            _set(message, field, first=True, paths=rest, depth=max(depth, 2) if rest else depth)
    return message


def _is_excluded(field: Any, paths: tuple[Path, ...]) -> bool:
    """Whether another field of the same choice is on a path, or comes first in it."""
    choice = field.containing_oneof
    if choice is None:
        return False
    choices = _choices(choice)
    wanted = [path[0] for path in paths if path and path[0] in choices]
    return bool(field.name != (wanted or choices)[0])


@functools.cache
def _choices(choice: Any) -> tuple[str, ...]:
    return tuple(field.name for field in choice.fields)


def with_value(message: Any, path: Path) -> Any:
    """A copy with the second sample value at the end of the path."""
    copy = type(message)()
    copy.CopyFrom(message)
    holder = copy
    for name in path[:-1]:
        value = getattr(holder, name)
        holder = value if isinstance(value, Message) else value["a"] if hasattr(value, "keys") else value[0]
    _set(holder, holder.DESCRIPTOR.fields_by_name[path[-1]], first=False, paths=[], depth=_DEPTH)
    return copy


def _set(message: Any, field: Any, *, first: bool, paths: list[Path], depth: int) -> None:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        values = getattr(message, field.name)
        value_field = entry.fields_by_name["value"]
        if value_field.message_type is None:
            values["a"] = _scalar(value_field, first)
        else:
            values["a"].CopyFrom(_message(value_field, first, paths, depth))
    elif is_repeated(field):
        values = getattr(message, field.name)
        del values[:]
        values.append(_message(field, first, paths, depth) if entry is not None else _scalar(field, first))
    elif entry is None:
        setattr(message, field.name, _scalar(field, first))
    elif depth > 0 or inner(field) is None:
        getattr(message, field.name).SetInParent()
        getattr(message, field.name).CopyFrom(_message(field, first, paths, depth))


def is_repeated(field: Any) -> bool:
    """Whether a field holds a list; protobuf 6 asks for it by another name than the releases before it."""
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED)


def _message(field: Any, first: bool, paths: list[Path], depth: int) -> Any:
    name = field.message_type.full_name
    if name == Duration.DESCRIPTOR.full_name:
        return Duration(seconds=100 if first else 50)
    if name == Timestamp.DESCRIPTOR.full_name:
        return Timestamp(seconds=100 if first else 50)
    if name == Payload.DESCRIPTOR.full_name:
        return Payload(metadata={"encoding": b"json/plain"}, data=b'"a"' if first else b'"b"')
    made = field.message_type._concrete_class
    message = filled(made, *paths, depth=depth - 1) if paths else _filled_once(made, depth - 1)
    return message if first or not message.ListFields() else made()


@functools.cache
def _filled_once(message_class: Any, depth: int) -> Any:
    """To be copied, never changed: most of what a message holds is the same in each."""
    return filled(message_class, depth=depth)


def _scalar(field: Any, first: bool) -> Any:
    if field.enum_type is not None:
        numbers = [value.number for value in field.enum_type.values]
        return numbers[1 if first else 2] if len(numbers) > 2 else numbers[1 if first else 0]
    if field.cpp_type == field.CPPTYPE_BOOL:
        return first
    if field.cpp_type == field.CPPTYPE_STRING:
        text = "a" if first else "b"
        return text.encode() if field.type == field.TYPE_BYTES else text
    return 1 if first else 2
