"""A History to the bytes of its fixture: the same History gives the same bytes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import MessageToDict, SerializeToJsonError
from temporalio.api.history.v1 import HistoryEvent

from replaykit.errors import InvalidHistoryError
from replaykit.history.metadata import FORMAT_VERSION
from replaykit.history.model import History
from replaykit.history.shape import fingerprint

__all__ = ["dump_history"]


def dump_history(history: History) -> bytes:
    """The canonical fixture of a History: UTF-8 JSON, indented by 2, with one newline at the end.

    It stays a plain Temporal history: `WorkflowHistory.from_json` and every other reader of
    `{"events": [...]}` reads it. Keys come in the order of the protobuf definition, keys of maps sorted.

    Args:
        history: What to write.

    Returns:
        The bytes of the file. The same History gives the same bytes.

    Raises:
        InvalidHistoryError: An event holds a time that JSON cannot write.

    Example:
        data = dump_history(read_history("order-17.bin"))
        Path("order-17.json").write_bytes(data)
    """
    document = {
        "replaykit": {
            "formatVersion": FORMAT_VERSION,
            "workflowId": history.workflow_id,
            "runId": history.run_id,
            "workflowType": history.workflow_type,
            "namespace": history.namespace,
            "status": history.status,
            "taskQueue": history.task_queue,
            "capturedAt": _utc_seconds(history.captured_at),
            "source": history.source.value,
            "sdk": history.sdk,
            "buildId": history.build_id,
            "shape": fingerprint(history),
            "redacted": history.redacted,
            **({"requires": list(history.requires)} if history.requires else {}),
        },
        "events": [_event(event) for event in history.events],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _utc_seconds(time: datetime | None) -> str | None:
    if time is None:
        return None
    aware = time if time.tzinfo is not None else time.replace(tzinfo=timezone.utc)
    return f"{aware.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _event(event: HistoryEvent) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = MessageToDict(event)
    except (ValueError, OverflowError, SerializeToJsonError) as error:
        raise InvalidHistoryError(f"event {event.event_id} cannot be written as JSON: {error}") from error
    _sort_maps(HistoryEvent.DESCRIPTOR, plain)
    return plain


def _sort_maps(descriptor: Descriptor, plain: Any) -> None:
    """Protobuf maps iterate in an order that changes from process to process."""
    if not isinstance(plain, dict):
        return
    sorters = _sorters(descriptor)
    for key, value in plain.items():
        sorter = sorters.get(key)
        if sorter is not None:
            plain[key] = sorter(value)


@functools.cache
def _sorters(descriptor: Descriptor) -> dict[str, Callable[[Any], Any]]:
    """For the JSON name of each field that holds messages or a map: what puts its value in order."""
    sorters: dict[str, Callable[[Any], Any]] = {}
    for field in descriptor.fields:
        message = field.message_type
        if message is None or message.full_name.startswith("google.protobuf."):
            continue
        if message.GetOptions().map_entry:
            sorters[field.json_name] = functools.partial(
                _sorted_map, message.fields_by_name["value"].message_type
            )
        else:
            sorters[field.json_name] = functools.partial(_sorted_messages, message)
    return sorters


def _sorted_map(descriptor: Descriptor | None, value: dict[str, Any]) -> dict[str, Any]:
    if descriptor is not None:
        for item in value.values():
            _sort_maps(descriptor, item)
    return dict(sorted(value.items()))


def _sorted_messages(descriptor: Descriptor, value: Any) -> Any:
    for item in value if isinstance(value, list) else [value]:
        _sort_maps(descriptor, item)
    return value
