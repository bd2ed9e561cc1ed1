"""What can be named like a fixture and is no file: how it is made, and how its error begins."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["NO_FILES"]


def _listen(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has 107 characters at most
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(here)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def _link_to_pipe(path: Path) -> None:
    os.mkfifo(path.parent / "pipe")
    path.symlink_to("pipe")


NO_FILES: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_pipe, "this is a named pipe, not a file. Take it out of the fixtures"),
    "socket": (_listen, "this is a socket, not a file. Take it out of the fixtures"),
    "device": (_link("/dev/zero"), "this is a device, not a file. Take it out of the fixtures"),
    "folder": (Path.mkdir, "this is a folder, not a file. Rename it"),
    "dangling": (_link("gone.json"), "this is a link to gone.json, and nothing is there. Put the file in"),
    "loop": (_link("x.json"), "this is a link that leads back to itself. Delete the link"),
    "outside": (_link("/etc/passwd"), "this is a link to /etc/passwd, outside of the project in "),
    "to a pipe": (_link_to_pipe, "this is a named pipe, not a file"),
}
"""Each is to be made as `x.json`."""
