"""Verdicts of processes with different hash seeds: a set of texts comes in another order in each."""

from __future__ import annotations

import os
import random
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from replaykit.code.replacements import cure_of_condition
from replaykit.trust import Finding, FindingKind
from replaykit.verdict import Outcome, Reason, SuggestionKind, Verdict

__all__ = ["LARGEST", "USUAL", "VARIABLE", "Conclusion", "Trial", "cause_of", "concluded", "seeds"]

VARIABLE = "PYTHONHASHSEED"
LARGEST = 2**32 - 1
"""As Python takes it."""
USUAL = 0
"""Number of the process whose hash seed is that of a check with one process."""
_WEIGHT = (Outcome.CONSISTENT, Outcome.DRIFTED, Outcome.UNJUDGED, Outcome.DIVERGED)
"""From the one that matters least."""


def seeds(first: int | None = None) -> Iterator[int]:
    """The hash seeds of processes, without end; the same ones wherever the first is the same.

    Args:
        first: By default that of the environment, else any.
    """
    if first is None:
        usual = os.environ.get(VARIABLE, "")
        is_one = usual.isascii() and usual.isdecimal() and int(usual) <= LARGEST
        first = int(usual) if is_one else random.SystemRandom().randint(1, LARGEST)
    yield first
    others = random.Random(first)
    while True:
        yield others.randint(1, LARGEST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One Verdict on a History, and by which process."""

    number: int
    """Of the process; `USUAL` for the first."""
    seed: int
    """Its hash seed."""
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion:
    """What the trials of one History come to."""

    verdict: Verdict
    finding: Finding | None = None
    """That it fails under some hash seeds alone."""


def concluded(trials: Sequence[Trial], *, is_steady: bool = False) -> Conclusion | int:
    """What comes of a History.

    One that fails under any hash seed but the usual one is judged under that, too. Where the two Verdicts
    differ, it is judged under the first seed once more: what differs from run to run is no matter of seeds.

    Args:
        trials: In order.
        is_steady: Whether others that failed for the same cause did so under the usual hash seed, too.

    Returns:
        The Conclusion, or the number of the process that is to judge it next.
    """
    first, *rest = trials
    if first.number == USUAL or not _may_depend(first.verdict):
        return Conclusion(verdict=first.verdict)
    if not rest:
        return Conclusion(verdict=first.verdict) if is_steady else USUAL
    usual, *again = rest
    if _key(usual.verdict) == _key(first.verdict):
        return Conclusion(verdict=usual.verdict)
    if not (usual.verdict.is_consistent or _may_depend(usual.verdict)):  # it got no answer there
        return Conclusion(verdict=first.verdict)
    if not again:
        return first.number
    failing, other = sorted((usual, first), key=lambda trial: -_WEIGHT.index(trial.verdict.outcome))
    if _key(again[0].verdict) != _key(first.verdict):
        return Conclusion(verdict=failing.verdict)
    return Conclusion(verdict=_with_cure(failing, other), finding=_finding(failing, other))


def cause_of(verdict: Verdict) -> Hashable:
    """Why a History fails, the same for all that fail alike."""
    divergence = verdict.divergence
    return (
        verdict.worker,
        verdict.workflow_type,
        verdict.outcome,
        verdict.source,
        divergence and (divergence.recorded, divergence.produced, divergence.source),
        tuple((drift.field, drift.source) for drift in verdict.drifts),
    )


def _may_depend(verdict: Verdict) -> bool:
    """Whether code that goes over a set can have made it fail: not where there was no answer."""
    if verdict.outcome is Outcome.UNJUDGED:
        return verdict.reason is Reason.WORKFLOW_TASK_FAILED
    return not verdict.is_consistent


def _key(verdict: Verdict) -> Hashable:
    drifts = tuple((drift.event_id, str(drift.produced)) for drift in verdict.drifts)
    event_id = verdict.divergence.event_id if verdict.divergence is not None else None
    return cause_of(verdict), verdict.reason, event_id, drifts


def _finding(failing: Trial, other: Trial) -> Finding:
    verdict = failing.verdict
    under = f"{verdict.outcome} under seed {failing.seed}, {other.verdict.outcome} under {other.seed}"
    return Finding(
        kind=FindingKind.HASH_SEED,
        subject=verdict.history,
        worker=verdict.worker or "default",
        detail=under,
        message=f"{verdict.history} depends on the hash seed: {under}",
        cure=f"The code walks over a set of texts, whose order differs from process to process.\n"
        f"{cure_of_condition('hash seed')}\n"
        f"The same once more: replaykit replay --jobs 1 --seed {failing.seed} {verdict.history}",
    )


def _with_cure(failing: Trial, other: Trial) -> Verdict:
    """The failing Verdict; its advice is about the set, since the change may have nothing to do with it."""
    verdict, asks = failing.verdict, "asks for different commands"
    cure = (
        f"the same code {{}} under hash seed {other.seed} than under {failing.seed}, as it walks over a set "
        "of texts. Walk over it in a fixed order: for name in sorted(names): ..."
    )
    divergence = verdict.divergence
    if divergence is not None and divergence.suggestion_kind is not SuggestionKind.SDK:
        divergence = replace(divergence, suggestion=cure.format(asks), suggestion_kind=None)
    drifts = tuple(
        replace(drift, suggestion=cure.format("gives other values to the same commands"))
        for drift in verdict.drifts
    )
    return replace(verdict, divergence=divergence, drifts=drifts)
