"""The workflow task that is asked about: what the code asks for in it, and what a replay cannot do there.

A local activity comes to an end, though no worker runs it; a query is answered, though no History holds one.
Both are done between Core and the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from replaykit.explore.growing.service import Encoder, LocalMarker, LocalOutcome
from replaykit.explore.growing.service.subjects.local_activities import ended
from replaykit.explore.scenario import Step, Subject, Target
from replaykit.replay.recorder import Activate

__all__ = ["Tip", "ask_queries", "end_locals", "note"]


@dataclass(kw_only=True, slots=True)
class Tip:
    """The task that is asked about, while the replay runs."""

    started_id: int
    outcomes: Sequence[LocalOutcome]
    queries: Sequence[tuple[int, Step]]
    """With each the number of workflow tasks that come before it."""
    encoder: Encoder
    asked: list[WorkflowCommand | LocalMarker] = field(default_factory=list)
    flags: set[int] = field(default_factory=set)
    waiting: dict[int, tuple[Target, Any]] = field(default_factory=dict)
    """By the SDK's own number: local activities that run."""
    locals: dict[str, int] = field(default_factory=dict)
    """By activity type, how many the code has asked for in the whole run."""
    activations: int = 0
    """Of the task, besides the first: one for each local activity that ended."""
    seen: list[int] = field(default_factory=list)
    """Ids of the WorkflowTaskStarted events of the tasks so far."""
    asked_queries: int = 0
    """Of `queries`, how many the code was asked."""


def note(tip: Tip, completion: WorkflowActivationCompletion) -> None:
    """Keep what the code asked for in one activation: the SDK lets the codec work on the message later."""
    tip.flags.update(completion.successful.used_internal_flags)
    for produced in completion.successful.commands:
        command = WorkflowCommand()
        command.CopyFrom(produced)
        if command.HasField("respond_to_query"):
            continue
        if command.HasField("schedule_local_activity"):
            local = command.schedule_local_activity
            count = tip.locals[local.activity_type] = tip.locals.get(local.activity_type, 0) + 1
            target = Target(subject=Subject.LOCAL_ACTIVITY, name=local.activity_type, nth=count)
            tip.waiting[local.seq] = target, local
        tip.asked.append(command)


def end_locals(
    activate: Activate, act: WorkflowActivation, tip: Tip, completion: WorkflowActivationCompletion
) -> None:
    """Let local activities end as decided, one activation each, and keep them from Core."""
    if not completion.HasField("successful"):
        return
    while (following := _next_local(tip)) is not None:
        seq, outcome = following
        _, local = tip.waiting.pop(seq)
        tip.activations += 1
        marker, job = ended(tip.encoder, local, outcome, tip.activations)
        tip.asked.append(marker)
        answer = activate(_with_job(act, job))
        note(tip, answer)
        if answer.HasField("failed"):
            completion.failed.CopyFrom(answer.failed)
            return
        completion.successful.commands.extend(answer.successful.commands)
    kept = [c for c in completion.successful.commands if not c.HasField("schedule_local_activity")]
    del completion.successful.commands[:]
    completion.successful.commands.extend(kept)


def _next_local(tip: Tip) -> tuple[int, LocalOutcome] | None:
    """The SDK's own number of the local activity that ends next, and how it ends."""
    seqs = {target: seq for seq, (target, _) in tip.waiting.items()}
    return next(((seqs[outcome.target], outcome) for outcome in tip.outcomes if outcome.target in seqs), None)


def ask_queries(activate: Activate, act: WorkflowActivation, tip: Tip) -> None:
    """Put the queries that come after the tasks so far; their answers are dropped."""
    for after, step in tip.queries[tip.asked_queries :]:
        if after > len(tip.seen):
            return
        tip.asked_queries += 1
        question = WorkflowActivationJob()
        question.query_workflow.query_id = f"query-{tip.asked_queries}"
        question.query_workflow.query_type = step.name
        question.query_workflow.arguments.extend(tip.encoder.plain_payloads(step.values))
        activate(_with_job(act, question))


def _with_job(act: WorkflowActivation, job: WorkflowActivationJob) -> WorkflowActivation:
    """The same activation with another job."""
    again = WorkflowActivation()
    again.CopyFrom(act)
    del again.jobs[:]
    again.jobs.append(job)
    return again
