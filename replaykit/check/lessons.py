"""What children that judge have taught so far: whatever one has found out, the others need not."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Mapping

from replaykit.check.stalls import Stalls
from replaykit.verdict import Verdict

__all__ = ["Lessons"]


class Lessons:
    """Shared by all children of one check, and by the threads that ask them.

    Args:
        timeout_s: The deadline of a replay.
    """

    def __init__(self, timeout_s: float | None) -> None:
        self._changing = threading.Lock()
        self._stalls = Stalls(timeout_s)
        self._broken: dict[str, str] = {}
        self._imported: dict[str, None] = {}
        self._confirmed: set[Hashable] = set()

    @property
    def stalls(self) -> Mapping[str, int]:
        """By worker, how many deadlines were missed in a row, in whatever child: see `Stalls`."""
        with self._changing:
            return self._stalls.counts

    def note(self, worker: str, verdict: Verdict) -> None:
        """Count one Verdict on a History of a worker, as `Stalls` does."""
        with self._changing:
            self._stalls.note(worker, verdict)

    @property
    def broken(self) -> Mapping[str, str]:
        """By name, workers whose code a child did not survive, and how."""
        with self._changing:
            return dict(self._broken)

    def give_up(self, worker: str, why: str) -> bool:
        """Have no other child load a worker.

        Args:
            worker: Its name.
            why: What became of the child that did.

        Returns:
            Whether that is news: of several children that load it at once, one is the first to be lost.
        """
        with self._changing:
            is_news = worker not in self._broken
            self._broken.setdefault(worker, why)
            return is_news

    @property
    def imported(self) -> tuple[str, ...]:
        """Modules that a replay was the first to import."""
        with self._changing:
            return tuple(self._imported)

    def import_early(self, names: Iterable[str]) -> None:
        """Have each child import modules before its next replay."""
        with self._changing:
            self._imported.update(dict.fromkeys(names))

    def is_confirmed(self, cause: Hashable) -> bool:
        """Whether a new child gave the same answer: then it is no matter of what came before."""
        with self._changing:
            return cause in self._confirmed

    def confirm(self, cause: Hashable) -> None:
        """Note that a new child gave the same answer."""
        with self._changing:
            self._confirmed.add(cause)
