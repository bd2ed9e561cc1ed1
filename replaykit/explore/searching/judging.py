"""What a grown history shows when code is replayed against it."""

from __future__ import annotations

import dataclasses

from replaykit.explore.growing.grow import Grown
from replaykit.history import History
from replaykit.replay.kinds import KINDS
from replaykit.replay.refused_at import first_refusal
from replaykit.replay.replayed import at
from replaykit.replay.session import ReplaySession
from replaykit.verdict import InterceptorLine, Outcome, Reason, Severity, SuggestionKind, Verdict

__all__ = ["GrownJudge", "NAME", "NO_TRANSITION", "key_of", "STUCK", "judged", "of_core", "own_problem"]

NAME = "explored"
"""What a Verdict calls a history that no file holds."""

STUCK = "a run that comes to this task is stuck:"
"""How the message of a Verdict begins where a service refuses what the code asks for."""

_UNSTEADY = (
    "nothing was changed: {what} answers differently each time. Look for what it depends on beside "
    "arguments, results and `workflow.*`: module globals, sets, random, clocks, threads. "
    "`replaykit replay --perturb` on the kept history names the axis."
)

_OF_FAILED_TASKS = (Reason.WORKFLOW_TASK_FAILED, Reason.UNDECODABLE_PAYLOAD)
_CANCELS = frozenset(kind.name for kind in KINDS if kind.cancels is not None)
NO_TRANSITION = "Invalid transition in state machine"
"""Core's text where it is asked to cancel what it has ended."""


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
        verdict = judged(self._session, grown.history)
        self.judged += 1
        key = key_of(verdict)
        if key is None or (self._old is None and _is_as_it_grew(grown, verdict)):
            return None
        problem = own_problem(self._old, grown.history) if self._old is not None else of_core(verdict)
        if problem is not None:
            if grown.failure is None and grown.refused is None:
                self._leave_out(grown, problem)
            return None
        self.verdicts[key] = verdict if self._old is not None else _of_itself(verdict)
        return key

    def _leave_out(self, grown: Grown, problem: str) -> None:
        self.left_out += grown.is_started
        self.problems.setdefault(problem, dataclasses.replace(grown, problem=problem))


def judged(session: ReplaySession, history: History) -> Verdict:
    """The Verdict of a replay; also on a run that is stuck, where Core sees no difference.

    The code of the other version completed the task, and the service took its commands.
    """
    verdict = session.judge(history, name=NAME)
    sees_nothing = verdict.outcome in (Outcome.CONSISTENT, Outcome.DRIFTED)
    if not sees_nothing or session.replayed is None:
        return verdict
    refusal = first_refusal(session.replayed)
    if refusal is None:
        return verdict
    source = session.replayed.line(refusal.source)
    return dataclasses.replace(
        verdict,
        outcome=Outcome.UNJUDGED,
        reason=Reason.WORKFLOW_TASK_FAILED,
        message=f"{STUCK} {refusal}{at(source)}",
        source=source,
        drifts=(),
    )


def _is_as_it_grew(grown: Grown, verdict: Verdict) -> bool:
    """Whether a task failed where it grew, and fails in the replay."""
    return (grown.failure is not None or grown.refused is not None) and verdict.reason in _OF_FAILED_TASKS


def own_problem(old: ReplaySession, history: History) -> str | None:
    """Why the code that grew a history cannot replay it itself; None where it can."""
    verdict = old.judge(history, name=NAME)
    if key_of(verdict) is None:
        return None
    return of_core(verdict) or f"the code that grew it does not replay it either: {verdict.message}"


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


def of_core(verdict: Verdict) -> str | None:
    """Core's text where it refuses a history whose every command came out the same: a bug of its own.

    Seen with temporalio 1.35: what Core has resolved within an activation (a terminated child, a signal that
    found no workflow) and the code cancels in the same one is an "Invalid transition in state machine".
    """
    divergence = verdict.divergence
    if divergence is None or NO_TRANSITION not in divergence.message:
        return None
    # What it cancels has ended, so no event records that; the alignment shows it with the next one.
    recorded, produced = divergence.recorded, divergence.produced
    is_of_core = produced in _CANCELS or (recorded, produced) == (None, None)
    return divergence.message if is_of_core else None


def key_of(verdict: Verdict) -> str | None:
    """What makes two Verdicts one finding: both sides and the line, not the event's number."""
    if verdict.outcome is Outcome.CONSISTENT or verdict.reason is Reason.VACUOUS:
        return None
    divergence = verdict.divergence
    if divergence is not None:
        line = divergence.source
        where = f"{line.file}:{line.line}" if line is not None else ""
        sides = (divergence.recorded, divergence.produced)
        if divergence.stopped_at is not None:  # their arguments are data of one story
            sides = ((sides[0] or "").partition(" (")[0], (sides[1] or "").partition(" (")[0])
        return f"{sides[0]} | {sides[1]} | {where}"
    if verdict.outcome is Outcome.DRIFTED:
        first = min(verdict.drifts, key=lambda drift: drift.severity is Severity.COSMETIC)
        return f"drift of {first.field} at {first.source}"
    where = f"{verdict.source.file}:{verdict.source.line}" if verdict.source is not None else ""
    return f"{verdict.reason} | {where}" if where else f"{verdict.reason} | {verdict.message}"
