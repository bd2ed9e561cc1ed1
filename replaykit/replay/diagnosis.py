"""The part of a Verdict that a replay decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from replaykit.history import History, TimelineRow
from replaykit.replay.open_task import failed_task, in_words
from replaykit.verdict import AlignedStep, Divergence, Drift, Outcome, Reason, SourceLine, Verdict

__all__ = ["Diagnosis", "vacuous"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """The part of a Verdict that a replay decides; each field as `Verdict` has it."""

    outcome: Outcome
    reason: Reason | None = None
    message: str | None = None
    detail: str | None = None
    source: SourceLine | None = None
    commands_compared: int = 0
    divergence: Divergence | None = None
    event_id: int | None = None
    argument: int | None = None
    drifts: tuple[Drift, ...] = ()
    ignored_by_preset: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[AlignedStep, ...] = ()

    def verdict(
        self,
        history: History,
        *,
        name: str,
        duration_s: float,
        timeline: tuple[TimelineRow, ...] = (),
        worker: str | None = None,
        foreign_encodings: tuple[str, ...] = (),
        markers: tuple[str, ...] = (),
    ) -> Verdict:
        """The whole Verdict, with the History's own names.

        Args:
            history: The one that was replayed.
            name: What the Verdict calls it.
            duration_s: Of the replay, in seconds.
            timeline: See `Verdict`, as for what follows.
            worker: Name of the worker that runs its workflow.
            foreign_encodings: Payload encodings that this worker cannot read.
            markers: Ids of the patches whose marker it carries.
        """
        failed = failed_task(history)
        return Verdict(
            history=name,
            workflow_type=history.workflow_type,
            workflow_id=history.workflow_id,
            run_id=history.run_id,
            outcome=self.outcome,
            reason=self.reason,
            message=self.message,
            detail=self.detail,
            source=self.source,
            event_id=self.event_id,
            argument=self.argument,
            commands_compared=self.commands_compared,
            duration_s=duration_s,
            divergence=self.divergence,
            drifts=self.drifts,
            ignored_by_preset=self.ignored_by_preset,
            steps=self.steps,
            timeline=timeline,
            worker=worker,
            foreign_encodings=foreign_encodings,
            markers=markers,
            stuck=in_words(failed) if failed is not None else None,
        )


def vacuous(history: History) -> Diagnosis:
    """The Diagnosis of a History in which no command was recorded."""
    last = history.events[-1].event_id
    again = f" Capture it again later: replaykit capture {history.workflow_id}" if history.workflow_id else ""
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.VACUOUS,
        message=f"its {last} events record no command, so there is nothing to compare.{again}",
    )
