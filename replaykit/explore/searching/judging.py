"""What a grown history shows when code is replayed against it."""

from __future__ import annotations

import dataclasses

from replaykit.explore.growing.grow import Grown
from replaykit.history import History
from replaykit.replay.session import ReplaySession
from replaykit.verdict import InterceptorLine, Outcome, Reason, SuggestionKind, Verdict

__all__ = ["GrownJudge", "NAME", "key_of", "own_problem"]

NAME = "explored"
"""What a Verdict calls a history that no file holds."""

_UNSTEADY = (
    "nothing was changed: {what} answers differently each time. Look for what it depends on beside "
    "arguments, results and `workflow.*`: module globals, sets, random, clocks, threads. "
    "`replaykit replay --perturb` on the kept history names the axis."
)

_OF_FAILED_TASKS = (Reason.WORKFLOW_TASK_FAILED, Reason.UNDECODABLE_PAYLOAD)
_NO_TRANSITION = "Invalid transition in state machine"


class GrownJudge:
    """Replays every grown history cold, and keeps its findings apart.

    Args:
        session: The code that is judged.
        old: The code that grew them, where it is another: what it cannot replay either is left out.
    """

    def __init__(self, session: ReplaySession, *, old: ReplaySession | None = None) -> None:
        self._session = session
        self._old = old
        self.verdicts: dict[str, Verdict] = {}
        """The last Verdict of each key."""
        self.problems: dict[str, Grown] = {}
        """By message, the first history that no code could have replayed."""
        self.judged = 0
        self.left_out = 0
        """Histories that the code which grew them does not replay either: nothing was compared by them."""

    def __call__(self, grown: Grown) -> str | None:
        """The key of what it shows; None for nothing."""
        if grown.problem and self._old is not None:
            self._leave_out(grown, grown.problem)
            return None
        verdict = self._session.judge(grown.history, name=NAME)
        self.judged += 1
        key = key_of(verdict)
        if key is None or (self._old is None and _is_as_it_grew(grown, verdict)):
            return None
        problem = own_problem(self._old, grown.history) if self._old is not None else _of_core(verdict)
        if problem is not None:
            if grown.failure is None:
                self._leave_out(grown, problem)
            return None
        self.verdicts[key] = verdict if self._old is not None else _of_itself(verdict)
        return key

    def _leave_out(self, grown: Grown, problem: str) -> None:
        self.left_out += grown.is_started
        self.problems.setdefault(problem, dataclasses.replace(grown, problem=problem))


def _is_as_it_grew(grown: Grown, verdict: Verdict) -> bool:
    """Whether the code failed a task where it grew, and fails it in the replay."""
    return grown.failure is not None and verdict.reason in _OF_FAILED_TASKS


def own_problem(old: ReplaySession, history: History) -> str | None:
    """Why the code that grew a history cannot replay it itself; None where it can."""
    verdict = old.judge(history, name=NAME)
    if key_of(verdict) is None:
        return None
    return _of_core(verdict) or f"the code that grew it does not replay it either: {verdict.message}"


def _of_itself(verdict: Verdict) -> Verdict:
    """The Verdict on code that grew the history itself, with another cure: there is no change to guard."""
    divergence, drifts = verdict.divergence, verdict.drifts
    if divergence is not None and divergence.suggestion_kind is not SuggestionKind.SDK:
        what = _asker(divergence.interceptor)
        divergence = dataclasses.replace(
            divergence, suggestion=_UNSTEADY.format(what=what), suggestion_kind=None
        )
    if drifts:
        first, *more = (dataclasses.replace(drift, suggestion=None) for drift in drifts)
        drifts = (dataclasses.replace(first, suggestion=_UNSTEADY.format(what=_asker(None))), *more)
    return dataclasses.replace(verdict, divergence=divergence, drifts=drifts)


def _asker(interceptor: InterceptorLine | None) -> str:
    if interceptor is None or not interceptor.asked:
        return "the same code"
    return f"the interceptor at {interceptor.file}:{interceptor.line}, and not the workflow,"


def _of_core(verdict: Verdict) -> str | None:
    """Core's text where it refuses a history whose every command came out the same: a bug of its own.

    Seen with temporalio 1.35: what Core has resolved within an activation (a terminated child, a signal that
    found no workflow) and the code cancels in the same one is an "Invalid transition in state machine".
    """
    divergence = verdict.divergence
    if divergence is None or (divergence.recorded, divergence.produced) != (None, None):
        return None
    return divergence.message if _NO_TRANSITION in divergence.message else None


def key_of(verdict: Verdict) -> str | None:
    """What makes two Verdicts one finding: both sides and the line, not the event's number."""
    if verdict.outcome is Outcome.CONSISTENT or verdict.reason is Reason.VACUOUS:
        return None
    divergence = verdict.divergence
    if divergence is not None:
        line = divergence.source
        where = f"{line.file}:{line.line}" if line is not None else ""
        return f"{divergence.recorded} | {divergence.produced} | {where}"
    if verdict.drifts:
        first = verdict.drifts[0]
        return f"drift of {first.field} at {first.source}"
    where = f"{verdict.source.file}:{verdict.source.line}" if verdict.source is not None else ""
    return f"{verdict.reason} | {where}" if where else f"{verdict.reason} | {verdict.message}"
