"""Of the drifts of a Verdict, those that are new come first: they are what fails."""

from __future__ import annotations

from dataclasses import replace

from replaykit.gate.sameness import failing_drifts, new_drifts
from replaykit.replay.strict.judge import message_of
from replaykit.report.verdict_rows import by_weight
from replaykit.verdict import Outcome, Severity, Verdict

__all__ = ["drifts_alone", "with_new_first"]


def with_new_first(verdict: Verdict, before: Verdict | None, fail_on: Severity) -> Verdict:
    """The Verdict with the drifts that the base has not in front, and in its message.

    Args:
        verdict: Of the change's code.
        before: Of the base's; None where that judged nothing.
        fail_on: The least severity of a drift that fails.

    Returns:
        The Verdict itself where no drift that fails is new, or all of them are.
    """
    if verdict.outcome is not Outcome.DRIFTED or before is None or not before.drifts:
        return verdict
    new = by_weight(new_drifts(before, verdict))
    old = by_weight(drift for drift in verdict.drifts if not any(drift is each for each in new))
    failing = failing_drifts(new, fail_on)
    if not failing or not old:
        return verdict
    return replace(
        verdict,
        drifts=(*new, *old),
        message=f"{message_of(failing)}; the base has {len(old)} others too",
    )


def drifts_alone(verdict: Verdict, before: Verdict, fail_on: Severity) -> Verdict:
    """The new drifts of a History that fails as in the base, as a Verdict of their own.

    Args:
        verdict: Of the change's code; with new drifts that fail.
        before: Of the base's.
        fail_on: The least severity of a drift that fails.
    """
    new = by_weight(new_drifts(before, verdict))
    return replace(
        verdict,
        outcome=Outcome.DRIFTED,
        reason=None,
        divergence=None,
        source=None,
        detail=None,
        drifts=tuple(new),
        message=message_of(failing_drifts(new, fail_on)),
    )
