"""The bytes of a history file: of a plain file alone, without waiting, and no more than the limits allow."""

from __future__ import annotations

import errno
import os
import shlex
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from replaykit.errors import UnreadableHistoryError
from replaykit.limits import Limits
from replaykit.paths import real

__all__ = ["bytes_of", "bytes_of_stdin", "ensure_fits"]

_AT_ONCE = 1 << 20
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_KINDS = (
    (stat.S_ISFIFO, "a named pipe, not a file"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
)
_PIPE_CURE = "Take it out of the fixtures, or give what it holds as standard input: replaykit replay -"
_PROJECT_MARKS = (".git", "pyproject.toml")


def bytes_of(path: Path, limits: Limits) -> bytes:
    """All bytes of a plain file.

    Raises:
        UnreadableHistoryError: There is no such file, it is something else, or it is too large.
    """
    where = str(path)
    try:
        # Opening a named pipe waits for its other end, and opening a device can do something to it.
        _ensure_plain(path.stat(), where)
        _ensure_inside_project(path)
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            found = os.fstat(file.fileno())
            _ensure_plain(found, where)  # it can have been replaced since
            ensure_fits(found.st_size, limits, where)
            return _read(file, limits, where)
    except OSError as error:
        raise _as_ours(path, error) from error
    except ValueError as error:  # a NUL in the path
        raise UnreadableHistoryError(f"no file can have this name: {error}", where=where) from error


def bytes_of_stdin(limits: Limits) -> bytes:
    """Standard input to its end.

    Raises:
        UnreadableHistoryError: It is closed, or holds too much.
    """
    if sys.stdin is None:
        raise UnreadableHistoryError("it is closed", where="standard input", cure="Name a file")
    return _read(sys.stdin.buffer, limits, "standard input")


def ensure_fits(size: int, limits: Limits, where: str, *, what: str = "the file has") -> None:
    """See that a number of bytes is one that is read.

    Raises:
        UnreadableHistoryError: It is too large; the message names the key that raises the limit.
    """
    if size > limits.most_bytes:
        raise UnreadableHistoryError(
            f"{what} more than {limits.megabytes} MB",
            where=where,
            cure="Raise `megabytes` in [tool.replaykit.limits] if it is a history all the same",
        )


def _read(file: BinaryIO, limits: Limits, where: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := file.read(_AT_ONCE):
        size += len(part)
        ensure_fits(size, limits, where)  # a file can grow while it is read
        parts.append(part)
    return b"".join(parts)


def _ensure_plain(found: os.stat_result, where: str) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        with os.scandir(where):  # raises what is wrong with a folder that cannot be listed
            pass
        raise UnreadableHistoryError(
            "this is a folder, not a file", where=where, cure="Rename it, or take it out of the fixtures"
        )
    kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "no plain file")
    raise UnreadableHistoryError(f"this is {kind}", where=where, cure=_PIPE_CURE)


def _ensure_inside_project(path: Path) -> None:
    """A link that a change adds can point at any file of the machine that judges it."""
    if not path.is_symlink():
        return
    target, project = real(path), _project_of(path)
    if not target.is_relative_to(project):
        raise UnreadableHistoryError(
            f"this is a link to {target}, outside of the project in {project}",
            where=str(path),
            cure="Put a copy of the file in the place of the link, or name that file itself",
        )


def _project_of(link: Path) -> Path:
    """The repository that a link lies in, else the project, else its folder."""
    folder = real(link.parent)
    for mark in _PROJECT_MARKS:
        for above in (folder, *folder.parents):
            if os.path.lexists(above / mark):
                return above
    return folder


def _as_ours(path: Path, error: OSError) -> UnreadableHistoryError:
    where = str(path)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        if path.is_symlink():
            return UnreadableHistoryError(
                f"this is a link to {path.readlink()}, and nothing is there",
                where=where,
                cure="Put the file in the place of the link, or delete the link",
            )
        return UnreadableHistoryError("there is no such file", where=where, cure="Check the path")
    if error.errno == errno.ELOOP:
        return UnreadableHistoryError(
            "this is a link that leads back to itself", where=where, cure="Delete the link"
        )
    readable = f"Make it readable: chmod -R u+rX {shlex.quote(where)}"
    cure = readable if isinstance(error, PermissionError) else None
    return UnreadableHistoryError(f"cannot be read: {error.strerror or error}", where=where, cure=cure)
