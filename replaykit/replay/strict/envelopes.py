"""The input of a system Nexus operation, such as `signal_with_start_workflow`: a message that holds payloads.

The SDK puts a whole request of the service into one payload and runs the codec over the payloads in it, not
over the envelope: https://docs.temporal.io/nexus, `temporalio.nexus.system` since 1.35.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Header, Memo, Payload, Payloads, SearchAttributes
from temporalio.converter import SerializationContext

from replaykit.replay.sdk.envelopes import opened
from replaykit.replay.strict.attribute import Attribute, headers
from replaykit.replay.strict.defaults import nanoseconds, time_span
from replaykit.replay.strict.run import Run

__all__ = ["enveloped", "nexus_context"]

_IN_EVERY_RUN_ANOTHER = frozenset({"request_id", "identity"})
"""Fields that are no choice of the code."""


def nexus_context(scheduled: Any, run: Run) -> SerializationContext | None:
    """The codec's context for what a Nexus operation is given.

    Args:
        scheduled: The attributes of its event.
        run: Of the history.
    """
    message = opened(scheduled.input)
    if message is not None:
        workflow_id = getattr(message, "workflow_id", "")
        return run.context_of_workflow(workflow_id) if workflow_id else None
    try:
        from temporalio.converter import NexusSerializationContext
    except ImportError:
        return None  # an older SDK gives the codec no context
    return NexusSerializationContext(
        endpoint=scheduled.endpoint, service=scheduled.service, operation=scheduled.operation
    )


def enveloped(
    field: str, recorded: Message, produced: Message, context: SerializationContext | None
) -> Iterator[Attribute]:
    """The fields of two messages of one type, as attributes of their own.

    Args:
        field: What the envelope is called.
        recorded: From the event, its payloads encoded.
        produced: From the command.
        context: The codec's, for every payload in them.
    """
    sides = [{item.name: value for item, value in side.ListFields()} for side in (recorded, produced)]
    for name in recorded.DESCRIPTOR.fields_by_name:
        before, now = (side.get(name) for side in sides)
        if name in _IN_EVERY_RUN_ANOTHER or (before is None and now is None):
            continue
        if name == "header":
            fields = [(side if side is not None else Header()).fields for side in (before, now)]
            yield from headers(field, fields[0], fields[1], context)
            continue
        descriptor = recorded.DESCRIPTOR.fields_by_name[name]
        yield Attribute(
            field=f"{field}.{name}",
            recorded=_value(before, descriptor),
            produced=_value(now, descriptor),
            context=context,
            is_coded=name != "search_attributes",
        )


def _value(value: Any, field: Any) -> Any:
    """A field as a JSON-like value, with the payloads in it; None for one that is not set."""
    if value is None:
        return None
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {key: _one(value[key], field.message_type.fields_by_name["value"]) for key in value}
    if isinstance(value, (Message, str, bytes, int, float)):
        return _one(value, field)
    return [_one(item, field) for item in value]


def _one(value: Any, field: Any) -> Any:
    if isinstance(value, Payload):
        return value
    if isinstance(value, Payloads):
        return list(value.payloads)
    if isinstance(value, (Memo, Header)):
        return dict(value.fields)
    if isinstance(value, SearchAttributes):
        return dict(value.indexed_fields)
    if isinstance(value, Duration):
        return time_span(nanoseconds(value))
    if isinstance(value, Timestamp):
        return value.ToJsonString()
    if isinstance(value, Message):
        return {item.name: _value(inner, item) for item, inner in value.ListFields()}
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known is not None else value
    return value
