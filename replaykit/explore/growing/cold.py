"""Asks the code what it wants next: Core activates it on a growing history.

Each question is a whole cold replay, with Core's own state machines: what TRY_CANCEL resolves at once, in
which order the jobs of a task come, what a patch answers, none of it is modelled here. Two things a replay
cannot do at its tip, and they are done between Core and the code: a local activity comes to an end (nobody
would run it), and a query is answered (no history holds one).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import DataConverter

from replaykit.errors import ReplaykitError
from replaykit.explore.growing.engine import NO_ANSWER, LocalOutcome, Turn
from replaykit.explore.growing.lines import Lines
from replaykit.explore.growing.results import ResultTypes
from replaykit.explore.growing.service import Encoder, Ledger, LocalMarker
from replaykit.explore.scenario import Step, Subject, Target
from replaykit.history import History
from replaykit.replay.lane import LaneBroken, Stalled
from replaykit.replay.recorder import Activate, CodeFailure, Made
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker

__all__ = ["Cold", "Tip", "ask_queries", "end_locals", "note"]


@dataclass(kw_only=True, slots=True)
class Tip:
    """The task that is asked about, while the replay runs."""

    started_id: int
    outcomes: Sequence[LocalOutcome]
    queries: Sequence[tuple[int, Step]]
    encoder: Encoder
    asked: list[WorkflowCommand | LocalMarker] = field(default_factory=list)
    flags: set[int] = field(default_factory=set)
    waiting: dict[int, tuple[Target, Any]] = field(default_factory=dict)
    """By the SDK's own number: local activities that run."""
    locals: dict[str, int] = field(default_factory=dict)
    activations: int = 0
    """Of the task, besides the first: one for each local activity that ended."""
    seen: list[int] = field(default_factory=list)
    """Ids of the WorkflowTaskStarted events of the tasks so far."""
    asked_queries: int = 0


class Cold:
    """Asks by whole replays.

    Args:
        worker: The worker's code.
        root: The project.
        timeout_s: Deadline of each question, in seconds.
        made: Told of each instance that a replay makes.
        told: Told of each activation, before the code is.
    """

    def __init__(
        self,
        worker: Worker,
        *,
        root: Path,
        timeout_s: float = 20.0,
        made: Made | None = None,
        told: Callable[[WorkflowActivation], None] | None = None,
    ) -> None:
        self.results = ResultTypes()
        self.lines = Lines()
        self.worker = dataclasses.replace(worker, interceptors=(*worker.interceptors, self.results))
        self.converter = worker.data_converter or DataConverter.default
        self._tip: Tip | None = None
        self._told = told
        self.session = ReplaySession(
            self.worker, root=root, timeout_s=timeout_s, around=self._around, made=made
        )
        self.encoder = Encoder(self.converter)

    def close(self) -> None:
        """End the Replayers."""
        self.session.close()

    def ask(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Turn:
        """See `replaykit.explore.growing.engine.Engine.ask`."""
        self.results.begin()
        tip = Tip(
            started_id=len(_with_updates(ledger)),
            outcomes=outcomes,
            queries=queries,
            encoder=ledger.encoder,
        )
        self._tip = tip
        history = dataclasses.replace(ledger.history(), events=tuple(_with_updates(ledger)))
        failure, problem = self._replay(history)
        self._tip = None
        return Turn(
            asked=tuple(tip.asked),
            flags=tuple(sorted(tip.flags)),
            waiting=tuple(target for target, _ in tip.waiting.values()),
            failure=failure,
            problem="" if failure is not None else problem,
        )

    def _replay(self, history: History) -> tuple[CodeFailure | None, str]:
        try:
            replayed = self.session.record(history)
        except Stalled:
            return None, NO_ANSWER
        except LaneBroken as error:
            raise ReplaykitError(
                f"the SDK's Replayer broke down: {error.__cause__ or error}",
                cure="Replay a captured history of this workflow first: replaykit replay.",
            ) from error
        return replayed.recording.failure, str(replayed.failure or "")

    def _around(self, activate: Activate, act: WorkflowActivation) -> WorkflowActivationCompletion:
        tip = self._tip
        if tip is None:
            return activate(act)
        if self._told is not None:
            self._told(act)
        if act.history_length not in tip.seen:
            ask_queries(activate, act, tip)
            tip.seen.append(act.history_length)
        completion = activate(act) if act.is_replaying else self.lines.of(lambda: activate(act))
        if act.history_length == tip.started_id:
            note(tip, completion)
            if not act.is_replaying:
                end_locals(activate, act, tip, completion)
                if not tip.waiting:
                    ask_queries(activate, act, tip)
        return completion


def _with_updates(ledger: Ledger) -> list[HistoryEvent]:
    """The events, with admitted updates before the start of the task: so Core takes them at the tip."""
    if not ledger.updates:
        return ledger.events
    probe = Ledger(ledger.opening, ledger.encoder)
    probe.events, probe.now = ledger.events[:-1], ledger.now
    for update in ledger.updates:
        request: dict[str, Any] = {
            "meta": {"update_id": update.update_id, "identity": "replaykit"},
            "input": {"name": update.name},
        }
        if update.arguments.payloads:
            request["input"]["args"] = update.arguments
        probe.write("WorkflowExecutionUpdateAdmitted", request=request)
    started = HistoryEvent()
    started.CopyFrom(ledger.events[-1])
    started.event_id = len(probe.events) + 1
    return [*probe.events, started]


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
    decided = {outcome.target: outcome for outcome in tip.outcomes}
    if not completion.HasField("successful"):
        return
    while True:
        following = next((outcome for outcome in tip.outcomes if _seq_of(tip, outcome.target)), None)
        if following is None:
            break
        seq = _seq_of(tip, following.target)
        assert seq is not None
        local = tip.waiting.pop(seq)[1]
        tip.activations += 1
        marker, job = _ended(tip, local, decided[following.target])
        tip.asked.append(marker)
        again = WorkflowActivation()
        again.CopyFrom(act)
        del again.jobs[:]
        again.jobs.add().resolve_activity.CopyFrom(job)
        answer = activate(again)
        note(tip, answer)
        if answer.HasField("failed"):
            completion.failed.CopyFrom(answer.failed)
            return
        completion.successful.commands.extend(answer.successful.commands)
    kept = [c for c in completion.successful.commands if not c.HasField("schedule_local_activity")]
    del completion.successful.commands[:]
    completion.successful.commands.extend(kept)


def _seq_of(tip: Tip, target: Target) -> int | None:
    return next((seq for seq, (waiting, _) in tip.waiting.items() if waiting == target), None)


def _ended(tip: Tip, local: Any, outcome: LocalOutcome) -> tuple[LocalMarker, Any]:
    job = WorkflowActivation().jobs.add().resolve_activity
    job.seq, job.is_local = local.seq, True
    if outcome.failure is not None:
        failure = tip.encoder.failure(outcome.failure)
        job.result.failed.failure.CopyFrom(tip.encoder.plain_failure(outcome.failure))
        return LocalMarker(command=local, failure=failure, activation=tip.activations), job
    job.result.completed.SetInParent()
    if not outcome.values:
        return LocalMarker(command=local, activation=tip.activations), job
    job.result.completed.result.CopyFrom(tip.encoder.plain_payloads(outcome.values)[0])
    result = tip.encoder.payload(outcome.values[0])
    return LocalMarker(command=local, result=result, activation=tip.activations), job


def ask_queries(activate: Activate, act: WorkflowActivation, tip: Tip) -> None:
    """Put the queries that come behind the tasks so far; what they answer is nobody's concern."""
    for after, step in tip.queries[tip.asked_queries :]:
        if after > len(tip.seen):
            return
        tip.asked_queries += 1
        question = WorkflowActivation()
        question.CopyFrom(act)
        del question.jobs[:]
        job = question.jobs.add().query_workflow
        job.query_id, job.query_type = f"query-{tip.asked_queries}", step.name
        job.arguments.extend(tip.encoder.plain_payloads(step.values))
        activate(question)
