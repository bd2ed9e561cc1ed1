"""Of the drifts of a Verdict, those that are new come first: they are what fails."""

from __future__ import annotations

from dataclasses import replace

from replaykit.replay.strict.judge import message_of
from replaykit.report.verdict_rows import by_weight
from replaykit.verdict import Outcome, Verdict

__all__ = ["with_new_first"]


def with_new_first(verdict: Verdict, before: Verdict | None) -> Verdict:
    """The Verdict with the drifts that the base has not in front, and in its message.

    Args:
        verdict: Of the change's code.
        before: Of the base's; None where that judged nothing.
    """
    if verdict.outcome is not Outcome.DRIFTED or before is None or not before.drifts:
        return verdict
    known = {(drift.event_id, drift.field, repr(drift.produced)) for drift in before.drifts}
    old = [d for d in verdict.drifts if (d.event_id, d.field, repr(d.produced)) in known]
    new = by_weight(d for d in verdict.drifts if (d.event_id, d.field, repr(d.produced)) not in known)
    if not new or not old:
        return verdict
    return replace(
        verdict,
        drifts=(*new, *by_weight(old)),
        message=f"{message_of(new)}; the base has {len(old)} others too",
    )
