"""Classifies what the SDK's Replayer answered for one History."""

from __future__ import annotations

from replaykit.history import command_events
from replaykit.replay.align import Alignment, parted_at_cancel
from replaykit.replay.code_failures import unjudged
from replaykit.replay.core_text import read_core_text
from replaykit.replay.diagnosis import Diagnosis, vacuous
from replaykit.replay.divergences import alignment_steps, diverged
from replaykit.replay.replayed import Replayed
from replaykit.verdict import Outcome

__all__ = ["diagnose"]


def diagnose(replayed: Replayed, *, evidence: bool = False) -> Diagnosis:
    """Classify what the SDK's Replayer answered.

    Args:
        replayed: The replay.
        evidence: Whether to keep the whole alignment in `Diagnosis.steps`.
    """
    if replayed.failure is None:
        commands = command_events(replayed.history)
        if not commands:
            return vacuous(replayed.history)
        steps = alignment_steps(replayed.alignment, replayed) if evidence else ()
        return Diagnosis(outcome=Outcome.CONSISTENT, commands_compared=len(commands), steps=steps)
    raw = str(replayed.failure)
    # By name, since a test runner may have imported temporalio twice.
    if any(cls.__name__ == "NondeterminismError" for cls in type(replayed.failure).__mro__):
        return diverged(replayed, replayed.alignment, raw, evidence=evidence)
    parted = _refused_for_a_cancel(replayed, raw)
    if parted is not None:
        return diverged(replayed, parted, raw, evidence=evidence)
    return unjudged(replayed, raw)


def _refused_for_a_cancel(replayed: Replayed, raw: str) -> Alignment | None:
    """The alignment where an activity's cancel came, went or changed: Core reports no divergence there."""
    refused = read_core_text(raw).refused_transition
    if refused is None:
        return None
    alignment = replayed.alignment
    if alignment.event is not None and alignment.event.event_id == refused:
        return alignment
    event = next((event for event in replayed.history.events if event.event_id == refused), None)
    return parted_at_cancel(alignment, event) if event is not None else None
