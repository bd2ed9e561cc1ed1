"""Writes a cure into the working tree: all of its files, or none."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from replaykit.errors import ReplaykitError
from replaykit.history.whole_file import written_beside
from replaykit.paths import display
from replaykit.revisions import git

__all__ = ["apply"]


def apply(repository: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Write all files, or none: a guard without what it needs in another file would be worse than none.

    The mode of a file stays, and a link is followed.

    Args:
        repository: Its top folder.
        before: By relative path, what the cure was made for; nothing for a file that comes back.
        after: What to write.

    Raises:
        ReplaykitError: A file is not as it was, has changes that git does not hold, which could be lost, or
            cannot be written. Then all are as they were.
    """
    for file in after:
        _check(repository, file, before.get(file, ""))
    _replace_all({(repository / file).resolve(): text.encode() for file, text in after.items()})


def _check(repository: Path, file: str, before: str) -> None:
    path = repository / file
    now = path.read_bytes().decode() if path.exists() else ""
    if now != before:
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


def _replace_all(files: Mapping[Path, bytes]) -> None:
    """Write files by their paths; where one cannot be written, put back those that were."""
    with ExitStack() as stack:
        for folder in sorted({folder for path in files for folder in path.parents if not folder.exists()}):
            stack.callback(_removed_if_empty, folder)  # the last one first: it may lie in another

        def beside(path: Path, data: bytes) -> Path:
            temporary = stack.enter_context(written_beside(path, data))
            if path.exists():
                shutil.copymode(path, temporary)
            return temporary

        # Both sides are on the disk before any file is touched: a disk that is full is noticed here.
        new = {path: beside(path, data) for path, data in files.items()}
        old = {path: beside(path, path.read_bytes()) for path in files if path.exists()}
        try:
            for path, temporary in new.items():
                temporary.replace(path)
        except BaseException as error:
            replaced = [each for each, temporary in new.items() if not temporary.exists()]
            left = [each for each in replaced if not _is_put_back(each, old.get(each))]
            if not isinstance(error, OSError):
                raise
            raise _not_written(path, error, left) from error


def _is_put_back(path: Path, old: Path | None) -> bool:
    """Make a file what it was, or nothing where there was none; whether that could be done."""
    try:
        if old is not None:
            old.replace(path)
        else:
            path.unlink()
    except OSError:
        return False
    return True


def _removed_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _not_written(path: Path, error: OSError, left: Sequence[Path]) -> ReplaykitError:
    what = f"cannot be written: {error.strerror or error}"
    if not left:
        return ReplaykitError(
            f"{what}. No file is changed: what was written before it was put back",
            where=display(path),
            cure="See that it can be written, and run replaykit fix --apply again.",
        )
    names = " ".join(display(each) for each in left)
    return ReplaykitError(
        f"{what}, and these could not be put back: {names}",
        where=display(path),
        cure=f"What was committed of them: git checkout -- {names}",
    )
