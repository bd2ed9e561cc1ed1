"""Strict mode's part of a Diagnosis: its drifts, and the outcome that they make of it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from replaykit.config import StrictPolicy
from replaykit.history.durations import with_readable_spans
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.replayed import Replayed
from replaykit.replay.strict.comparing import compare
from replaykit.replay.strict.payloads import CodecFailed
from replaykit.replay.strict.severity import is_ignored, preset_of
from replaykit.verdict import Drift, Outcome, Reason, Severity

__all__ = ["judged_strictly", "message_of"]


def judged_strictly(diagnosis: Diagnosis, replayed: Replayed, policy: StrictPolicy) -> Diagnosis:
    """A Diagnosis with the drifts of its replay, and the outcome that they make of it.

    A History whose commands match, or that has none, becomes `drifted` where a drift is as severe as the
    policy's `fail_on`; the others are listed in any case. A divergence stays one, and what could not be
    judged stays unjudged, with the drifts before: a changed argument may be why the code raised.

    Args:
        diagnosis: Made without comparing attributes.
        replayed: The replay.
        policy: What to leave out, and what to fail on.
    """
    accepted = diagnosis.outcome is Outcome.CONSISTENT or diagnosis.reason is Reason.VACUOUS
    rules = policy.of(replayed.history.workflow_type or "")
    by_preset: Counter[str] = Counter()

    def leaves_out(field: str) -> bool:
        if is_ignored(field, rules.ignore):
            return True
        preset = preset_of(field, rules.presets)
        if preset is not None:
            by_preset[preset] += 1
        return preset is not None

    try:
        drifts = compare(replayed, accepted=accepted, leaves_out=leaves_out)
    except CodecFailed as error:
        if not accepted:
            return diagnosis
        return dataclasses.replace(
            diagnosis,
            outcome=Outcome.UNJUDGED,
            reason=Reason.UNDECODABLE_PAYLOAD,
            message=f"strict mode: the codec refused a payload of the History ({error}). "
            "Is the right key or codec configured?",
            detail=repr(error.__cause__),
        )
    divergence = diagnosis.divergence
    if divergence is not None and divergence.stopped_at is not None and divergence.event_id is not None:
        # What Core took one for another is no pair.
        drifts = tuple(d for d in drifts if d.event_id is None or d.event_id < divergence.event_id)
    diagnosis = dataclasses.replace(diagnosis, drifts=drifts, ignored_by_preset=dict(by_preset))
    failing = [d for d in drifts if d.severity is Severity.BEHAVIOURAL or rules.fail_on is Severity.COSMETIC]
    if not failing or not accepted:
        return diagnosis
    return dataclasses.replace(
        diagnosis,
        outcome=Outcome.DRIFTED,
        reason=None,
        message=message_of(failing),
        detail=None,
    )


def message_of(drifts: Sequence[Drift]) -> str:
    """Drifts in one line: the first, and how many more; at least one."""
    first = drifts[0]
    where = f"event {first.event_id}: " if first.event_id is not None else ""
    text = first.message
    if text is None:
        text = f"{where}{first.field} was {_short(first.recorded)}, is {_short(first.produced)}"
    more = len(drifts) - 1
    return f"{text}; and {more} more" if more else text


def _short(value: object) -> str:
    read = with_readable_spans(value)
    text = " ".join(read.split()) if isinstance(read, str) else repr(read)
    return text if len(text) <= 60 else f"{text[:57]}..."
