"""The seam between what asks for Verdicts and what makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from replaykit.history import History
from replaykit.verdict import Verdict

__all__ = ["Judge", "Judgeable", "Named"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A History, and what its Verdict calls it."""

    history: History
    """What to judge."""
    name: str
    """What stands in `Verdict.history`."""


Judgeable = Path | History | Named
"""A fixture's path, or a History; without a name it is called by the file or the workflow id that it has."""


class Judge(Protocol):
    """Turns Histories into Verdicts: in this process, or elsewhere.

    It is kept open between calls, so that code is imported and Replayers are started once.
    """

    def judge_all(self, sources: Iterable[Judgeable]) -> Iterator[Verdict]:
        """One Verdict for each source, in their order, each as soon as there is one.

        Never raises for what a History or the code does: a file that cannot be read is an unjudged Verdict.
        """

    def judge(self, source: Judgeable) -> Verdict:
        """The Verdict of one source."""
