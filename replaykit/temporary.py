"""Folders that are there for a while: named as ours, locked by their owner, and removed with it.

A process that is killed outright removes nothing. The lock on its folders goes with it though, whatever
process has its number by then: so the next start of replaykit knows them, and removes them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

if sys.platform != "win32":
    import fcntl

__all__ = ["is_left", "locked", "removed_leftovers", "temporary_folder"]

_PREFIX = "replaykit-"
_OWNER = ".replaykit-owner"
_INSIDE = "in"
_STARTING = f"{_OWNER}-starting"
_STARTING_S = 3600.0
"""After so long an owner that has not taken its lock was killed before it could."""


@contextmanager
def temporary_folder(purpose: str, *, note: str = "") -> Iterator[Path]:
    """A new and empty folder, which is gone after the block.

    Args:
        purpose: A word for its name.
        note: What `removed_leftovers` answers with, where this process cannot remove it any more.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-")).resolve()
    try:
        with _owned(folder, note):
            inside = folder / _INSIDE
            inside.mkdir()
            yield inside
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def removed_leftovers() -> list[str]:
    """Remove the temporary folders of processes that are gone.

    Never one of a process that runs, of another user, or one that is no folder of ours.

    Returns:
        The notes of those that had one.
    """
    if sys.platform == "win32":
        return []  # there a folder with an open file in it cannot be removed, and locks are others
    notes = []
    for entry in _ours(Path(tempfile.gettempdir())):
        folder = Path(entry.path)
        note = _note_of_gone(folder, entry)
        if note is None:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        if note:
            notes.append(note)
    return notes


@contextmanager
def locked(file: IO[Any]) -> Iterator[None]:
    """Hold the lock of an open file, which says that its owner is there; it goes with this process."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX)
    yield


def is_left(path: Path, *, seconds: float) -> bool:
    """Whether nobody holds the lock of a file: its owner is gone.

    Args:
        path: The file.
        seconds: A file that was changed later than so long ago may belong to an owner about to lock it.
    """
    if sys.platform == "win32":
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return time.time() - path.stat().st_mtime > seconds
    except OSError:
        return False


@contextmanager
def _owned(folder: Path, note: str) -> Iterator[None]:
    """Hold the lock that says that the owner of a folder is there."""
    starting = folder / _STARTING
    with starting.open("w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(note)
        file.flush()
        with locked(file):
            if sys.platform != "win32":
                starting.rename(folder / _OWNER)  # only now is it known by its name: never without its lock
            yield


def _ours(place: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                    yield entry
    except OSError:
        return


def _note_of_gone(folder: Path, entry: os.DirEntry[str]) -> str | None:
    """The note of a folder whose owner is gone; None for any other."""
    if sys.platform == "win32":
        return None
    try:
        if entry.stat(follow_symlinks=False).st_uid != os.getuid():
            return None
        for owner, seconds in ((folder / _OWNER, 0.0), (folder / _STARTING, _STARTING_S)):
            if is_left(owner, seconds=seconds):
                return owner.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        pass
    return None
