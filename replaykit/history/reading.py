"""Bytes to a History, whichever of Temporal's tools wrote them.

Reads replaykit's own fixtures, the CLI's `workflow show -o json` and `-o jsonl`, `WorkflowHistory.to_json`,
the Web UI's downloads, a bare list of events, and the binary protobuf, each of them also gzipped.
"""

from __future__ import annotations

import codecs
import dataclasses
import gzip
import io
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from google.protobuf.message import DecodeError
from temporalio.api.history.v1 import History as HistoryMessage
from temporalio.api.history.v1 import HistoryEvent

from replaykit.errors import UnreadableHistoryError
from replaykit.history.faults import Fault, kind_of
from replaykit.history.files import bytes_of, bytes_of_stdin, ensure_fits
from replaykit.history.metadata import metadata_of
from replaykit.history.model import History
from replaykit.history.protojson import EventReader
from replaykit.limits import DEFAULT_LIMITS, Limits

__all__ = ["parse_history", "read_history"]

_Load = Callable[[bytes], Any]

_EXPORT = (
    "Export it again: `temporal workflow show -w WORKFLOW_ID -o json`, or `replaykit capture WORKFLOW_ID`"
)
_AT_ONCE = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_PROTOBUF_EVENT = b"\n"
"""The tag of `History.events`, with which every History in binary protobuf begins."""


def read_history(path: str | Path, *, limits: Limits = DEFAULT_LIMITS) -> History:
    """Read a history file, in any form that a Temporal tool writes.

    Args:
        path: The file, gzipped or not; `-` is standard input.
        limits: How large it may be.

    Returns:
        The History. Its events are as they are in the file and may be damaged: a check then reports
        `invalid_history`.

    Raises:
        UnreadableHistoryError: There is no such file, or it is not an event history in a form that is read.

    Example:
        history = read_history("histories/OrderWorkflow/order-17--6279184bd1cf.json")
        print(history.workflow_type, len(history.events))
    """
    if str(path) == "-":
        return parse_history(bytes_of_stdin(limits), where="standard input", limits=limits)
    path = Path(path)
    data = bytes_of(path, limits)
    return dataclasses.replace(parse_history(data, where=str(path), limits=limits), path=path)


def parse_history(data: bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> History:
    """Read a history from the bytes of a file.

    Args:
        data: The whole file, gzipped or not.
        where: What messages call it: its path, or "standard input".
        limits: How large it may be.

    Raises:
        UnreadableHistoryError: It is not an event history in a form that is read.
    """
    data = _plain(data, where, limits)
    if not data.strip():
        raise UnreadableHistoryError("the file is empty", where=where, cure=_EXPORT)
    try:
        history = _parsed(data)
        _ensure_limits(history, limits, size=len(data))
    except Fault as fault:
        raise fault.as_error(where=where, cure=_EXPORT) from fault
    except RecursionError as error:
        raise UnreadableHistoryError(
            "its objects and lists are nested deeper than those of any event", where=where, cure=_EXPORT
        ) from error
    return history


def history_of_events(events: Sequence[HistoryEvent], *, workflow_id: str | None = None) -> History:
    """A History of events that are in memory already.

    Args:
        events: All of them, in order.
        workflow_id: Where the first event does not have it.
    """
    known = metadata_of({}, events)
    return History(events=tuple(events), **{**known, "workflow_id": known.get("workflow_id") or workflow_id})


def _parsed(data: bytes) -> History:
    looks_like_json = data.lstrip()[:1] in (b"{", b"[")
    if not looks_like_json or data.startswith(_PROTOBUF_EVENT):
        message = _from_protobuf(data)
        if message is not None:
            return History(events=tuple(message.events), **metadata_of({}, message.events))
    if not looks_like_json and (scalar := _scalar(data)) is not None:
        raise Fault(f"JSON, but not an event history: it is {scalar}")
    if not looks_like_json:
        raise Fault("neither JSON nor a protobuf History: it begins with " + _beginning(data))
    reader = EventReader()
    history = _from_json(data, orjson.loads, reader)
    if reader.payloads_encoded_back:
        # orjson turns integers beyond 64 bits into floats; what is encoded back must keep every digit.
        history = _from_json(data, json.loads, EventReader())
    return history


def _scalar(data: bytes) -> str | None:
    """A JSON value that is neither an object nor a list, in words; None for what is no JSON."""
    try:
        return kind_of(orjson.loads(data))
    except ValueError:
        return None


def _ensure_limits(history: History, limits: Limits, *, size: int) -> None:
    """Refuse what no service records; `size` is that of the whole file.

    Raises:
        Fault: The history has too many events, or too large a one; it names the key that raises the limit.
    """
    count = len(history.events)
    if count > limits.events:
        raise Fault(
            f"{count:,} events: at most {limits.events:,} are read",
            cure="Raise `events` in [tool.replaykit.limits] if it is a history all the same",
        ).at("events")
    large = size > limits.most_bytes_of_event
    for index, event in enumerate(history.events if large else ()):
        if event.ByteSize() > limits.most_bytes_of_event:
            raise (
                Fault(
                    f"one event with more than {limits.event_megabytes} MB of payloads",
                    cure="Raise `event_megabytes` in [tool.replaykit.limits] if it was recorded like this",
                )
                .at(index)
                .at("events")
            )


def _plain(data: bytes, where: str, limits: Limits) -> bytes:
    """The bytes without gzip and without the byte order marks of Windows."""
    if data.startswith(_GZIP_MAGIC):
        data = _unpacked(data, where, limits)
    ensure_fits(len(data), limits, where)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # PowerShell's `>` writes UTF-16.
        try:
            return data.decode("utf-16").encode()
        except UnicodeError as error:
            raise UnreadableHistoryError(
                f"damaged UTF-16 text: {error}", where=where, cure=_EXPORT
            ) from error
    return data.removeprefix(codecs.BOM_UTF8)


def _unpacked(data: bytes, where: str, limits: Limits) -> bytes:
    """What gzip data holds, which can be a thousand times its own size."""
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            while part := packed.read(_AT_ONCE):
                size += len(part)
                ensure_fits(size, limits, where, what="unpacked, the file has")
                parts.append(part)
    except EOFError as error:
        raise UnreadableHistoryError("the gzip data ends in the middle", where=where, cure=_EXPORT) from error
    except (OSError, zlib.error) as error:
        raise UnreadableHistoryError(
            f"the gzip data is damaged: {error}", where=where, cure=_EXPORT
        ) from error
    return b"".join(parts)


def _from_protobuf(data: bytes) -> HistoryMessage | None:
    """The binary History, or None where the bytes are something else."""
    message = HistoryMessage()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    # Other protobufs, and text by bad luck, parse into events without an id.
    if message.events and all(event.event_id > 0 for event in message.events):
        return message
    return None


def _from_json(data: bytes, load: _Load, reader: EventReader) -> History:
    try:
        document = load(data)
    except ValueError as error:
        lines = _json_lines(data, load)
        if lines is None:
            raise Fault(_json_trouble(data, error)) from error
        return _from_lines(lines, load, reader)
    return _from_document(document, reader)


def _json_lines(data: bytes, load: _Load) -> list[tuple[int, bytes]] | None:
    """The non-empty lines with their numbers, where each line is a document of its own; else None."""
    lines = [(number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
    if len(lines) < 2:
        return None
    try:
        first = load(lines[0][1])
    except ValueError:
        return None
    return lines if isinstance(first, dict) else None


def _from_lines(lines: list[tuple[int, bytes]], load: _Load, reader: EventReader) -> History:
    """A history with an event per line, as `temporal workflow show -o jsonl` wrote until CLI 1.9."""
    events = []
    for number, line in lines:
        try:
            try:
                document = load(line)
            except ValueError as error:
                raise Fault(_json_trouble(line, error)) from error
            if isinstance(document, dict) and ("events" in document or "history" in document):
                raise Fault(
                    "another whole history: a file holds one", cure="Split the file, one history per file"
                )
            events.append(reader.event(document))
        except Fault as fault:
            fault.line = number
            raise
    return History(events=tuple(events), **metadata_of({}, events))


def _json_trouble(data: bytes, error: ValueError) -> str:
    reason = str(error)
    try:
        data.decode()
    except UnicodeDecodeError as undecodable:
        return f"not UTF-8 text: byte {undecodable.start} is {data[undecodable.start]:#04x}"
    if isinstance(error, json.JSONDecodeError) and error.pos >= len(data.decode().rstrip()):
        return f"the JSON ends in the middle (line {error.lineno}): the file was cut off"
    return f"not JSON: {reason}"


def _from_document(document: object, reader: EventReader) -> History:
    wrapper: Mapping[str, Any] = {}
    if isinstance(document, dict):
        wrapper = document
        if "formatVersion" in _dict(document.get("replaykit")):
            # A format of the future may keep its events elsewhere: refuse the version, not its shape.
            metadata_of(document, ())
    steps, items = _events_of(document)
    try:
        events = _read_events(items, reader)
    except Fault as fault:
        for step in reversed(steps):
            fault.at(step)
        raise
    return History(events=tuple(events), **metadata_of(wrapper, events))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _events_of(document: object) -> tuple[list[str | int], list[Any]]:
    """The path to the list of events in a document, and that list."""
    if isinstance(document, list):
        if document and all(isinstance(_dict(item).get("events"), list) for item in document):
            if len(document) > 1:
                raise Fault(
                    f"a list of {len(document)} histories: a file holds one",
                    cure="Split the file, one history per file",
                )
            steps, items = _events_of(document[0])
            return [0, *steps], items
        return [], document
    if not isinstance(document, dict):
        raise Fault(f"expected a history, got {kind_of(document)}")
    if document.get("nextPageToken"):
        raise Fault("only the first page of a history, cut where the next begins").at("nextPageToken")
    for key in ("events", "history"):
        value = document.get(key)
        if isinstance(value, list):
            return [key], value
        if isinstance(value, dict) and key == "history":
            steps, items = _events_of(value)
            return [key, *steps], items
        if key in document and not (key == "events" and "history" in document):
            raise Fault(f"expected a list of events, got {kind_of(value)}").at(key)
    if "eventId" in document and "eventType" in document:
        return [], [document]
    keys = ", ".join(map(repr, list(document)[:4])) or "nothing"
    raise Fault(f"JSON, but not an event history: it has no `events`, but {keys}")


def _read_events(items: list[Any], reader: EventReader) -> list[HistoryEvent]:
    events = []
    for index, item in enumerate(items):
        try:
            if not (
                isinstance(item, dict) and ("eventId" in item or "event_id" in item or "eventType" in item)
            ):
                raise Fault(f"expected an event, got {_shown(item)}")
            events.append(reader.event(item))
        except Fault as fault:
            raise (_older_than_temporal(items) or fault).at(index) from fault
    return events


def _shown(item: object) -> str:
    if isinstance(item, dict):
        return "an object with " + (", ".join(map(repr, list(item)[:4])) or "nothing")
    return kind_of(item)


def _older_than_temporal(items: list[Any]) -> Fault | None:
    """Cadence's events, and those of Temporal before 1.0, are another format under like names."""
    for item in items:
        kind = item.get("eventType") if isinstance(item, dict) else None
        if isinstance(kind, str) and kind.startswith("DecisionTask"):
            return Fault(
                f"events such as {kind} were recorded by Cadence or by a Temporal before 1.0, "
                "whose format no Temporal SDK replays",
                cure="Capture a run of a Temporal service: `replaykit capture WORKFLOW_ID`",
            )
    return None


def _beginning(data: bytes) -> str:
    return repr(data[:20])[1:] + ("..." if len(data) > 20 else "")
