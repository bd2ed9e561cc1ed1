"""How a message lies in a pipe: a mark, its kind, its length, its bytes. Anything else is noticed as such."""

from __future__ import annotations

import struct
from typing import Protocol

__all__ = ["FAILED", "MESSAGE", "WHERE", "BadFrameError", "RawPipe", "read_frame", "write_frame"]

MESSAGE = b"M"
"""A pickle for the other side."""
FAILED = b"F"
"""From a child: what, where and cure of the error that ended it."""
WHERE = b"W"
"""To a child: at which line are you? And its answer."""

_HEAD = struct.Struct(">4scQ")
_MARK = b"\xf5rk\x01"
_LONGEST = 1 << 34
"""16 GiB: a History has 50 MB at most, so a longer one is no message of ours."""


class BadFrameError(Exception):
    """The bytes in the pipe are no frame: other code wrote to it."""


class RawPipe(Protocol):
    """One end of a pipe, without a buffer."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...

    def write(self, data: memoryview, /) -> int | None: ...


def write_frame(pipe: RawPipe, kind: bytes, data: bytes) -> None:
    """Write one frame.

    Raises:
        OSError: The other side is gone.
    """
    for part in (_HEAD.pack(_MARK, kind, len(data)), data):
        rest = memoryview(part)
        while rest:
            rest = rest[pipe.write(rest) or 0 :]


def read_frame(pipe: RawPipe) -> tuple[bytes, bytes] | None:
    """Read one frame: its kind and its bytes; None where the other side is gone.

    Raises:
        BadFrameError: There is something else in the pipe.
        OSError: The pipe broke.
    """
    head = _exactly(pipe, _HEAD.size)
    if head is None:
        return None
    mark, kind, length = _HEAD.unpack(head)
    if mark != _MARK or kind not in (MESSAGE, FAILED, WHERE) or length > _LONGEST:
        raise BadFrameError(bytes(head))
    data = _exactly(pipe, length)
    return None if data is None else (kind, bytes(data))


def _exactly(pipe: RawPipe, size: int) -> bytearray | None:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = pipe.readinto(rest)
        if not count:
            return None
        rest = rest[count:]
    return data
