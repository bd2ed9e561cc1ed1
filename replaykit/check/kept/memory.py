"""What earlier checks of a project found, in a file of the user's cache folder.

It can be deleted at any time. A file that is damaged, of another format or of another user, or that others
may write, is taken for empty. Two processes can write it at once: each reads it again before it replaces it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
import platformdirs

from replaykit.check.kept.surroundings import Parts
from replaykit.code.needed import digest_of
from replaykit.code.needs import Needs
from replaykit.temporary import locked

__all__ = ["MEMORY_FORMAT", "Entry", "Memory", "memory_place", "today", "updated"]

MEMORY_FORMAT = 1
_MOST_VERDICTS = 20_000
"""Of one project; those that were used last are kept."""
_MOST_BYTES = 64_000_000
"""A larger file is not read."""
_MOST_FILES = 64
"""Projects; those that were written last are kept."""
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What is known of one fixture."""

    content: str
    """What stands for its bytes."""
    outcome: str
    worker: str
    """Name of the worker that judged it; empty where none did."""
    module: str
    """Dotted name of the module that defines its workflow; empty where that is not known."""
    running: str
    """What stands for the classes that were registered for its workflow type, and for any type."""
    parts: tuple[str, ...]
    """Digests of the Parts that its Verdict depends on."""
    verdict: Mapping[str, Any] | None
    """A consistent Verdict as data; any other one is not kept."""
    note: str
    """Why no Verdict is kept; empty where one is."""
    used: int
    """When it was of use, in days since 1970."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Everything in such a file."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By path of the fixture, from the project's folder."""
    parts: Mapping[str, Parts] = field(default_factory=dict)
    """By digest, what Verdicts depended on."""
    registered: Mapping[str, Any] = field(default_factory=dict)
    """Which workflows the workers run, as data."""
    needs: Mapping[str, Needs] = field(default_factory=dict)
    """What source files need, by digest and package."""

    @classmethod
    def read(cls, file: Path) -> Memory:
        """What is in a file; nothing where it is not there, or not to be used."""
        try:
            digest, _, body = _bytes_of(file).partition(b"\n")
            data = orjson.loads(body if digest == digest_of(body).encode() else b"null")
            if not isinstance(data, dict) or data.get("format") != MEMORY_FORMAT:
                return cls()
            entries = {
                name: Entry(**{**each, "parts": tuple(each["parts"])})
                for name, each in data["entries"].items()
            }
            needs = {
                key: Needs(**{name: _frozen(value) for name, value in each.items()})
                for key, each in data["needs"].items()
            }
            parts = {digest: dict(each) for digest, each in data["parts"].items()}
            return cls(entries=entries, parts=parts, registered=dict(data["registered"]), needs=needs)
        except (OSError, AttributeError, KeyError, TypeError, ValueError):
            return cls()

    def as_bytes(self) -> bytes:
        """It as it is written, no larger than it may be: a line that stands for all the rest, and JSON."""
        named = ((name, entry) for name, entry in self.entries.items() if _is_text(name))
        latest = sorted(named, key=lambda item: (-item[1].used, item[0]))[:_MOST_VERDICTS]
        used = {digest for _, entry in latest for digest in entry.parts}
        used.update(self.registered.get("parts", ()))
        body = orjson.dumps(
            {
                "format": MEMORY_FORMAT,
                "entries": {name: asdict(entry) for name, entry in sorted(latest)},
                "parts": {digest: self.parts[digest] for digest in sorted(used & self.parts.keys())},
                "registered": self.registered,
                "needs": {key: asdict(needs) for key, needs in sorted(self.needs.items())},
            }
        )
        return digest_of(body).encode() + b"\n" + body


def memory_place(root: Path, door: str) -> Path:
    """The file for a project: one for each folder, and for who has its Histories judged."""
    cache = platformdirs.user_cache_path("replaykit", appauthor=False)
    whose = f"{os.path.realpath(root)}\0{door}"
    return cache / "verdicts" / f"{digest_of(os.fsencode(whose))}.json"


def updated(file: Path, change: Callable[[Memory], Memory]) -> bool:
    """Replace what is in a file.

    Args:
        file: It; its folder is made.
        change: Given what is there now, what shall be.

    Returns:
        Whether it was written: a cache folder that cannot be written costs nothing but the next replay.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_ours(file.parent.stat(follow_symlinks=False)):
            return False
        with _alone(file):
            data = change(Memory.read(file)).as_bytes()
            if len(data) > _MOST_BYTES:
                data = Memory().as_bytes()
            _replace(file, data)
            _tidy(file)
    except (OSError, TypeError):  # of orjson: a name that is no text
        return False
    return True


def today() -> int:
    """In days since 1970."""
    return int(time.time() // 86_400)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _is_text(name: str) -> bool:
    return name.encode("utf-8", "replace").decode() == name


def _bytes_of(file: Path) -> bytes:
    """The content of a file that only we can have written.

    Raises:
        OSError: It is none, or larger than any of ours.
    """
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as opened:  # noqa: PTH123  # what was opened is what is looked at
        status = os.fstat(opened.fileno())
        folder = file.parent.stat(follow_symlinks=False)
        if not (_is_ours(status) and _is_ours(folder) and status.st_size <= _MOST_BYTES):
            raise PermissionError(f"{file} is not ours alone")
        return opened.read()


def _is_ours(status: os.stat_result) -> bool:
    if sys.platform == "win32":  # there the folder is in the user's profile, which others cannot write
        return True
    return status.st_uid == os.getuid() and not status.st_mode & _OTHERS_MAY_WRITE


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    lock = file.with_suffix(".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with open(descriptor, "r+b") as opened, locked(opened):  # noqa: PTH123
        yield


def _replace(file: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.stem}-", suffix=".new")  # mode 0600
    try:
        with open(descriptor, "wb") as opened:  # noqa: PTH123
            opened.write(data)
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _tidy(file: Path) -> None:
    """Forget the projects that were written longest ago, and what a process that was killed has left."""
    known = sorted(file.parent.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    old = time.time() - 3_600
    left = [each for each in file.parent.glob("*.new") if each.stat().st_mtime < old]
    for each in (*known[_MOST_FILES:], *left):
        with contextlib.suppress(OSError):
            each.unlink()
