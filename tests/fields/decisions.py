"""The table of decisions, `decisions.txt`, as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DONE", "NEWEST", "OLDEST", "Decision", "decisions", "reasons", "release"]

OLDEST, NEWEST = (1, 24), (1, 35)
"""The releases that the table knows about."""
DONE: Mapping[str, str] = {
    "strict": "compared",
    "labels": "shown",
    "explore": "written",
    "redaction": "masked",
}
"""By who looks, the word for a field that it does something with."""
_TABLE = Path(__file__).with_name("decisions.txt")
_ROW = re.compile(r" {4}(\w+) +(?:(1\.\d+)(-1\.\d+)? +)?(\S+) +(\S+) +(\S+) +(\S+)")
_REASON = re.compile(r" {4}(\w+) +(\S.*\.)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """One row."""

    section: str
    """The message, without its package."""
    field: str
    since: tuple[int, int]
    until: tuple[int, int]
    """The last release that has it."""
    words: Mapping[str, str]
    """By who looks: what it does, or why it leaves the field out."""
    looked_at_since: Mapping[str, tuple[int, int]]
    """By who looks: the release from which on the word holds; before it there is nothing to decide."""

    def is_in(self, installed: tuple[int, int]) -> bool:
        """Whether that release is to have it; one that is newer than the table has what the newest had."""
        return self.since <= min(installed, NEWEST) <= self.until

    def word(self, who: str, installed: tuple[int, int]) -> str:
        """What holds with that release."""
        return self.words[who] if self.looked_at_since[who] <= installed else "-"


def release(version: str) -> tuple[int, int]:
    """Major and minor number, such as of `1.36.0rc1`."""
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def decisions(lines: Iterable[str] | None = None) -> list[Decision]:
    """The rows of the table, or of these lines of one."""
    found, section = [], ""
    for line in _below_the_legend() if lines is None else lines:
        row = _ROW.fullmatch(line)
        if row is not None:
            since = release(row[2]) if row[2] else OLDEST
            cells = dict(zip(DONE, (cell.partition("@") for cell in row.groups()[3:]), strict=True))
            decision = Decision(
                section=section,
                field=row[1],
                since=since,
                until=release(row[3][1:]) if row[3] else NEWEST,
                words={who: word for who, (word, _, _) in cells.items()},
                looked_at_since={
                    who: release(late) if late else OLDEST for who, (_, _, late) in cells.items()
                },
            )
            found.append(decision)
        elif line and not line.startswith("#"):
            assert re.fullmatch(r"[\w.]+", line), f"not a row of the table: {line!r}"
            section = line
    return found


def _below_the_legend() -> list[str]:
    lines = _TABLE.read_text().splitlines()
    return lines[next(n for n, line in enumerate(lines) if line.startswith("#")) :]


def reasons() -> Mapping[str, str]:
    """The words of the legend, and what they mean."""
    legend = _TABLE.read_text().partition("\n# ")[0].splitlines()
    return {row[1]: row[2] for row in map(_REASON.fullmatch, legend) if row is not None}
