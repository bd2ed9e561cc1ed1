"""What `replaykit fix` came to: the code that lets running workflows survive a change, and what shows it."""

from __future__ import annotations

import difflib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from replaykit.verdict import Outcome, Since, Verdict

__all__ = ["Cure", "Fix", "Place", "Tried"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a cure changes the code of the change."""

    file: str
    """Relative to the repository."""
    line: int
    """In the file as it is, counted from 1."""
    function: str
    patch_id: str
    """Empty where no patch decides: what comes back, or a patch that was put right."""
    in_loop: bool = False
    """Whether it stands in a loop: a run that is in it stays on its side until it ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What was compared with a cure in place, before anybody saw it."""

    histories: int
    """Fixtures that the change breaks, and that replay with it, attributes too."""
    diverged: bool = True
    """Whether all of these diverged; else the change failed on some, or does not know their workflow."""
    others: int = 0
    """Fixtures whose Verdict is not worse with it."""
    base_runs: int = 0
    """Runs that the base's code grew, and that replay with it."""
    new_runs: int = 0
    """New runs that ask for exactly what the change asks for, markers apart."""
    candidates: int = 0
    """Ways to guard the change that were tried until then."""
    not_tried: Mapping[str, str] = field(default_factory=dict)
    """By workflow type, why no run of it was grown."""
    fields: tuple[str, ...] = ()
    """Fields that a type gained or lost, and in which what the fixtures ask for is not as recorded."""

    def __str__(self) -> str:
        those, replay = ("history", "replays") if self.histories == 1 else ("histories", "replay")
        what = "diverged" if self.diverged else "broke"
        apart = f", {' and '.join(self.fields)} apart" if self.fields else ""
        parts = [f"{self.histories} {those} that {what} {replay} with it, strictly{apart}"]
        parts += [f"{self.others} others as before"] if self.others else []
        parts += [f"{self.base_runs} runs grown by the base replay"] if self.base_runs else []
        parts += [f"{self.new_runs} new runs do what the change does"] if self.new_runs else []
        return "; ".join(parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cure:
    """Code that was tried."""

    before: Mapping[str, str]
    """By path relative to the repository, the text of each file as it is; empty for one that comes back."""
    after: Mapping[str, str]
    """The same with the cure in it."""
    places: tuple[Place, ...]
    patch_ids: tuple[str, ...]
    tried: Tried
    histories: tuple[str, ...]
    """Names of the fixtures that it is for."""
    notes: tuple[str, ...] = ()
    """What whoever applies it should know."""

    @property
    def diff(self) -> str:
        """It as a unified diff, as `git apply` takes it."""
        return "".join(
            part for file, text in self.after.items() for part in _diff(file, self.before.get(file, ""), text)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """What it came to for a whole project."""

    verdicts: tuple[Verdict, ...]
    """Of the change as it is, attributes compared; one for each fixture."""
    broken: tuple[str, ...] = ()
    """Names of the fixtures that the change breaks."""
    base: str = ""
    """What it was compared with, in words; empty where nothing is broken."""
    since: Since | None = None
    """Since which revision the histories diverge, as a sentence; empty where that is not known."""
    cure: Cure | None = None
    uncured: Mapping[str, str] = field(default_factory=dict)
    """By fixture that is broken and that the cure does not cover, why not."""
    applied: bool = False
    """Whether the files hold the cure now."""

    @property
    def exit_code(self) -> int:
        """0 nothing is broken any more; 1 something is; 2 nothing could be judged."""
        judged = [verdict for verdict in self.verdicts if verdict.outcome is not Outcome.UNJUDGED]
        if self.broken:
            return 0 if self.applied and not self.uncured else 1
        return 0 if judged and len(judged) == len(self.verdicts) else 2


def _diff(file: str, before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(
        [*io.StringIO(before)],  # split as git does: a form feed ends no line
        [*io.StringIO(after)],
        f"a/{file}" if before else "/dev/null",
        f"b/{file}",
    )
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
