"""Since which revision a history no longer replays, given what answers for one revision."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from replaykit.revisions import git
from replaykit.verdict import Revision, Since

__all__ = ["bisected", "revisions_of"]

_MOST = 256
"""Revisions that are looked back over."""
_FORMAT = "--format=%H%x09%ct%x09%s"


def revisions_of(repository: Path, files: Iterable[str], *, until: str | None = None) -> list[Revision]:
    """The commits that changed any of some files, the newest first, down to the oldest that is looked at.

    Args:
        repository: Its top folder.
        files: Their paths; none of another folder counts.
        until: A commit to end with, whatever it changed; None for as many as there are.

    Raises:
        RevisionError: git refuses.
    """
    own = sorted({str(Path(file).resolve()) for file in files})
    inside = [file for file in own if Path(file).is_relative_to(repository)]
    if not inside:
        return []
    span = f"{until}..HEAD" if until is not None else "HEAD"
    found = _listed(repository, f"--max-count={_MOST}", span, "--", *inside)
    return found if until is None else [*found, *_listed(repository, "--max-count=1", until)]


def _listed(repository: Path, *arguments: str) -> list[Revision]:
    found = []
    for line in (git(repository, "log", _FORMAT, *arguments) or "").splitlines():
        commit, seconds, subject = line.split("\t", 2)
        found.append(Revision(commit=commit, seconds=float(seconds), subject=subject))
    return found


def bisected(
    revisions: Sequence[Revision],
    is_good: Callable[[Revision], bool],
    *,
    deadline: float,
    is_dirty: bool = False,
) -> Since | None:
    """The newest revision that is good, in few questions: strides that double, then halves.

    What is good once counts as good in all that came before, so one that was broken for a while and came
    back can hide an older one.

    Args:
        revisions: The newest first.
        is_good: Asked about one of them.
        deadline: When to give up, by `time.monotonic`.
        is_dirty: Whether what is checked out has changes over the first.

    Returns:
        None where none is good, or the time is up.
    """
    bad, stride = (-1, 1) if is_dirty else (0, 1)  # what is checked out is bad
    good: int | None = None
    while good is None:
        at = min(bad + stride, len(revisions) - 1)
        if at <= bad or time.monotonic() > deadline:
            return None
        if is_good(revisions[at]):
            good = at
        else:
            bad, stride = at, stride * 2
    while good - bad > 1:
        if time.monotonic() > deadline:
            return None
        middle = (good + bad) // 2
        good, bad = (middle, bad) if is_good(revisions[middle]) else (good, middle)
    return Since(good=revisions[good], bad=revisions[bad] if bad >= 0 else None)
