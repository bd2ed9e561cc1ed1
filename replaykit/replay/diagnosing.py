"""Classifies what the SDK's Replayer answered for one History."""

from __future__ import annotations

import dataclasses

from replaykit.history import command_events
from replaykit.replay.align import Alignment, parted_at_cancel
from replaykit.replay.code_failures import of_undecoded, unjudged, with_payloads
from replaykit.replay.commands import recorded_in
from replaykit.replay.converter_failures import ended_in, of_converter
from replaykit.replay.core_text import read_core_text
from replaykit.replay.diagnosis import Diagnosis, vacuous
from replaykit.replay.divergences import alignment_steps, diverged
from replaykit.replay.raised import CodeFailure
from replaykit.replay.refused_at import refusal_at_the_end
from replaykit.replay.releases import naming_release
from replaykit.replay.replayed import Replayed, at
from replaykit.replay.watching import LIMIT_S
from replaykit.verdict import Outcome, Reason

__all__ = ["diagnose", "judged_so_far", "of_failed_task"]

_NO_EXCEPTION = (
    "It is no Exception, so a worker fails neither the task nor the workflow for it: the run waits for ever. "
    "Derive it from Exception, or raise temporalio.exceptions.ApplicationError"
)
_MOST_RAW = 200_000
"""Characters of the SDK's text that are read: it holds what the code raised, of any length."""


def diagnose(replayed: Replayed, *, evidence: bool = False) -> Diagnosis:
    """Classify what the SDK's Replayer answered.

    Args:
        replayed: The replay.
        evidence: Whether to keep the whole alignment in `Diagnosis.steps`.
    """
    return naming_release(_diagnosed(replayed, evidence=evidence), replayed)


def _diagnosed(replayed: Replayed, *, evidence: bool) -> Diagnosis:
    ended = ended_in(replayed)
    if ended is not None:
        return of_converter(ended, replayed)
    if replayed.failure is None:
        return _of_accepted(replayed, evidence=evidence)
    diagnosis = _of_refused(replayed, evidence=evidence)
    if diagnosis.outcome is Outcome.DIVERGED:
        diagnosis = with_payloads(diagnosis, replayed)
    lost, divergence = replayed.recording.lost, diagnosis.divergence
    if lost is None or divergence is None:
        return diagnosis
    raised = _raised(lost, replayed)
    return dataclasses.replace(
        diagnosis,
        message=f"{diagnosis.message}, since {raised}",
        divergence=dataclasses.replace(
            divergence,
            source=replayed.line(lost.source) or divergence.source,
            suggestion=f"{raised}. {_NO_EXCEPTION}.",
            suggestion_kind=None,
        ),
    )


def _of_accepted(replayed: Replayed, *, evidence: bool) -> Diagnosis:
    """Core found nothing: what else keeps this code from being sound."""
    recording = replayed.recording
    commands = command_events(replayed.history)
    compared = len(commands)
    if recording.failure is not None or recording.outside:  # in a task that the History does not complete
        return dataclasses.replace(unjudged(replayed, ""), commands_compared=compared)
    refusal = refusal_at_the_end(replayed)
    if refusal is not None:
        return Diagnosis(
            outcome=Outcome.UNJUDGED,
            reason=Reason.WORKFLOW_TASK_FAILED,
            message=f"{refusal}{at(replayed.line(refusal.source))}",
            source=replayed.line(refusal.source),
            commands_compared=compared,
        )
    if recording.lost is not None:
        return Diagnosis(
            outcome=Outcome.UNJUDGED,
            reason=Reason.WORKFLOW_TASK_FAILED,
            message=f"{_raised(recording.lost, replayed)}. {_NO_EXCEPTION}",
            detail=recording.lost.stack,
            source=replayed.line(recording.lost.source),
            commands_compared=compared,
        )
    if recording.undecoded is not None and _is_open(replayed):
        found = of_undecoded(recording.undecoded, (), replayed)
        message = f"{found.message}. The SDK drops such a signal, and the code never sees it"
        return dataclasses.replace(found, message=message, commands_compared=compared)
    if recording.blocked is not None:
        source = replayed.line(recording.blocked.source)
        return Diagnosis(
            outcome=Outcome.UNJUDGED,
            reason=Reason.TIMED_OUT,
            message=f"the code ran {recording.blocked.seconds:.1f} s without yielding{at(source)}: a "
            f"worker's deadlock detector fails such a task after {LIMIT_S:g} s (TMPRL1101). Move what takes "
            "long into an activity",
            source=source,
            commands_compared=compared,
        )
    if not commands:
        return vacuous(replayed.history)
    steps = alignment_steps(replayed.alignment, replayed) if evidence else ()
    return Diagnosis(outcome=Outcome.CONSISTENT, commands_compared=compared, steps=steps)


def _is_open(replayed: Replayed) -> bool:
    """Whether a dropped signal may still matter."""
    last = recorded_in(replayed.history.events[-1])
    return last is None or not last.kind.ends_run


def _raised(lost: CodeFailure, replayed: Replayed) -> str:
    first = next(iter(lost.message.splitlines()), "")
    return f"the code raised {lost.error_type}{first and f': {first}'}{at(replayed.line(lost.source))}"


def judged_so_far(diagnosis: Diagnosis) -> bool:
    """Whether nothing was found, so that what comes after the last completed task is of interest."""
    return diagnosis.outcome in (Outcome.CONSISTENT, Outcome.DRIFTED) or diagnosis.reason is Reason.VACUOUS


def of_failed_task(diagnosis: Diagnosis, there: Diagnosis, recorded: str) -> Diagnosis:
    """The Diagnosis of a History whose last task failed in production.

    Args:
        diagnosis: Of its completed tasks.
        there: Of a replay that comes to the failed task.
        recorded: How it failed, in words.
    """
    ends = f"the history ends in a workflow task that failed ({recorded})"
    if there.outcome is Outcome.UNJUDGED and there.reason is not Reason.VACUOUS:
        return dataclasses.replace(
            there,
            message=f"{ends}, and this code fails there too: {there.message}",
            commands_compared=max(there.commands_compared, diagnosis.commands_compared),
            drifts=diagnosis.drifts,
            ignored_by_preset=diagnosis.ignored_by_preset,
        )
    if diagnosis.reason is Reason.VACUOUS:
        return dataclasses.replace(
            diagnosis, message=f"{ends}; this code comes past it, but {diagnosis.message}"
        )
    return diagnosis


def _of_refused(replayed: Replayed, *, evidence: bool) -> Diagnosis:
    raw = str(replayed.failure)[:_MOST_RAW]
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
