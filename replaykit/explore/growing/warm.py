"""Asks an instance of the workflow that lives on between the tasks, and Core where that is not enough.

Growing a history of n tasks by replays costs n replays of ever more events. Here the SDK's own instance is
kept, and is given the new events alone. What Core would add by itself is left to Core: with the first such
task the growth goes on cold. Every grown history is judged by Core at its end all the same, and the tests
compare warm growth with cold.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.engine import Turn, never_yielded
from replaykit.explore.growing.heard import Heard
from replaykit.explore.growing.jobs import NotByHand, jobs_of
from replaykit.explore.growing.lines import Lines
from replaykit.explore.growing.service import Encoder, Ledger, LocalOutcome
from replaykit.explore.growing.service.subjects import COMMANDS
from replaykit.explore.growing.tip import Tip, ask_queries, end_locals, note
from replaykit.explore.scenario import Step
from replaykit.history import event_name, is_command_event
from replaykit.loops import run_in_own_loop
from replaykit.replay.lane import DaemonExecutor
from replaykit.replay.recorder import Recording, has_codec
from replaykit.replay.workers import Worker

__all__ = ["Warm"]

_T = TypeVar("_T")
_OF_A_WORKER_S = 2.0
"""For one task, once one took far longer: a search would come to little else than waiting."""
_CORE_ANSWERS = frozenset(kind.field for kind, rules in COMMANDS.items() if rules.core_answers)
"""By the SDK's field name, commands that Core may answer within the same task."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Template:
    """What an instance is made of, and its first activation."""

    runner: WorkflowRunner
    details: WorkflowInstanceDetails
    first: WorkflowActivation


@dataclasses.dataclass(kw_only=True, slots=True)
class _Live:
    """An instance and the run that it is of."""

    ledger: Ledger
    instance: WorkflowInstance
    first: WorkflowActivation
    tip: Tip | None = None
    flags: set[int] = dataclasses.field(default_factory=set)


class Warm:
    """One worker's code, kept warm.

    Args:
        worker: The worker's code.
        root: The project.
        timeout_s: Deadline of each question, in seconds.
    """

    def __init__(self, worker: Worker, *, root: Path, timeout_s: float = 20.0) -> None:
        self._made: tuple[WorkflowRunner, WorkflowInstanceDetails] | None = None
        self._first: WorkflowActivation | None = None
        self.cold = Cold(
            worker, root=root, timeout_s=timeout_s, made=self._note_made, before=self._note_first
        )
        self._timeout_s = timeout_s
        self._task_s = self.cold.session.deadlock_s
        self._templates: dict[tuple[str, bytes], _Template] = {}
        self._executor = DaemonExecutor()
        self._live: _Live | None = None
        self._is_plain = not has_codec(self.cold.converter)

    @property
    def heard(self) -> Heard:
        return self.cold.heard

    @property
    def lines(self) -> Lines:
        return self.cold.lines

    @property
    def encoder(self) -> Encoder:
        return self.cold.encoder

    def close(self) -> None:
        """Let go of the instance, and end the Replayers."""
        self._drop()
        self._executor.shutdown()
        self.cold.close()

    def ask(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Turn:
        """See `replaykit.explore.growing.engine.Engine.ask`."""
        if not self._is_plain:
            return self.cold.ask(ledger, outcomes, queries)
        live = self._live
        if live is None or live.ledger is not ledger:
            self._drop()
            if ledger.tasks:
                return self.cold.ask(ledger, outcomes, queries)
            template = self._templates.get(_key(ledger))
            if template is None:
                turn, template = self._cold_first(ledger, outcomes, queries)
                if template is None or turn.failure is not None or turn.problem:
                    return turn
            live = self._live = self._born(template, ledger)
        try:
            return self._run(lambda: self.lines.of(lambda: _answer(live, outcomes, queries)), self._task_s)
        except NotByHand:
            self._drop()
            return self.cold.ask(ledger, outcomes, queries)
        except concurrent.futures.TimeoutError:
            failure = never_yielded(self._executor.standing())
            self._abandon(live)
            self._task_s = min(self._task_s or _OF_A_WORKER_S, _OF_A_WORKER_S)
            return Turn(asked=(), flags=(), failure=failure)

    def asked_again(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Recording:
        """See `replaykit.explore.growing.engine.Engine.asked_again`."""
        return self.cold.asked_again(ledger, outcomes, queries)

    def _cold_first(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> tuple[Turn, _Template | None]:
        """The first task of the first run of its kind: a replay shows what instances are made of."""
        self._made = self._first = None
        turn = self.cold.ask(ledger, outcomes, queries)
        if self._made is None or self._first is None:
            return turn, None
        runner, details = self._made
        template = _Template(runner=runner, details=details, first=self._first)
        self._templates[_key(ledger)] = template
        return turn, template

    def _note_made(self, runner: WorkflowRunner, details: WorkflowInstanceDetails) -> None:
        self._made = runner, details

    def _note_first(self, act: WorkflowActivation) -> None:
        if self._first is None and any(job.HasField("initialize_workflow") for job in act.jobs):
            self._first = WorkflowActivation()
            self._first.CopyFrom(act)

    def _born(self, template: _Template, ledger: Ledger) -> _Live:
        self.heard.results.begin()

        async def make() -> WorkflowInstance:
            return template.runner.create_instance(template.details)

        with self.heard.patches.predated(ledger.opening.predates):
            instance = self._run(lambda: run_in_own_loop(make()))
        return _Live(ledger=ledger, instance=instance, first=template.first)

    def _run(self, job: Callable[[], _T], within_s: float | None = None) -> _T:
        answer: concurrent.futures.Future[_T] = self._executor.submit(job)
        return answer.result(self._timeout_s if within_s is None else within_s)

    def _drop(self) -> None:
        """Evict the instance as the SDK does: its tasks must end in their own thread."""
        live, self._live = self._live, None
        if live is None:
            return
        try:
            self._run(lambda: _evict(live))
        except concurrent.futures.TimeoutError:
            self._abandon()

    def _abandon(self, live: _Live | None = None) -> None:
        """Leave the thread alone, with an instance that it evicts if the code ever returns."""
        self._live = None
        self._executor.interrupt()
        if live is not None:  # else the SDK logs, whenever it is collected, how its tasks were interrupted
            self._executor.submit(_evict, live)
        self._executor.shutdown()
        self._executor = DaemonExecutor()


def _evict(live: _Live) -> None:
    eviction = WorkflowActivation(run_id=live.first.run_id)
    eviction.jobs.add().remove_from_cache.SetInParent()
    live.instance.activate(eviction)


def _key(ledger: Ledger) -> tuple[str, bytes]:
    """What instances of one kind have in common: the start of their runs, but for the input."""
    start = HistoryEvent()
    start.CopyFrom(ledger.events[0])
    start.workflow_execution_started_event_attributes.ClearField("input")
    return ledger.opening.namespace, start.SerializeToString(deterministic=True)


def _answer(live: _Live, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]) -> Turn:
    """Let the instance hear what is new, or of the local activities that have ended meanwhile."""
    activate, tip = live.instance.activate, live.tip
    if tip is not None and tip.started_id == live.ledger.started_id:
        tip.outcomes = outcomes
        completion = WorkflowActivationCompletion()
        completion.successful.SetInParent()
        act = _activation(live, [])
    else:
        tip = live.tip = _next_tip(live, outcomes, queries)
        act = _next_activation(live)
        completion = activate(act)
        note(tip, completion)
    if completion.HasField("failed"):
        raise NotByHand  # a replay has the exception itself
    end_locals(activate, act, tip, completion)
    if any(isinstance(c, WorkflowCommand) and c.WhichOneof("variant") in _CORE_ANSWERS for c in tip.asked):
        raise NotByHand
    if not tip.waiting:
        ask_queries(activate, act, tip)
        live.flags |= tip.flags
    return Turn(
        asked=tuple(tip.asked),
        flags=tuple(sorted(tip.flags)),
        waiting=tuple(target for target, _ in tip.waiting.values()),
    )


def _next_tip(live: _Live, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]) -> Tip:
    """The task that is asked about next; what was counted over the whole run goes on."""
    before, started_id = live.tip, live.ledger.started_id
    return Tip(
        started_id=started_id,
        outcomes=outcomes,
        queries=queries,
        encoder=live.ledger.encoder,
        seen=[*before.seen, started_id] if before is not None else [started_id],
        locals=before.locals if before is not None else {},
        asked_queries=before.asked_queries if before is not None else 0,
    )


def _next_activation(live: _Live) -> WorkflowActivation:
    ledger = live.ledger
    if not ledger.tasks:
        act = _activation(live, [])
        initialize = next(job for job in live.first.jobs if job.HasField("initialize_workflow"))
        job = act.jobs.add()
        job.CopyFrom(initialize)
        del job.initialize_workflow.arguments[:]
        job.initialize_workflow.arguments.extend(ledger.encoder.plain_payloads(ledger.opening.values))
        act.jobs.extend(jobs_of(ledger, ledger.events[1:]))
        return act
    completed = next(e.event_id for e in reversed(ledger.events) if event_name(e) == "WorkflowTaskCompleted")
    new = [e for e in ledger.events[completed:] if not is_command_event(e)]
    return _activation(live, jobs_of(ledger, new))


def _activation(live: _Live, jobs: Sequence[Any]) -> WorkflowActivation:
    act = WorkflowActivation()
    act.CopyFrom(live.first)
    del act.jobs[:]
    act.jobs.extend(jobs)
    started = live.ledger.events[live.ledger.started_id - 1]
    act.timestamp.CopyFrom(started.event_time)
    act.history_length = started.event_id
    attributes = started.workflow_task_started_event_attributes
    act.history_size_bytes = attributes.history_size_bytes
    act.continue_as_new_suggested = attributes.suggest_continue_as_new
    if hasattr(act, "suggest_continue_as_new_reasons"):
        del act.suggest_continue_as_new_reasons[:]
        act.suggest_continue_as_new_reasons.extend(attributes.suggest_continue_as_new_reasons)
    if hasattr(act, "target_worker_deployment_version_changed"):
        act.target_worker_deployment_version_changed = attributes.target_worker_deployment_version_changed
    del act.available_internal_flags[:]
    act.available_internal_flags.extend(sorted(live.flags))
    return act
