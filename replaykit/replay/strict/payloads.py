"""Payloads as values that a person can read and compare.

The events of a History hold payloads as the worker's codec left them; the commands of a replay hold them
before it. So a recorded payload goes through the codec first, then both are read alike.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, SerializationContext

from replaykit.loops import run_in_own_loop
from replaykit.replay.recorder import has_codec

__all__ = ["CodecFailed", "Encoded", "Reader"]

_CODEC_DEADLINE_S = 60.0
"""For all payloads of one History."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")


class CodecFailed(Exception):
    """The worker's codec refused a payload of the History; its error is chained."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoded:
    """A recorded payload, and the context that its codec was given."""

    payload: Payload
    context: SerializationContext | None = None
    earlier_context: SerializationContext | None = None
    """The one that an earlier SDK gave, where that was another."""

    @property
    def key(self) -> tuple[bytes, SerializationContext | None]:
        """Its key in a dict: messages themselves cannot be hashed."""
        return self.payload.SerializeToString(deterministic=True), self.context


class Reader:
    """Reads payloads with a worker's data converter."""

    def __init__(self, converter: DataConverter) -> None:
        self._converter = converter
        self._decoded: dict[object, object] = {}
        """By `Encoded.key`: the Payload after the codec, or the value fetched from an external storage."""

    def decode(self, payloads: Iterable[Encoded]) -> None:
        """Run recorded payloads through the codec, all in one go; nothing to do where there is none.

        The codec is asynchronous and the caller may stand inside an event loop: it gets a thread of its own.

        Raises:
            CodecFailed: The codec raised, or does not answer.
        """
        if not has_codec(self._converter):
            return
        wanted = {encoded.key: encoded for encoded in payloads}
        failure: list[BaseException] = []

        def run() -> None:
            try:
                self._decoded.update(run_in_own_loop(self._decode_all(wanted)))
            except BaseException as error:
                failure.append(error)

        thread = threading.Thread(target=run, name="replaykit-codec", daemon=True)
        thread.start()
        thread.join(_CODEC_DEADLINE_S)
        if thread.is_alive():
            raise CodecFailed(f"no answer from the codec within {_CODEC_DEADLINE_S:g} s")
        if failure:
            raise CodecFailed(f"{type(failure[0]).__name__}: {failure[0]}") from failure[0]

    async def _decode_all(self, wanted: Mapping[Any, Encoded]) -> dict[Any, object]:
        return {key: await self._decode(encoded) for key, encoded in wanted.items()}

    async def _decode(self, encoded: Encoded) -> object:
        try:
            return await self._decode_in(encoded, encoded.context)
        except Exception:
            if encoded.earlier_context is None:
                raise
            return await self._decode_in(encoded, encoded.earlier_context)

    async def _decode_in(self, encoded: Encoded, context: SerializationContext | None) -> object:
        converter = self._for(context)
        if getattr(encoded.payload, "external_payloads", None):
            return _json_like((await converter.decode([encoded.payload]))[0])
        if converter.payload_codec is None:
            return encoded.payload
        copy = Payload()
        copy.CopyFrom(encoded.payload)
        return (await converter.payload_codec.decode([copy]))[0]

    def _for(self, context: SerializationContext | None) -> DataConverter:
        return self._converter if context is None else self._converter.with_context(context)

    def recorded(self, encoded: Encoded) -> object:
        """A payload of an event as a JSON-like value; `decode` has seen it before."""
        decoded = self._decoded.get(encoded.key, encoded.payload)
        return self.produced(decoded, encoded.context) if isinstance(decoded, Payload) else decoded

    def produced(self, payload: Payload, context: SerializationContext | None = None) -> object:
        """A payload of a command as a JSON-like value.

        One that does not decode is shown as `<N bytes of encoding X>`, followed by a digest of its bytes.
        """
        encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
        if encoding.startswith("json/"):
            try:
                return json.loads(payload.data)
            except ValueError:
                pass
        if encoding == "binary/plain":
            return _opaque(payload, encoding)
        try:
            return _json_like(self._for(context).payload_converter.from_payload(payload))
        except Exception:
            return _opaque(payload, encoding)


class _NotJson(Exception):
    """A value that has no readable form that is the same in every run."""


def _json_like(value: Any) -> object:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Message):
        return MessageToDict(value)
    if isinstance(value, Mapping):
        return {str(key): _json_like(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((_json_like(item) for item in value), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_json_like(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: _json_like(getattr(value, name)) for name in names}
    if callable(dump := getattr(value, "model_dump", None)):
        return dump(mode="json")
    text = repr(value)
    if _ADDRESS.search(text):
        raise _NotJson(text)
    return text


def _opaque(payload: Payload, encoding: str) -> str:
    digest = hashlib.sha256(payload.data).hexdigest()[:8]
    return f"<{len(payload.data)} bytes of encoding {encoding or 'unknown'}, sha256 {digest}...>"
