"""A grown history as a plan for a real run: what was asked for where, and what came of it.

A grown history has all the time it wants; a service's clock runs. So durations are changed on the way to the
service where they must be: a timer that the scenario lets fire is short enough to be waited for and long
enough for the steps before it, one that it leaves pending is long. `Plan.changed` has them, and those
fields alone are not compared.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.api.history.v1 import HistoryEvent

from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.grow import Grown, Situation, grow
from replaykit.explore.scenario import Opening, Step, StepKind, Subject, Target, Timeout
from replaykit.history import event_name
from replaykit.history.durations import TimeSpan
from tests.explore import gallery_workflows as subjects
from tests.explore.directing import AtRandom

__all__ = ["Plan", "attributes_of", "planned"]

_K = StepKind
_MOST_STEPS = 25
_MOST_CALM_STEPS = 500
_SHORT_S = 0.05
_LONG_S = 3600.0
_STEP_S = 0.4
"""How long a step takes on a busy machine, its workflow task included."""
_WORKER_GONE_S = 10.5
_BESIDE_TIMER_S = 4.0
_TRIED_AGAIN_S = 5.2
"""What a timer allows for another attempt: an activity beside it times out before, the next one does not."""
_NO_WORKER_POLLS_S = 6.0
"""An update's own task that finds no poller is offered again after five seconds."""
_TIMEOUTS: Mapping[Timeout, str] = {
    Timeout.SCHEDULE_TO_START: "schedule_to_start_timeout",
    Timeout.START_TO_CLOSE: "start_to_close_timeout",
    Timeout.SCHEDULE_TO_CLOSE: "schedule_to_close_timeout",
    Timeout.HEARTBEAT: "heartbeat_timeout",
}
_RUN_TIMEOUT = timedelta(seconds=6)
"""Of the scenarios that have one."""


def attributes_of(event: HistoryEvent) -> Any:
    """The attributes message of an event."""
    return getattr(event, event.WhichOneof("attributes") or "")


@dataclass(kw_only=True, slots=True)
class Plan:
    """One scenario, ready to be performed."""

    grown: Grown
    steps: Sequence[Step]
    """Without those of local activities."""
    locals: Mapping[Target, Step]
    opened: Mapping[Target, int]
    """By target, the event that recorded the command."""
    seqs: Mapping[int, int]
    """By command event, the SDK's own number of the command."""
    seed: int
    """Of the code's own randomness."""
    encoder: Any
    is_cut: bool = False
    """Whether the growth ended for length alone, so that the run would go on."""
    known_at: Sequence[int] = ()
    """By step, how many events there were when it was decided."""
    pace: float = 1.0
    """How many times slower than usual this machine is thought to be."""
    durations: dict[tuple[Subject, int], dict[str, float]] = field(default_factory=dict)
    """By subject and the SDK's number, fields of the command that are changed, in seconds."""

    @property
    def events(self) -> Sequence[HistoryEvent]:
        return self.grown.history.events

    @property
    def opening(self) -> Opening:
        return self.grown.scenario.opening

    def changed(self, event_id: int) -> Mapping[str, float]:
        """Fields of a command event that the service was given with other values than the code asked for."""
        for target, opened in self.opened.items():
            if opened == event_id:
                return self.durations.get((target.subject, self.seqs.get(event_id, 0)), {})
        return {}

    def asked_timer(self, seq: int) -> timedelta:
        """How long the code wanted a timer to run."""
        for target, opened in self.opened.items():
            if target.subject is Subject.TIMER and self.seqs[opened] == seq:
                length: timedelta = attributes_of(self.events[opened - 1]).start_to_fire_timeout.ToTimedelta()
                return length
        return timedelta()

    def end_of(self, event_id: int) -> HistoryEvent | None:
        """What came of a command event; None where nothing did."""
        ends = [event for event in self.events[event_id:] if _links(event, event_id)]
        return ends[-1] if ends else None

    def tasks_before(self, step: Step) -> int | None:
        """How many workflow tasks come before a step that the service takes by itself; None for others."""
        kinds = (_K.FIRES, _K.BEGINS, _K.NOT_STARTED, _K.DELIVERED, _K.UNDELIVERABLE, _K.TIMES_OUT)
        if step.target is None or step.kind not in kinds or step.target.subject is Subject.NEXUS:
            return None
        opened = self.opened[step.target]
        answer = next((e for e in self.events[opened:] if _links(e, opened)), None)
        return None if answer is None else self.tasks_up_to(answer.event_id)

    def tasks_up_to(self, event_id: int) -> int:
        """How many workflow tasks were completed before an event."""
        return sum(event_name(event) == "WorkflowTaskCompleted" for event in self.events[: event_id - 1])

    def set_pace(self, pace: float) -> None:
        """Choose the durations again, for a machine that slow."""
        self.pace = pace
        self.durations = {}
        for target, opened in self.opened.items():
            changed = _CHANGES[target.subject](self, target, opened) if target.subject in _CHANGES else {}
            if changed:
                self.durations[target.subject, self.seqs[opened]] = changed

    def steps_while_open(self, target: Target, opened: int) -> list[Step]:
        """The steps after a command, up to the last one about it."""
        since = next((n for n, known in enumerate(self.known_at) if known >= opened), len(self.steps))
        last = max((n for n, step in enumerate(self.steps) if step.target == target), default=len(self.steps))
        return list(self.steps[since:last])

    def seconds(self, steps: Sequence[Step], own: Target | None = None) -> float:
        """How long these steps take, at most.

        Args:
            steps: In order.
            own: Whose timeout is chosen: its own steps take as long as that.
        """
        total = 0.0
        for step, following in itertools.zip_longest(steps, steps[1:]):
            if step.kind is _K.TASK_TIMES_OUT:
                total += _WORKER_GONE_S
            elif step.kind is _K.UPDATE and following is not None and following.together:
                total += _NO_WORKER_POLLS_S
            elif step.target != own and (step.kind is _K.TIMES_OUT or _is_tried_again(step)):
                total += _TRIED_AGAIN_S
            else:
                total += _STEP_S
        return total * self.pace


def _is_tried_again(step: Step) -> bool:
    return step.failure is not None and step.failure.retryable


def _links(event: HistoryEvent, event_id: int) -> bool:
    """Whether an event records what came of that one."""
    name, attributes = event_name(event), attributes_of(event)
    if name in ("WorkflowTaskStarted", "WorkflowTaskCompleted") or name.endswith("TaskCancelRequested"):
        return False
    links = ("initiated_event_id", "scheduled_event_id", "started_event_id")
    return any(getattr(attributes, link, 0) == event_id for link in links)


def _timer(plan: Plan, target: Target, opened: int) -> dict[str, float]:
    seconds = attributes_of(plan.events[opened - 1]).start_to_fire_timeout.ToTimedelta().total_seconds()
    fires = any(step.target == target for step in plan.steps)
    if not fires:
        return {} if seconds >= 60 else {"start_to_fire_timeout": _LONG_S}
    before = plan.steps_while_open(target, opened)
    if not before and seconds <= 1:
        return {}
    # A timer that ran before and fires before must do so even where the steps between take no time at all.
    fired = [step.target for step in before if step.target in plan.opened]
    earliest = [plan.opened[other] for other in fired if other and other.subject is Subject.TIMER]
    spent = plan.seconds(plan.steps_while_open(target, min([*earliest, opened])))
    return {"start_to_fire_timeout": _SHORT_S + spent}


def _activity(plan: Plan, target: Target, opened: int) -> dict[str, float]:
    attributes = attributes_of(plan.events[opened - 1])
    own = [step for step in plan.steps if step.target == target]
    strikes = {step.timeout for step in own if step.kind is _K.TIMES_OUT}
    retried = any(step.kind is _K.FAILS and step.failure and step.failure.retryable for step in own)
    meanwhile = plan.steps_while_open(target, opened)
    wait = 0.3 + plan.seconds(meanwhile, own=target)
    if any(step.kind is _K.FIRES for step in meanwhile):
        wait = max(wait, _BESIDE_TIMER_S * plan.pace)
    changed: dict[str, float] = {}
    for timeout, name in _TIMEOUTS.items():
        seconds = getattr(attributes, name).ToTimedelta().total_seconds()
        if timeout in strikes:
            changed[name] = max(wait, 1.0) if timeout is Timeout.HEARTBEAT else wait
        elif seconds and seconds < 2 * wait and not (retried and timeout is Timeout.SCHEDULE_TO_CLOSE):
            changed[name] = _LONG_S
    if Timeout.START_TO_CLOSE in strikes and attributes.heartbeat_timeout.ToTimedelta():
        changed.setdefault("heartbeat_timeout", 0.0)
    return changed


def _child(plan: Plan, target: Target, opened: int) -> dict[str, float]:
    if any(step.target == target and step.kind is _K.TIMES_OUT for step in plan.steps):
        return {"workflow_run_timeout": 0.5 + plan.seconds(plan.steps_while_open(target, opened))}
    return {}


def _nexus(plan: Plan, target: Target, opened: int) -> dict[str, float]:
    strikes = any(step.target == target and step.kind is _K.TIMES_OUT for step in plan.steps)
    wait = plan.seconds(plan.steps_while_open(target, opened))
    if strikes:
        return {"schedule_to_close_timeout": 2.0 * plan.pace + wait}
    limit = attributes_of(plan.events[opened - 1]).schedule_to_close_timeout.ToTimedelta().total_seconds()
    return {"schedule_to_close_timeout": _LONG_S} if 0 < limit < 2 * wait else {}


_CHANGES = {
    Subject.TIMER: _timer,
    Subject.ACTIVITY: _activity,
    Subject.CHILD: _child,
    Subject.NEXUS: _nexus,
}


class _Noting:
    """Passes a director's decisions on, and notes when each was made."""

    def __init__(self, director: AtRandom) -> None:
        self.director = director
        self.known_at: list[int] = []

    def next(self, situation: Situation) -> Step | None:
        step = self.director.next(situation)
        if step is not None:
            self.known_at.append(len(situation.ledger.events))
        return step

    def local(self, target: Target, hint: Any) -> Step:
        return self.director.local(target, hint)


def planned(subject: subjects.Subject, seed: int, *, calm: bool = False) -> Plan:
    """Grow a scenario of a workflow.

    Args:
        subject: The workflow.
        seed: Decides everything.
        calm: See `AtRandom`.
    """
    chance = random.Random(seed)
    own = f"{subject.name.replace('.', '-')}-{seed}"
    seeds: list[int] = []
    engine = Cold(
        subject.worker,
        root=subjects.ROOT,
        timeout_s=60,
        made=lambda runner, details: seeds.append(details.randomness_seed),
    )
    opening = Opening(
        workflow_type=subject.workflow_type,
        values=subject.input(chance, own),
        workflow_id=own,
        seed=seed,
        task_queue=own,
        run_timeout=_RUN_TIMEOUT if chance.random() < 0.1 else None,
        execution_timeout=timedelta(hours=1) if chance.random() < 0.1 else None,
    )
    try:
        grown, noting = _grow(engine, subject, opening, calm=calm, outlives=opening.run_timeout is None)
        if opening.run_timeout and grown.history.status != "TIMED_OUT":
            # It need not be over before the end of the scenario: that would be a matter of luck.
            opening = dataclasses.replace(opening, run_timeout=timedelta(minutes=10))
            grown, noting = _grow(engine, subject, opening, calm=calm, outlives=True)
    finally:
        engine.close()
    return _plan(grown, noting, [*seeds, 0][0], engine.encoder, calm=calm)


def _grow(
    engine: Cold, subject: subjects.Subject, opening: Opening, *, calm: bool, outlives: bool
) -> tuple[Grown, _Noting]:
    director = AtRandom(
        subject.workflow,
        opening.seed,
        draws=subject.draws(opening.workflow_id),
        as_a_service=True,
        calm=calm,
        outlives=outlives,
    )
    noting = _Noting(director)
    return grow(engine, opening, noting, most_steps=_MOST_CALM_STEPS if calm else _MOST_STEPS), noting


def _plan(grown: Grown, noting: _Noting, seed: int, encoder: Any, *, calm: bool) -> Plan:
    ledger = noting.director.ledger
    steps = grown.scenario.steps
    local = [s for s in steps if s.target is not None and s.target.subject is Subject.LOCAL_ACTIVITY]
    plan = Plan(
        grown=grown,
        steps=[step for step in steps if step not in local],
        locals={step.target: step for step in local if step.target is not None},
        opened=_opened(grown.history.events),
        seqs=dict(ledger.seqs) if ledger is not None else {},
        seed=seed,
        encoder=encoder,
        is_cut=len(steps) >= (_MOST_CALM_STEPS if calm else _MOST_STEPS),
        known_at=noting.known_at,
    )
    plan.set_pace(1.0)
    return plan


def _opened(events: Sequence[HistoryEvent]) -> dict[Target, int]:
    """By target, the event that recorded its command: named as the ledger names them."""
    opened: dict[Target, int] = {}
    counts: Counter[tuple[Subject, str]] = Counter()
    for event in events:
        named = _NAMES.get(event_name(event))
        if named is not None:
            subject, name_of = named
            key = subject, name_of(attributes_of(event))
            counts[key] += 1
            opened[Target(subject=subject, name=key[1], nth=counts[key])] = event.event_id
    return opened


_NAMES: Mapping[str, tuple[Subject, Any]] = {
    "ActivityTaskScheduled": (Subject.ACTIVITY, lambda a: a.activity_type.name),
    "TimerStarted": (Subject.TIMER, lambda a: str(TimeSpan.of(a.start_to_fire_timeout))),
    "StartChildWorkflowExecutionInitiated": (Subject.CHILD, lambda a: a.workflow_type.name),
    "SignalExternalWorkflowExecutionInitiated": (
        Subject.SIGNAL,
        lambda a: f"{a.workflow_execution.workflow_id} {a.signal_name}",
    ),
    "RequestCancelExternalWorkflowExecutionInitiated": (
        Subject.CANCEL,
        lambda a: a.workflow_execution.workflow_id,
    ),
    "NexusOperationScheduled": (Subject.NEXUS, lambda a: f"{a.service}.{a.operation}"),
}
