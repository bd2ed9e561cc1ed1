"""The commit since which a history comes out as it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

__all__ = ["Revision", "Since"]

_DAY_S = 86_400.0
_UNITS = ((_DAY_S, "day"), (3600.0, "hour"), (60.0, "minute"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A commit that changed the code."""

    commit: str
    """Its id, whole."""
    seconds: float
    """Its time, since 1970."""
    subject: str
    """The first line of its message."""

    def in_words(self, now: float | None = None) -> str:
        """It in one line, such as `3f2c1ab9d0e1 (2 days ago, "Add validation")`.

        Args:
            now: The time, in seconds since 1970; None for what is read at any time, and so has a date.

        Returns:
            The first 12 digits of its id, when, and its subject.
        """
        when = _ago(now - self.seconds) if now is not None else _date(self.seconds)
        return f'{self.commit[:12]} ({when}, "{self.subject}")'


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """Two neighbours: the one under which a history replays, and the one since which it does not."""

    good: Revision
    """The newest known under which it replays."""
    bad: Revision | None
    """None where that is what is not committed yet."""

    def in_words(self, now: float | None = None) -> str:
        """The one since which it does not, in one line.

        Args:
            now: As of `Revision.in_words`.

        Returns:
            That of the commit, or that it is not committed yet.
        """
        if self.bad is None:
            return f"the changes that are not committed, over {self.good.in_words(now)}"
        return self.bad.in_words(now)


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%d")


def _ago(seconds: float) -> str:
    for length, unit in _UNITS:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
