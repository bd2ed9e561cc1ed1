"""Since which revision a history no longer replays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.revisions import git

__all__ = ["Revision", "Since", "bisected", "revisions_of"]

_MOST = 256
"""Revisions that are looked back over."""
_FORMAT = "--format=%H%x09%ct%x09%s"
_DAY_S = 86_400.0
_UNITS = ((_DAY_S, "day"), (3600.0, "hour"), (60.0, "minute"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A commit that changed the code."""

    commit: str
    seconds: float
    """Its time, since 1970."""
    subject: str

    def in_words(self, now: float) -> str:
        """It in one line, such as `3f2c1ab9d0e1 (2 days ago, "Add validation")`.

        Args:
            now: The time, in seconds since 1970.
        """
        return f'{self.commit[:12]} ({_ago(now - self.seconds)}, "{self.subject}")'


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """Two neighbours: the one under which a history replays, and the one since which it does not."""

    good: Revision
    bad: Revision | None
    """None where that is what is not committed yet."""

    def in_words(self, now: float) -> str:
        """The sentence for a report.

        Args:
            now: The time, in seconds since 1970.
        """
        if self.bad is None:
            return f"diverges since the changes that are not committed, over {self.good.in_words(now)}"
        return f"diverges since {self.bad.in_words(now)}"


def revisions_of(repository: Path, files: Iterable[str], *, until: str | None = None) -> list[Revision]:
    """The commits that changed any of some files, the newest first, down to the oldest that is looked at.

    Args:
        repository: Its top folder.
        files: Their paths; none of another folder counts.
        until: The last of them, whatever it changed; None for as many as there are.

    Raises:
        RevisionError: git refuses.
    """
    own = sorted({str(Path(file).resolve()) for file in files})
    inside = [file for file in own if Path(file).is_relative_to(repository)]
    if not inside:
        return []
    listed = git(repository, "log", f"--max-count={_MOST}", "--format=%H%x09%ct%x09%s", "HEAD", "--", *inside)
    found = []
    for line in (listed or "").splitlines():
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
    bad, stride = -1, 1
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
    if bad < 0 and not is_dirty:
        return None
    return Since(good=revisions[good], bad=revisions[bad] if bad >= 0 else None)


def _ago(seconds: float) -> str:
    for length, unit in _UNITS:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
