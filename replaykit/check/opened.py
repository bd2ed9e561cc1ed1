"""Which files the code of this process opens, whoever opens them for it: Python says so itself."""

from __future__ import annotations

import os
import sys
from typing import Any

from replaykit.code.reached import users_files
from replaykit.whose_code import is_users_path

__all__ = ["note_openings", "used_files"]

_OUTSIDE = {
    "os.exec": "runs a program",
    "os.fork": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.spawn": "starts a process",
    "os.system": "starts a process",
    "socket.connect": "opens a connection",
    "sqlite3.connect": "opens a database",
    "subprocess.Popen": "starts a process",
}
"""By the name of an event, what leads out of what can be looked at afterwards."""
_LOOPBACK = ("127.0.0.1", "::1")  # where there are no socket pairs, an event loop connects to itself
_opened: dict[str, None] = {}
_is_noting = False


def note_openings() -> None:
    """Begin to note what is opened, for the rest of this process."""
    global _is_noting
    if not _is_noting:
        _is_noting = True
        sys.addaudithook(_hear)


def used_files() -> tuple[str, ...]:
    """The files of the user's modules, in their order; then those that were opened, or looked for in vain.

    What cannot be known by a file is among them as `<...>`, in words that go on from the code.
    """
    opened = (name for name in tuple(_opened) if name.startswith("<") or _is_theirs(name))
    return tuple(dict.fromkeys((*users_files(), *opened)))


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path = arguments[0]
        if isinstance(path, (str, bytes)):
            _opened[os.path.abspath(os.fsdecode(path))] = None  # noqa: PTH100
    elif event in _OUTSIDE:
        address = arguments[1] if event == "socket.connect" else None
        if not (isinstance(address, tuple) and address[0] in _LOOPBACK):
            _opened[f"<{_OUTSIDE[event]}>"] = None


def _is_theirs(name: str) -> bool:
    return name != os.devnull and "__pycache__" not in name and is_users_path(name)
