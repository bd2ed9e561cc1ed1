"""Which Verdicts mean that a running workflow gets stuck."""

from __future__ import annotations

from replaykit.verdict import Outcome, Reason, Verdict

__all__ = ["is_broken"]

_BROKEN = (Reason.WORKFLOW_TASK_FAILED, Reason.UNDECODABLE_PAYLOAD, Reason.TIMED_OUT)


def is_broken(verdict: Verdict) -> bool:
    """Whether a run of this History gets stuck under the code.

    Args:
        verdict: The code's, on it.
    """
    return verdict.outcome is Outcome.DIVERGED or (
        verdict.outcome is Outcome.UNJUDGED and verdict.reason in _BROKEN
    )
