"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from replaykit.errors import ReplaykitError

__all__ = ["write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Write through a temporary file beside it, so that an interruption leaves the old file or the new one.

    Raises:
        ReplaykitError: The folder or the file cannot be written; nothing is left half-written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ReplaykitError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
