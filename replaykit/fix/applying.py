"""Writes a cure into the working tree."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from replaykit.errors import ReplaykitError
from replaykit.history.whole_file import write_whole
from replaykit.revisions import git

__all__ = ["apply"]


def apply(repository: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Write each file whole, once all of them were looked at; its mode stays, and a link is followed.

    Args:
        repository: Its top folder.
        before: By relative path, what the cure was made for; nothing for a file that comes back.
        after: What to write.

    Raises:
        ReplaykitError: A file is not as it was, or has changes that git does not hold, which could be lost.
    """
    for file in after:
        path = repository / file
        now = path.read_bytes().decode() if path.exists() else ""
        if now != before.get(file, ""):
            raise ReplaykitError(
                "it was changed while the cure was tried",
                where=file,
                cure="Run replaykit fix again.",
            )
        if git(repository, "status", "--porcelain", "--", file):
            raise ReplaykitError(
                "it has changes that are not committed, and a cure that does not please could not be taken "
                "back without them",
                where=file,
                cure=f"Commit them first (git commit {file}), or apply the diff by hand: "
                "replaykit fix | git apply",
            )
    for file, text in after.items():
        path = (repository / file).resolve()
        mode = path.stat().st_mode if path.exists() else None
        write_whole(path, text.encode())
        if mode is not None:
            path.chmod(mode)
