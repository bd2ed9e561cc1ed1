"""A scenario: what the world around a workflow does, step by step.

Pure values. `replaykit.explore.growing.service` turns steps into the events that a service would write, and
`replaykit.explore.growing.grow` runs the code against them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.common import RawValue, SearchAttributePair

__all__ = ["Failure", "Opening", "Scenario", "Step", "StepKind", "Subject", "Target", "Timeout"]


class Subject(str, enum.Enum):
    """What a command of the code started, and a step may be about."""

    ACTIVITY = "activity"
    LOCAL_ACTIVITY = "local activity"
    TIMER = "timer"
    CHILD = "child"
    SIGNAL = "signal to"
    CANCEL = "cancel of"
    NEXUS = "Nexus operation"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Target:
    """The nth command of its subject and name, in the order in which the code asked for them."""

    subject: Subject
    """What it started."""
    name: str
    """Activity type, child workflow type, `service.operation`, external workflow id, length of a timer."""
    nth: int = 1
    """Counted from 1."""

    def __str__(self) -> str:
        which = f" ({_ordinal(self.nth)})" if self.nth > 1 else ""
        return f"{self.subject} {self.name}{which}"


class StepKind(str, enum.Enum):
    """What can happen. The value is its words in a story."""

    # Activities
    STARTS = "is picked up by a worker"
    HEARTBEATS = "heartbeats"
    COMPLETES = "completes"
    FAILS = "fails"
    TIMES_OUT = "times out"
    CANCELLED = "is cancelled"
    # Timers
    FIRES = "fires"
    # Children and Nexus operations, besides the above
    BEGINS = "starts"
    NOT_STARTED = "cannot start"
    TERMINATED = "is terminated"
    # Signals and cancels to other workflows
    DELIVERED = "is delivered"
    UNDELIVERABLE = "finds no workflow"
    # What comes from outside
    SIGNAL = "signal"
    UPDATE = "update"
    QUERY = "query"
    CANCEL = "the workflow is asked to cancel"
    PAUSED = "an operator pauses the run, and lets it go on"
    REASSIGNED = "an operator changes which deployment version it runs on"
    # The workflow task and the run
    TASK_FAILS = "the workflow task fails, and is tried again"
    TASK_TIMES_OUT = "the worker is gone, and another one takes over"
    RUN_TIMES_OUT = "the run times out"
    RUN_TERMINATED = "the run is terminated"

    def __str__(self) -> str:
        return self.value


class Timeout(str, enum.Enum):
    """Which timeout of an activity or Nexus operation."""

    SCHEDULE_TO_START = "schedule to start"
    START_TO_CLOSE = "start to close"
    SCHEDULE_TO_CLOSE = "schedule to close"
    HEARTBEAT = "heartbeat"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An application error, as an activity, a child or a Nexus operation raises it."""

    message: str = "it failed"
    """Of the `ApplicationError`."""
    type: str = "Error"
    """Its `type`, which retry policies and workflow code go by."""
    retryable: bool = False
    """Whether a retry policy may try again."""
    details: tuple[Any, ...] = ()
    """Its details, as Python values."""

    def __str__(self) -> str:
        details = f" {', '.join(_shown(detail) for detail in self.details)}" if self.details else ""
        return f"{'' if not self.retryable else 'retryable '}{self.type}({self.message!r}){details}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing that happens."""

    kind: StepKind
    """What happens."""
    target: Target | None = None
    """What it is about; None where it comes from outside."""
    name: str = ""
    """Of a signal, update or query."""
    values: tuple[Any, ...] = ()
    """A result, or the arguments of a signal, update or query, as Python values."""
    failure: Failure | None = None
    """With what it fails, where it does."""
    timeout: Timeout | None = None
    """Which timeout it is, where one is."""
    together: bool = False
    """Whether the code hears of it in the same workflow task as of the step before."""

    def __str__(self) -> str:
        values = ", ".join(_shown(value) for value in self.values)
        if self.kind in (StepKind.SIGNAL, StepKind.UPDATE, StepKind.QUERY):
            text = f"{self.kind} {self.name}({values})"
        elif self.target is None:
            text = str(self.kind)
        elif self.timeout is not None:
            text = f"{self.target} {self.kind} ({self.timeout})"
        elif self.failure is not None:
            text = f"{self.target} {self.kind}: {self.failure}"
        else:
            text = f"{self.target} {self.kind}{f' with {values}' if values else ''}"
        return f"{text}, in the same workflow task" if self.together else text


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """How a run starts."""

    workflow_type: str
    """Its name."""
    values: tuple[Any, ...] = ()
    """The workflow's input, as Python values."""
    workflow_id: str = "explored"
    """As the code sees it."""
    seed: int = 0
    """Chooses the run id, and so what `workflow.random()` and `workflow.uuid4()` answer."""
    task_queue: str = "explored"
    """As the code sees it."""
    namespace: str = "default"
    """As the code sees it."""
    run_timeout: timedelta | None = None
    """None for no limit."""
    execution_timeout: timedelta | None = None
    """None for no limit."""
    continued_from: str = ""
    """Run id of the run that continued as this one; empty for a first run."""
    first_run_id: str = ""
    """Run id of the first run of the chain; empty for a first run."""
    attempt: int = 1
    """Above 1 for a run that its retry policy started after one that failed."""
    last_failure: Failure | None = None
    """Of the run before, where this one is a later attempt."""
    parent: str = ""
    """Workflow id of the workflow that started it as a child; empty for none."""
    cron: str = ""
    """Its cron schedule; empty for none."""
    memo: Mapping[str, Any] = field(default_factory=dict)
    """As it was started with, as Python values."""
    search_attributes: tuple[SearchAttributePair[Any], ...] = ()
    """As it was started with."""
    last_result: tuple[Any, ...] = ()
    """What the run before answered, of a schedule or a cron; empty for none."""
    suggested_from: int = 0
    """From this workflow task on, counted from 1, continue-as-new is suggested; 0 for never."""
    redeployed_from: int = 0
    """From this workflow task on, its worker's deployment has another target version; 0 for never."""
    predates: tuple[str, ...] = ()
    """Ids of patches: the run is from before them, so `workflow.patched` answers False to each."""
    recorded_events: int = 0
    """Of a run that was recorded so far, whose input is in its first event and not here; 0 for a new run."""

    def __str__(self) -> str:
        if self.recorded_events:
            return f"{self.workflow_type} {self.workflow_id} goes on after event {self.recorded_events}"
        how = "continues as a new run" if self.continued_from else "starts"
        values = ", ".join(_shown(value) for value in self.values)
        return ", ".join([f"{self.workflow_type} {how} with ({values})", *self._circumstances()])

    def _circumstances(self) -> Iterator[str]:
        """What is special about the run."""
        if self.attempt > 1:
            after = f" after {self.last_failure}" if self.last_failure is not None else ""
            yield f"as attempt {self.attempt}{after}"
        if self.parent:
            yield f"as a child of {self.parent!r}"
        if self.cron:
            yield f"by the cron schedule {self.cron!r}"
        if self.last_result:
            yield f"after a run that answered {_shown(self.last_result[0])}"
        if self.memo:
            yield f"with the memo {', '.join(f'{key}={_shown(value)}' for key, value in self.memo.items())}"
        if self.search_attributes:
            pairs = (f"{pair.key.name}={_shown(pair.value)}" for pair in self.search_attributes)
            yield f"with search attributes {', '.join(pairs)}"
        if self.suggested_from:
            yield f"with continue-as-new suggested from its {_ordinal(self.suggested_from)} task on"
        if self.redeployed_from:
            yield f"with another target version deployed from its {_ordinal(self.redeployed_from)} task on"
        if self.predates:
            patches = " and ".join(map(repr, self.predates))
            yield f"from before the patch{'es' if len(self.predates) > 1 else ''} {patches}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A run's opening and all that happens to it.

    Its `str` is the story in numbered lines.

    Example:
        paid = Scenario(
            opening=Opening(workflow_type="OrderWorkflow", values=("order-17",)),
            steps=(
                Step(
                    kind=StepKind.COMPLETES,
                    target=Target(subject=Subject.ACTIVITY, name="charge"),
                    values=("ok",),
                ),
            ),
        )
        assert_deterministic(OrderWorkflow, examples=[paid])
    """

    opening: Opening
    """How the run starts."""
    steps: tuple[Step, ...] = ()
    """What happens, in order."""

    def __iter__(self) -> Iterator[str]:
        """The story, line by line."""
        yield str(self.opening)
        yield from map(str, self.steps)

    def __str__(self) -> str:
        return "\n".join(f"{number:>3}. {line}" for number, line in enumerate(self, start=1))


_LONGEST = 72


def _shown(value: Any) -> str:
    plain = value.payload.data.decode(errors="replace") if isinstance(value, RawValue) else repr(value)
    text = " ".join(plain.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
