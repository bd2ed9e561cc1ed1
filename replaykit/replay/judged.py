"""A replay into the Diagnosis that a Verdict is made of: what Core says, attributes, and what shifts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from replaykit.config import StrictPolicy
from replaykit.replay.diagnosing import diagnose
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.draws import Drawing
from replaykit.replay.recorder import AroundDraws
from replaykit.replay.replayed import Replayed
from replaykit.replay.shifted import with_shifting_draw
from replaykit.replay.strict import judged_strictly

__all__ = ["Again", "judged"]

Again: TypeAlias = Callable[[AroundDraws], "Replayed | None"]
"""Replays the same History with other draws; None where there is no time for it."""


def judged(replayed: Replayed, *, evidence: bool, strict: StrictPolicy | None, again: Again) -> Diagnosis:
    """The Diagnosis of one replay.

    Args:
        replayed: The replay.
        evidence: Whether to keep the whole alignment.
        strict: Compare attributes too, by this policy; None for not.
        again: Called where a value differs that may be shifted by another draw.
    """

    def by(replayed: Replayed, *, evidence: bool = False) -> Diagnosis:
        diagnosis = diagnose(replayed, evidence=evidence)
        return diagnosis if strict is None else judged_strictly(diagnosis, replayed, strict)

    def tried(drawing: Drawing) -> Diagnosis | None:
        other = again(drawing.around)
        return by(other) if other is not None else None

    return with_shifting_draw(by(replayed, evidence=evidence), replayed, tried)
