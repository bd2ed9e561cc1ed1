"""Grows a History: the code asks, a director decides what happens, the service writes it down."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from replaykit.explore.growing.engine import Engine, Turn
from replaykit.explore.growing.handlers import Functions
from replaykit.explore.growing.lines import NOTHING, Reached
from replaykit.explore.growing.results import ResultTypes
from replaykit.explore.growing.service import (
    Ledger,
    LocalOutcome,
    Possible,
    apply,
    fail_task,
    possible,
    refused_in,
    take,
)
from replaykit.explore.growing.service.subjects.run_end import next_opening
from replaykit.explore.growing.service.subjects.run_start import opened
from replaykit.explore.scenario import Failure, Opening, Scenario, Step, StepKind, Subject, Target
from replaykit.history import History, event_name, is_command_event
from replaykit.replay.raised import CodeFailure
from replaykit.replay.refused_commands import Refusal
from replaykit.replay.session import quiet_sdk

__all__ = ["Director", "Grown", "Scripted", "Situation", "grow", "grow_on"]

_MOST_STEPS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """A run between two steps, as its director sees it."""

    ledger: Ledger
    possible: tuple[Possible, ...]
    """What the run's own commands allow."""
    results: ResultTypes
    """What the code expects of each."""
    steps: tuple[Step, ...]
    """What has happened so far."""
    can_join: bool
    """Whether a step can join the one before in the workflow task that is about to start."""
    handlers: Functions
    """The handlers that the code itself has set by now."""


class Director(Protocol):
    """Decides what happens."""

    def next(self, situation: Situation) -> Step | None:
        """The next step; None to leave the run where it is, or to start a task that others could still join.

        A step that joins the one before has `Step.together` set.
        """

    def local(self, target: Target, hint: Any) -> Step:
        """How a local activity ends: a step that completes or fails it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grown:
    """A History that was never recorded, and its story."""

    history: History
    """To replay, or to keep as a fixture."""
    scenario: Scenario
    """As it came to be: with the steps that did happen."""
    failure: CodeFailure | None = None
    """A workflow task that the code failed, where the growth ended."""
    refused: Refusal | None = None
    """A command that a service refuses, where the growth ended: the run is stuck at that task."""
    problem: str = ""
    """Why it ended too early: Core refused it, or the code never answered. Empty where nothing is wrong."""
    next: Opening | None = None
    """The run that follows, where this one continued as new."""
    reached: Reached = NOTHING
    """What of the user's code ran, where that was traced: a search does."""

    @property
    def is_stuck(self) -> bool:
        """Whether the run cannot go on from where the growth ended."""
        return self.failure is not None or self.refused is not None or bool(self.problem)

    @property
    def is_unhindered(self) -> bool:
        """Whether no refused command ended it, and no cancel before the code asked for anything."""
        asked = [event for event in self.history.events if is_command_event(event)]
        ends_at_once = len(asked) == 1 and event_name(asked[0]) == "WorkflowExecutionCanceled"
        return self.refused is None and not ends_at_once

    @property
    def is_started(self) -> bool:
        """Whether the code completed its first workflow task: one that did not shows nothing of it."""
        return any(
            event.HasField("workflow_task_completed_event_attributes") for event in self.history.events
        )


def _never() -> bool:
    return False


def grow(
    engine: Engine,
    opening: Opening,
    director: Director,
    *,
    most_steps: int = _MOST_STEPS,
    is_over: Callable[[], bool] = _never,
) -> Grown:
    """Run the code of a workflow against what a director decides.

    Args:
        engine: The code.
        opening: How the run starts.
        director: Asked for each step.
        most_steps: After so many the run is left open.
        is_over: Asked after each workflow task; where it is so, the run is left open too.
    """
    ledger = opened(opening, engine.encoder)
    return grow_on(engine, ledger, director, most_steps=most_steps, is_over=is_over)


def grow_on(
    engine: Engine,
    ledger: Ledger,
    director: Director,
    *,
    most_steps: int = _MOST_STEPS,
    is_over: Callable[[], bool] = _never,
) -> Grown:
    """Continue a run from where its ledger stands; the rest as for `grow`."""
    growth = _Growth(engine, ledger, director)
    with quiet_sdk():
        growth.run(most_steps, is_over)
    return Grown(
        history=ledger.history(),
        scenario=Scenario(opening=ledger.opening, steps=tuple(growth.steps)),
        failure=growth.failure,
        refused=growth.refused,
        problem=growth.problem,
        next=next_opening(ledger),
        reached=engine.lines.taken(),
    )


class _Growth:
    """One growth under way."""

    def __init__(self, engine: Engine, ledger: Ledger, director: Director) -> None:
        self.engine = engine
        self.ledger = ledger
        self.director = director
        self.steps: list[Step] = []
        self.queries: list[tuple[int, Step]] = []
        self.failure: CodeFailure | None = None
        self.refused: Refusal | None = None
        self.problem = ""
        self._held: Step | None = None

    def run(self, most_steps: int, is_over: Callable[[], bool]) -> None:
        ledger = self.ledger
        while not ledger.is_closed and len(self.steps) < most_steps and not (ledger.tasks and is_over()):
            if ledger.task is None:
                step = self._decided(can_join=False)
                if step is None:
                    return
                self._happen(step)
            if ledger.task is None:
                continue
            while not ledger.is_closed and (step := self._decided(can_join=True)) is not None:
                if not step.together:
                    self._held = step
                    break
                self._happen(step)
            while not ledger.is_closed and ledger.task is not None:
                # A task that the service adds after another's commands starts by itself: nothing joins it.
                if not self._task():
                    return

    def _decided(self, *, can_join: bool) -> Step | None:
        """The director's next step; one that did not join the task before is taken up here."""
        if self._held is not None:
            held, self._held = self._held, None
            return held
        return self.director.next(
            Situation(
                ledger=self.ledger,
                possible=tuple(possible(self.ledger)),
                results=self.engine.heard.results,
                steps=tuple(self.steps),
                can_join=can_join,
                handlers=self.engine.heard.handlers.now() if self.ledger.tasks else {},  # of this run alone
            )
        )

    def _happen(self, step: Step) -> None:
        if step.kind is StepKind.QUERY:
            # One that finds a task on its way is answered after it.
            self.queries.append((self.ledger.tasks + (self.ledger.task is not None), step))
        apply(self.ledger, step)
        self.steps.append(step)

    def _task(self) -> bool:
        """One workflow task; False where the code cannot go on."""
        ledger = self.ledger
        ledger.start_task()
        outcomes: list[LocalOutcome] = []
        while True:
            turn = self.engine.ask(ledger, outcomes, self.queries)
            if turn.failure is not None or turn.problem:
                self.failure, self.problem = turn.failure, turn.problem
                ledger.give_up_task()
                return False
            if not turn.waiting:
                break
            outcomes += self._locals(turn)
        found = refused_in(ledger, turn.asked)
        if found is None:
            take(ledger, turn.asked, turn.flags)
            return True
        command, refusal = found
        again = self.engine.asked_again(ledger, outcomes, self.queries).commands
        source = next((each.source for each in again if each.message == command.message), None)
        self.refused = replace(refusal, source=source)
        fail_task(ledger, refusal)
        return False

    def _locals(self, turn: Turn) -> Iterator[LocalOutcome]:
        for target in turn.waiting:
            step = self.director.local(target, self.engine.heard.results.of(target))
            self.steps.append(step)
            yield LocalOutcome(target=target, values=step.values, failure=step.failure)


class Scripted:
    """Directs by a list of steps; one that cannot happen when its turn comes is passed over.

    A local activity ends as in the list, wherever it stands there.

    Args:
        steps: What is to happen, in order.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._locals = {step.target: step for step in steps if _is_local(step)}
        self._steps = deque(step for step in steps if not _is_local(step))

    def next(self, situation: Situation) -> Step | None:
        while self._steps:
            step = self._steps[0]
            if situation.can_join and not step.together:
                return None
            self._steps.popleft()
            if _can_happen(step, situation):
                return step
        return None

    def local(self, target: Target, hint: Any) -> Step:
        step = self._locals.get(target)
        if step is not None:
            return step
        failure = Failure(message="no step for its end", type="NotInScript")
        return Step(kind=StepKind.FAILS, target=target, failure=failure)


def _is_local(step: Step) -> bool:
    return step.target is not None and step.target.subject is Subject.LOCAL_ACTIVITY


def _can_happen(step: Step, situation: Situation) -> bool:
    if step.kind in (StepKind.TASK_FAILS, StepKind.TASK_TIMES_OUT):
        return situation.can_join
    if step.target is None:
        return True
    return any(
        p.kind is step.kind
        and p.target == step.target
        and (step.timeout is None or p.timeout is step.timeout)
        for p in situation.possible
    )
