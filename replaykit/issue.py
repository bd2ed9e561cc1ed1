"""The issues that a check found in a change: annotations, tool output and comments are made of them."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Issue", "Issues", "Level", "Replacement"]


class Level(str, enum.Enum):
    """How much an Issue weighs."""

    FAIL = "fail"
    """It fails the check."""
    WARN = "warn"
    """It is shown, and fails nothing."""
    NOTE = "note"
    """It was there before, or was agreed to: listed apart."""
    IGNORED = "ignored"
    """The policy leaves it out: it is counted, and that is all."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """Lines of a file, and what takes their place."""

    file: str
    """Relative to the repository."""
    first: int
    """The first line, counted from 1."""
    last: int
    """The last line; one before the first where lines are only added."""
    text: str
    """With the ends of its lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One thing that a check found in a change."""

    rule: str
    """A short stable name such as `new-divergence`: tools group and silence by it."""
    level: Level
    title: str
    """One line, without a full stop."""
    head: str = ""
    """One line that names what the text is about, for where nothing else does."""
    text: str = ""
    """More lines, for where there is room: the rows of a Verdict, as a rule."""
    long_text: str = ""
    """The text with all that is known: every drift, Core's own text, tracebacks; empty for no more of it."""
    cure: str | None = None
    diff: str = ""
    """A cure that was tried, as a unified diff; empty for none."""
    cure_in_text: bool = False
    """Whether the text shows the cure too."""
    advice: str = ""
    """The last lines of both texts: the cure as rows. Media that show many issues show each advice once."""
    kind: str = ""
    """The same for all histories that one thing is to blame for; empty for an issue that is like no other."""
    replacements: tuple[Replacement, ...] = ()
    """A cure that was tried, as edits; none for a hint."""
    file: str | None = None
    """The line of code it is about, relative to the project; the fixture where no line is known."""
    line: int | None = None
    history: str | None = None
    """The fixture's path."""
    workflow_type: str | None = None
    ignored: int = 0
    """For how many issues it stands that the policy ignores."""
    is_waived: bool = False
    """Whether its level would be higher without a waiver."""
    unjudged: bool = False
    """Whether it means that something was not judged, rather than that something is wrong."""

    @property
    def story(self) -> str:
        """The text below its head."""
        return "\n".join(part for part in (self.head, self.text) if part)

    @property
    def cure_apart(self) -> str | None:
        """The cure with its diff, unless the text shows it already."""
        if self.cure is None or self.cure_in_text:
            return None
        return f"{self.cure}\n{self.diff}".rstrip()

    @property
    def is_hint(self) -> bool:
        """Whether the cure was guessed from what a history shows, and not tried."""
        return bool(self.advice)


@dataclass(frozen=True, kw_only=True, slots=True)
class Issues:
    """All issues of one check."""

    name: str
    """Which check, such as `replaykit gate`."""
    headline: str
    """The outcome in one line."""
    exit_code: int
    issues: Sequence[Issue] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    """What it was about, for a table: base, histories, commands compared, versions."""
    passed: Sequence[str] = ()
    """Names of the histories that came out well."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """By rule, one sentence on what it means."""

    def at(self, level: Level) -> list[Issue]:
        """The issues of one level, in order."""
        return [issue for issue in self.issues if issue.level is level]
