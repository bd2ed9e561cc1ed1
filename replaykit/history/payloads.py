"""Payloads in JSON: as Temporal encodes them, as the Web UI decodes them, and beyond repair.

Protobuf's own JSON parser reads an entry that is no payload at all (`"payloads": [42]`) as an empty payload,
and skips characters that are not base64. Both turn a decoded export into a wrong History, so every
payload is checked before the parser sees it.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from typing import Any

from replaykit.history.faults import Fault

__all__ = ["encoded_payload", "is_base64"]

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_ENCODING_NAME = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
_FIELDS = frozenset({"metadata", "data", "externalPayloads", "external_payloads"})

CURE = (
    "Export it with encoded payloads: `temporal workflow show -w WORKFLOW_ID -o json`, the Web UI's "
    "download with payloads left encoded, or `replaykit capture WORKFLOW_ID`"
)


def is_base64(text: str) -> bool:
    """Whether the text is base64, standard or URL-safe, padded or not, without stray characters."""
    return _BASE64.fullmatch(text) is not None and len(text.rstrip("=")) % 4 != 1


def encoded_payload(value: object) -> tuple[dict[str, Any], bool]:
    """A payload in proto JSON, and whether it had to be encoded back.

    Reads the encoded form (base64 metadata and data) and the Web UI's "readable" form,
    `{"metadata": {"encoding": "json/plain"}, "data": <any JSON>}`, which is encoded back.

    Raises:
        Fault: It was decoded, and the original payload cannot be restored.
    """
    if not isinstance(value, dict) or not value.keys() <= _FIELDS:
        raise Fault(
            f"expected a payload with metadata and data, got {_shown(value)}: "
            "the payloads of this file were decoded to bare values, so their encoding is lost",
            cure=CURE,
        )
    metadata = value.get("metadata")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict) or not all(isinstance(item, str) for item in metadata.values()):
        raise Fault(f"expected metadata of a payload, got {_shown(metadata)}", cure=CURE)
    encoding = metadata.get("encoding")
    if encoding is not None and _is_decoded(encoding):
        return _encoded_back(value, metadata), True
    for key, item in metadata.items():
        if not is_base64(item):
            raise Fault(f"expected base64, got {_shown(item)}", cure=CURE).at(key).at("metadata")
    data = value.get("data")
    if data is not None and not (isinstance(data, str) and is_base64(data)):
        raise Fault(f"expected base64, got {_shown(data)}", cure=CURE).at("data")
    return value, False


@functools.lru_cache(maxsize=256)
def _is_decoded(encoding: str) -> bool:
    """Whether `metadata.encoding` is plain text (`json/plain`) and not base64 of it.

    `json/plain` happens to be legal base64 too, of bytes that are no text.
    """
    if _ENCODING_NAME.fullmatch(encoding) is None:
        return False
    try:
        return not base64.b64decode(encoding + "=" * (-len(encoding) % 4)).decode("ascii").isprintable()
    except (binascii.Error, UnicodeDecodeError):
        return True


def _encoded_back(value: dict[str, Any], metadata: dict[str, str]) -> dict[str, Any]:
    encoding = metadata["encoding"]
    encoded: dict[str, Any] = {"metadata": {key: _base64(item) for key, item in metadata.items()}}
    if encoding == "binary/null":
        if value.get("data") not in (None, ""):
            raise Fault(f"expected no data in a {encoding} payload, got {_shown(value['data'])}", cure=CURE)
        return encoded
    # The Web UI labels a binary protobuf that it decoded json/plain and leaves the message type in.
    from_protobuf = encoding == "json/plain" and "messageType" in metadata
    if not encoding.startswith("json/") or from_protobuf or "data" not in value:
        kind = "binary protobuf" if from_protobuf else encoding
        raise Fault(
            f"this {kind} payload was decoded, and its bytes cannot be restored from what is left", cure=CURE
        )
    # As the Python SDK's JSON converter writes it; the key order is the file's own.
    encoded["data"] = _base64(json.dumps(value["data"], separators=(",", ":")))
    external = value.get("externalPayloads")
    if external is not None:
        encoded["externalPayloads"] = external
    return encoded


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _shown(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict) and "payloads" not in value and len(value) > 3:
        return f"an object with {', '.join(map(repr, list(value)[:3]))} ..."
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
