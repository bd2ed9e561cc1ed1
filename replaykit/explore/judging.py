"""What a grown history shows when code is replayed against it."""

from __future__ import annotations

from replaykit.explore.grow import Grown
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome, Reason, Verdict

__all__ = ["Judge", "NAME"]

NAME = "explored"
"""What a Verdict calls a history that no file holds."""


class Judge:
    """Replays every grown history cold, and tells one finding from another.

    Args:
        session: The code that is judged.
        own: Whether it is the code that grew them: then whatever Core says while they grow counts too.
    """

    def __init__(self, session: ReplaySession, *, own: bool) -> None:
        self._session = session
        self._own = own
        self.verdicts: dict[str, Verdict] = {}
        """The last Verdict of each key."""
        self.judged = 0

    def __call__(self, grown: Grown) -> str | None:
        """The key of what it shows; None for nothing."""
        if grown.problem and not self._own:
            return None
        verdict = self._session.judge(grown.history, name=NAME)
        self.judged += 1
        key = key_of(verdict)
        if key is not None:
            self.verdicts[key] = verdict
        return key


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
