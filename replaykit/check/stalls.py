"""Workers whose code answers nothing any more: three deadlines in a row, and the rest is not waited for."""

from __future__ import annotations

from collections.abc import Mapping

from replaykit.verdict import Outcome, Reason, Verdict

__all__ = ["IN_A_ROW", "Stalls"]

IN_A_ROW = 3
"""So many replays of a worker that pass their deadline, with no answer between them, are enough."""


class Stalls:
    """How many replays of each worker have passed their deadline since its last answer.

    Args:
        timeout_s: The deadline, for the message; None where there is none.
    """

    def __init__(self, timeout_s: float | None) -> None:
        self._timeout_s = timeout_s
        self._counts: dict[str, int] = {}

    @property
    def counts(self) -> Mapping[str, int]:
        """By worker; for another process, which goes on from there."""
        return dict(self._counts)

    def take(self, counts: Mapping[str, int]) -> None:
        """Go on from what another process has counted."""
        self._counts = dict(counts)

    def note(self, worker: str, verdict: Verdict) -> None:
        """Count one Verdict on a History of a worker."""
        if verdict.reason is Reason.TIMED_OUT:
            self._counts[worker] = self._counts.get(worker, 0) + 1
        else:
            self._counts.pop(worker, None)

    def verdict(self, worker: str, *, name: str) -> Verdict | None:
        """The Verdict on a History that is not replayed any more; None where its worker still answers."""
        if self._counts.get(worker, 0) < IN_A_ROW:
            return None
        whose = "its worker" if worker == "default" else f"worker {worker!r}"
        within = "" if self._timeout_s is None else f" within {self._timeout_s:g} s"
        return Verdict(
            history=name,
            outcome=Outcome.UNJUDGED,
            reason=Reason.TIMED_OUT,
            message=f"not replayed: {IN_A_ROW} histories of {whose} in a row gave no answer{within}, so the "
            "rest was not waited for. Fix what the first of them hangs in, or give more time: "
            "--timeout SECONDS",
        )
