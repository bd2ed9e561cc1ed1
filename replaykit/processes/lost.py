"""A child that will not answer any more."""

from __future__ import annotations

from replaykit.errors import ReplaykitError
from replaykit.processes.whereabouts import NOWHERE, Whereabouts
from replaykit.verdict import Reason

__all__ = ["ChildLostError"]


class ChildLostError(ReplaykitError):
    """A child ended, gave no answer in time, or sent something that is no message.

    Args:
        what: What happened, in one sentence without a full stop.
        reason: `crashed` or `timed_out`, for the Verdict on what it was asked about.
        there: The line of the user's code where it was, as far as that is known.
        cure: What to do about it.
    """

    def __init__(
        self, what: str, *, reason: Reason, there: Whereabouts = NOWHERE, cure: str | None = None
    ) -> None:
        super().__init__(what, cure=cure)
        self.reason = reason
        self.there = there
