"""The single values of an event's JSON, as protobuf's messages are constructed of them."""

from __future__ import annotations

import binascii
import calendar
import functools
import re
from datetime import datetime
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from replaykit.history.faults import Fault, kind_of
from replaykit.history.payloads import is_base64

__all__ = [
    "INTEGER",
    "read_bool",
    "read_bytes",
    "read_duration",
    "read_float",
    "read_integer",
    "read_string",
    "read_timestamp",
]

_DURATION = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?s")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,20})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
INTEGER = re.compile(r"-?[0-9]{1,20}")  # 64 bits; Python converts no text of more than 4300 digits
_LONGEST_TIME = len("2026-01-01T00:00:00.123456789Z")
_STANDARD = str.maketrans("-_", "+/")
"""From the base64 that is safe in URLs."""


def read_integer(_: object, value: Any) -> Any:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not (
        isinstance(value, int)
        or (isinstance(value, str) and INTEGER.fullmatch(value))
        or (isinstance(value, float) and value.is_integer())
    ):
        raise Fault(f"expected an integer, got {kind_of(value)}")
    return int(value)


def read_float(_: object, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Fault(f"expected a number, got {kind_of(value)}")
    return float(value)


def read_bool(_: object, value: Any) -> Any:
    if not isinstance(value, bool):
        raise Fault(f"expected true or false, got {kind_of(value)}")
    return value


def read_string(_: object, value: Any) -> Any:
    if not isinstance(value, str):
        raise Fault(f"expected a string, got {kind_of(value)}")
    return value


def read_bytes(_: object, value: Any) -> Any:
    if not isinstance(value, str) or not is_base64(value):
        raise Fault(f"expected base64, got {kind_of(value)}")
    return binascii.a2b_base64(value.translate(_STANDARD) + "=" * (-len(value) % 4))


def read_duration(_: object, value: Any) -> Any:
    if not isinstance(value, str) or _DURATION.fullmatch(value) is None:
        raise Fault(f'expected a duration such as "30s", got {kind_of(value)}')
    if value[:-1].isdigit():
        return {"seconds": int(value[:-1])}
    duration = Duration()
    duration.FromJsonString(value)
    return duration


def read_timestamp(_: object, value: Any) -> Any:
    if not isinstance(value, str) or _TIMESTAMP.fullmatch(value) is None:
        raise Fault(f'expected a time such as "2026-01-01T00:00:00Z", got {kind_of(value)}')
    if value[-1] == "Z" and value[10] == "T" and len(value) <= _LONGEST_TIME:
        return {"seconds": _seconds_of(value[:19]), "nanos": int(value[20:-1].ljust(9, "0"))}
    timestamp = Timestamp()
    timestamp.FromJsonString(value)
    return timestamp


@functools.lru_cache(maxsize=4096)
def _seconds_of(text: str) -> int:
    """Since 1970, of a time such as `2026-01-01T00:00:00`."""
    return calendar.timegm(datetime.fromisoformat(text).timetuple())
