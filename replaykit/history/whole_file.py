"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from replaykit.errors import ReplaykitError
from replaykit.temporary import is_left, locked

__all__ = ["write_whole", "written_beside"]

_DIGITS = 8
_STARTING_S = 60.0


def write_whole(path: Path, data: bytes) -> None:
    """Write through a temporary file beside it, so that an interruption leaves the old file or the new one.

    Raises:
        ReplaykitError: The folder or the file cannot be written; nothing is left half-written.
    """
    with written_beside(path, data) as temporary:
        try:
            temporary.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error


@contextmanager
def written_beside(path: Path, data: bytes) -> Iterator[Path]:
    """A temporary file in the folder of a path, to be renamed to it; gone after the block where it was not.

    Args:
        path: Of the file that it is for. Its folder is made where there is none.
        data: What is in it, down to the disk.

    Raises:
        ReplaykitError: The folder or the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(_DIGITS // 2).hex()}.tmp")
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(path)
            with temporary.open("xb") as file, locked(file):
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unwritable(path, error) from error
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what writers of the same file left that were killed."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.{'?' * _DIGITS}.tmp"):
        if is_left(left, seconds=_STARTING_S):
            with contextlib.suppress(OSError):
                left.unlink()


def _unwritable(path: Path, error: OSError) -> ReplaykitError:
    return ReplaykitError(f"cannot be written: {error.strerror or error}", where=str(path))
