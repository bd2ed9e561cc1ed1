"""The values of an attribute: their payloads, how they read, and what differs in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from temporalio.api.common.v1 import Payload

from replaykit.replay.replayed import Replayed
from replaykit.replay.strict.attribute import Attribute
from replaykit.replay.strict.differences import differences
from replaykit.replay.strict.failures import ENCODED
from replaykit.replay.strict.payloads import Encoded, Reader
from replaykit.replay.strict.run import Pair
from replaykit.replay.strict.severity import severity_of
from replaykit.verdict import Drift

__all__ = ["drifts_in", "encoded_in", "readable"]


def encoded_in(value: Any, attribute: Attribute) -> Iterator[Encoded]:
    """The payloads at any depth of an attribute's recorded value."""
    if isinstance(value, Payload):
        yield Encoded(payload=value, context=attribute.context, earlier_context=attribute.earlier_context)
    elif isinstance(value, dict):
        for item in value.values():
            yield from encoded_in(item, attribute)
    elif isinstance(value, list):
        for item in value:
            yield from encoded_in(item, attribute)


def drifts_in(
    pair: Pair,
    attribute: Attribute,
    reader: Reader,
    replayed: Replayed,
    leaves_out: Callable[[str], bool],
) -> Iterator[Drift]:
    """What differs in one attribute of a matched pair.

    Args:
        pair: The event and the command.
        attribute: On both sides.
        reader: Has decoded what `encoded_in` finds on the recorded side.
        replayed: The replay.
        leaves_out: Whether a field is not to be compared.
    """
    event, command = pair
    recorded = readable(attribute.recorded, attribute, reader, is_recorded=attribute.is_coded)
    produced = readable(attribute.produced, attribute, reader, is_recorded=False)
    for difference in differences(recorded, produced, lambda path: leaves_out(f"{attribute.field}{path}")):
        field = f"{attribute.field}{difference.path}"
        yield Drift(
            event_id=event.event_id,
            field=field,
            recorded=difference.recorded,
            produced=difference.produced,
            severity=severity_of(field),
            source=replayed.line(command.source),
        )


def readable(value: Any, attribute: Attribute, reader: Reader, *, is_recorded: bool) -> object:
    """A value with its payloads decoded; the recorded side's have been through the codec."""
    if isinstance(value, Payload):
        if is_recorded:
            return reader.recorded(Encoded(payload=value, context=attribute.context))
        return reader.produced(value, attribute.context)
    if isinstance(value, dict):
        read = {
            key: readable(item, attribute, reader, is_recorded=is_recorded) for key, item in value.items()
        }
        return _unhidden(read) if ENCODED in read else read
    if isinstance(value, list):
        return [readable(item, attribute, reader, is_recorded=is_recorded) for item in value]
    return value


def _unhidden(failure: dict[str, object]) -> dict[str, object]:
    """A failure with the message that its converter moved into a payload, without the stack trace there."""
    hidden = failure.pop(ENCODED)
    return {**failure, "message": hidden.get("message") if isinstance(hidden, dict) else hidden}
