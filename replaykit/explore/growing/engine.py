"""What every engine answers: what the code asks for next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.explore.growing.heard import Heard
from replaykit.explore.growing.lines import Lines
from replaykit.explore.growing.service import Encoder, Ledger, LocalMarker, LocalOutcome
from replaykit.explore.scenario import Step, Target
from replaykit.replay.raised import NEVER_YIELDED, CodeFailure, failure_of
from replaykit.replay.recorder import Recording
from replaykit.replay.standing import Standing, at_deadlock

__all__ = ["NO_ANSWER", "Engine", "Turn", "failure_around", "never_yielded"]

NO_ANSWER = "the code did not come to an end within the deadline"
"""The problem of a Turn whose code never yields and cannot be interrupted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What the code asked for in one workflow task."""

    asked: tuple[WorkflowCommand | LocalMarker, ...]
    flags: tuple[int, ...]
    waiting: tuple[Target, ...] = ()
    """Local activities that the task cannot end without."""
    failure: CodeFailure | None = None
    """The task failed: the code raised, or never yielded."""
    problem: str = ""
    """Why Core would not have the history, or that no answer came; empty for neither."""


class Engine(Protocol):
    """One worker's code, asked again and again."""

    @property
    def heard(self) -> Heard:
        """What the code has shown of itself."""

    @property
    def lines(self) -> Lines:
        """The lines of the user's code that ran while it was asked."""

    @property
    def encoder(self) -> Encoder:
        """Writes payloads as this worker reads them."""

    def ask(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Turn:
        """What the code asks for in the workflow task that is started.

        Args:
            ledger: Of a run whose workflow task is started.
            outcomes: Of the local activities of this task, in the order in which they end.
            queries: With each the number of workflow tasks that come before it.

        Raises:
            ReplaykitError: The SDK broke down.
        """

    def asked_again(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Recording:
        """The same by a whole replay, which knows the line that asked for each command."""

    def close(self) -> None:
        """End whatever it runs."""


def never_yielded(standing: Standing) -> CodeFailure:
    """The failure of a task whose code ran too long.

    Args:
        standing: Where it was.
    """
    what = "an endless loop, or a blocking call"
    if standing.step is not None:
        what = f"its {standing.step.part} is in {what}"
    return CodeFailure(error_type=NEVER_YIELDED, message=what, stack="", source=standing.source)


def failure_around(recording: Recording) -> CodeFailure | None:
    """The failure of a task that failed around the code: by the SDK's deadlock detector, or in the codec.

    Core asks nothing more of the code then, and that of a last task it does not report.

    Args:
        recording: Of the task; one that did not fail so gives None.
    """
    of_codec = (error.error for error in recording.converter_errors if error.step.is_of_codec)
    raised = [*recording.outside, *of_codec]
    if not raised:
        return None
    standing = at_deadlock(raised[-1])
    if standing is not None:
        return never_yielded(standing)
    return failure_of(raised[-1], while_handling=True)
