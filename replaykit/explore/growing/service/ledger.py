"""A growing history: events with their ids, times and links, as the service keeps them."""

from __future__ import annotations

import dataclasses
import functools
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import temporalio.api.history.v1 as messages
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload, Payloads, Priority, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import ContinueAsNewInitiator, EventType, TaskQueueKind
from temporalio.api.failure.v1 import Failure as FailureMessage
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowTaskCompletedMetadata
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.scenario import Opening, Subject, Target
from replaykit.history import History, Source, event_name
from replaykit.history.events import close_status, status_of
from replaykit.replay.sdk.installed import VERSION
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds, task_timeout

__all__ = ["AdmittedUpdate", "Ledger", "Pending"]

IDENTITY = "replaykit"
_EPOCH_NS = int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()) * 1_000_000_000
_TICK_NS = 1_000_000
_NEWER_FIELDS = frozenset({"request_id"})
"""Fields that a service writes, and that some events of older releases of temporalio do not have."""

_CORE_FLAGS = (1, 2, 3, 4) if hasattr(WorkflowCommand(), "event_group_markers") else (1, 2, 3)
"""Core compares the ids and types of activities, writes `TemporalChangeVersion`, and moves ends behind the
other commands of their task: what every Core that this package runs with does. Flag 4 came with temporalio
1.35, as did event groups; releases 1.24 to 1.34 record the first three."""


@dataclass(kw_only=True, slots=True)
class Pending:
    """What the code started, and the service has not closed."""

    target: Target
    command: Any
    """The SDK's own message."""
    event_id: int
    """Of the event that recorded the command."""
    since: int
    """Nanoseconds since 1970."""
    is_started: bool = False
    """Whether a worker has it, or a child runs."""
    started_id: int = 0
    """Of the started event of a child; of an activity where it was written early."""
    attempt: int = 1
    last_failure: FailureMessage | None = None
    heartbeat: Payloads | None = None
    cancel_id: int = 0
    """Of the event that asked for its cancellation; 0 for none."""
    token: str = ""
    """The run id of a child, the token of a Nexus operation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdmittedUpdate:
    """An update that the next workflow task brings to the code."""

    update_id: str
    name: str
    arguments: Payloads
    sequencing_id: int
    """Id of the event before the start of the workflow task that brings it, once that is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A workflow task under way."""

    scheduled_id: int = 0
    """0 for one that is tried again: it is written down once a worker takes it."""
    started_id: int = 0
    attempt: int = 1
    since: int = 0
    """How many events there were when it was scheduled."""
    is_speculative: bool = False
    """Whether only an update called for it: where that is refused, nothing is written down."""


@dataclass(kw_only=True, slots=True)
class Counts:
    """How many of each there were, for names and ids."""

    targets: dict[tuple[Subject, str], int] = field(default_factory=dict)
    updates: int = 0


class Ledger:
    """One run's events, and what is open in it.

    Args:
        opening: How the run starts.
        encoder: Of the worker whose run it is.
    """

    def __init__(self, opening: Opening, encoder: Encoder) -> None:
        self.opening = opening
        self.encoder = encoder
        self.run_id = str(uuid.UUID(int=(0x01900000 << 96) | (0x7 << 76) | (0x8 << 60) | opening.seed))
        self.events: list[HistoryEvent] = []
        self.pending: dict[Target, Pending] = {}
        self.updates: list[AdmittedUpdate] = []
        """Those that the next workflow task brings."""
        self.requests: dict[str, AdmittedUpdate] = {}
        self.accepted: dict[str, int] = {}
        """By update id, the event that accepted it."""
        self.patches: list[str] = []
        self.seqs: dict[int, int] = {}
        """By command event, the SDK's own number of what it started."""
        self.command_ids: set[int] = set()
        """Of the events that record what the code asked for."""
        self.afterwards: list[Callable[[], object]] = []
        """Writes what the service adds behind the commands of a task, where the run goes on."""
        self.task: Task | None = None
        self.now = _EPOCH_NS
        self.counts = Counts()
        self.search_attributes: dict[str, Any] = {}
        self.memo: dict[str, Any] = {}
        self.next_input: Sequence[Payload] = ()
        """Of the run that follows this one, before the codec."""

    @classmethod
    def opened(cls, opening: Opening, encoder: Encoder) -> Ledger:
        """A ledger with its started event, and the first workflow task scheduled."""
        ledger = cls(opening, encoder)
        started: dict[str, Any] = {
            "workflow_type": WorkflowType(name=opening.workflow_type),
            "task_queue": ledger.queue(),
            "workflow_task_timeout": _duration(ledger.task_timeout),
            "original_execution_run_id": ledger.run_id,
            "first_execution_run_id": opening.first_run_id or ledger.run_id,
            "identity": IDENTITY,
            "attempt": 1,
            "workflow_id": opening.workflow_id,
            "first_workflow_task_backoff": Duration(),
            "priority": Priority(),
        }
        if opening.continued_from:
            started["continued_execution_run_id"] = opening.continued_from
            started["initiator"] = ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW
        if opening.values:
            started["input"] = encoder.payloads(opening.values)
        for key, timeout in (
            ("workflow_execution_timeout", opening.execution_timeout),
            ("workflow_run_timeout", opening.run_timeout or opening.execution_timeout),
        ):
            if timeout is not None:
                started[key] = Duration()
                started[key].FromTimedelta(timeout)
        if opening.execution_timeout is not None:
            ends = ledger.now + int(opening.execution_timeout.total_seconds() * 1_000_000_000)
            started["workflow_execution_expiration_time"] = _timestamp(ends)
        ledger.write("WorkflowExecutionStarted", **started)
        ledger.schedule_task()
        return ledger

    @property
    def is_closed(self) -> bool:
        """Whether the run has come to an end."""
        return bool(self.events) and close_status(self.events[-1]) is not None

    @property
    def tasks(self) -> int:
        """Workflow tasks that were completed."""
        return sum(event_name(event) == "WorkflowTaskCompleted" for event in self.events)

    @property
    def task_timeout(self) -> Nanoseconds:
        """Of one workflow task: never longer than the run's own."""
        if self.events:
            started = self.events[0].workflow_execution_started_event_attributes
            return nanoseconds(started.workflow_task_timeout)
        run = self.opening.run_timeout or self.opening.execution_timeout
        return task_timeout(0, int(run.total_seconds() * 1_000_000_000) if run is not None else 0)

    @property
    def scheduled_id(self) -> int:
        """Id of the WorkflowTaskScheduled event of the task under way; 0 for none that is written."""
        return self.task.scheduled_id if self.task is not None else 0

    @property
    def started_id(self) -> int:
        """Id of the WorkflowTaskStarted event of the task under way; 0 for none."""
        return self.task.started_id if self.task is not None else 0

    def write(self, name: str, **attributes: Any) -> HistoryEvent:
        """Append an event.

        Args:
            name: CamelCase name of its type.
            **attributes: Fields of its attributes message.
        """
        number, kind = _type(name)
        event = HistoryEvent(
            event_id=len(self.events) + 1, event_time=self.time(), event_type=number, task_id=self._task_id()
        )
        field_name, message = kind
        for newer in _NEWER_FIELDS.difference(message.DESCRIPTOR.fields_by_name):
            attributes.pop(newer, None)
        getattr(event, field_name).CopyFrom(message(**attributes))
        self.events.append(event)
        return event

    def _task_id(self) -> int:
        return 1_048_576 + len(self.events)

    def tick(self) -> None:
        """Let a moment pass."""
        self.now += _TICK_NS

    def time(self) -> Timestamp:
        """The time of what is written now."""
        return _timestamp(self.now)

    def queue(self, name: str = "") -> TaskQueue:
        """A task queue as events name it; the run's own by default."""
        return TaskQueue(name=name or self.opening.task_queue, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL)

    def execution(self, workflow_id: str, run_id: str = "") -> WorkflowExecution:
        """A workflow's two ids as one message."""
        return WorkflowExecution(workflow_id=workflow_id, run_id=run_id)

    def is_own_queue(self, name: str) -> bool:
        """Whether a command's task queue is the run's."""
        return name in ("", self.opening.task_queue)

    def schedule_task(self, attempt: int = 1, *, is_speculative: bool = False) -> None:
        """Have the code told of what happened, unless it is about to be."""
        if self.task is None:
            scheduled = self._write_scheduled(1) if attempt == 1 else 0
            self.task = Task(
                scheduled_id=scheduled,
                attempt=attempt,
                is_speculative=is_speculative,
                since=len(self.events),
            )

    def _write_scheduled(self, attempt: int) -> int:
        event = self.write(
            "WorkflowTaskScheduled",
            task_queue=self.queue(),
            start_to_close_timeout=_duration(self.task_timeout),
            attempt=attempt,
        )
        return event.event_id

    @property
    def is_retrying(self) -> bool:
        """Whether the task is tried again with nothing new: should it fail once more, nothing is written."""
        task = self.task
        return task is not None and task.attempt > 1 and task.since == len(self.events)

    def retry_task(self) -> None:
        """The task that is tried again has failed once more."""
        assert self.task is not None
        self.task = dataclasses.replace(self.task, attempt=self.task.attempt + 1)

    def keep_task(self) -> None:
        """Something else than an update has happened: the task will be written down whatever comes of it."""
        if self.task is not None:
            self.task = dataclasses.replace(self.task, is_speculative=False)

    def start_task(self) -> None:
        """A worker takes the workflow task."""
        assert self.task is not None
        self.tick()
        if not self.task.scheduled_id:
            attempt = self.task.attempt if self.is_retrying else 1
            scheduled = self._write_scheduled(attempt)
            self.task = dataclasses.replace(self.task, scheduled_id=scheduled, attempt=attempt)
        event = self.write(
            "WorkflowTaskStarted",
            scheduled_event_id=self.task.scheduled_id,
            identity=IDENTITY,
            request_id=self.made_up_id("task"),
            history_size_bytes=sum(event.ByteSize() for event in self.events),
        )
        self.task = dataclasses.replace(self.task, started_id=event.event_id)

    def complete_task(self, flags: Collection[int]) -> int:
        """The worker has answered.

        Args:
            flags: The SDK's own internal flags that its code used for the first time.

        Returns:
            Id of the WorkflowTaskCompleted event, which every command event points to.
        """
        assert self.task is not None
        self.tick()
        metadata = WorkflowTaskCompletedMetadata(lang_used_flags=sorted(flags))
        if not self.tasks:
            metadata.core_used_flags.extend(_CORE_FLAGS)
            metadata.sdk_name = "temporal-python"
            metadata.sdk_version = VERSION
        event = self.write(
            "WorkflowTaskCompleted",
            scheduled_event_id=self.task.scheduled_id,
            started_event_id=self.task.started_id,
            identity=IDENTITY,
            sdk_metadata=metadata,
            metering_metadata={},
        )
        self.task = None
        return event.event_id

    def forget_task(self) -> None:
        """Take back a task that no service writes down: it only brought updates, and all were refused."""
        del self.events[-2:]
        self.task = None

    def give_up_task(self) -> None:
        """Leave the task on its queue: no worker can complete it."""
        assert self.task is not None
        del self.events[-2 if self.task.attempt > 1 else -1 :]
        self.task = None

    def opens(self, subject: Subject, name: str, command: Any, event: HistoryEvent) -> Pending:
        """Remember what a command event started."""
        count = self.counts.targets.get((subject, name), 0) + 1
        self.counts.targets[subject, name] = count
        target = Target(subject=subject, name=name, nth=count)
        pending = Pending(target=target, command=command, event_id=event.event_id, since=self.now)
        self.pending[target] = pending
        self.seqs[event.event_id] = getattr(command, "seq", 0)
        return pending

    def write_cancel_answered(self, operation: Pending) -> None:
        """The handler of a Nexus operation has heard that it is to be cancelled."""
        event = self.write(
            "NexusOperationCancelRequestCompleted",
            requested_event_id=operation.cancel_id,
            scheduled_event_id=operation.event_id,
        )
        event.worker_may_ignore = True

    def find(self, subject: Subject, seq: int) -> Pending | None:
        """What the code started under that number of the SDK's own; None where it is closed."""
        return next(
            (p for p in self.pending.values() if p.target.subject is subject and p.command.seq == seq), None
        )

    def made_up_id(self, *parts: object) -> str:
        """An id like the service's own, the same each time."""
        words = "/".join(map(str, (self.opening.seed, len(self.events), *parts)))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, words))

    def history(self) -> History:
        """What there is so far."""
        return History(
            events=tuple(self.events),
            workflow_id=self.opening.workflow_id,
            run_id=self.run_id,
            workflow_type=self.opening.workflow_type,
            namespace=self.opening.namespace,
            status=status_of(self.events),
            task_queue=self.opening.task_queue,
            source=Source.EXPLORE,
            sdk=f"temporal-python {VERSION}",
        )


def _timestamp(value: Nanoseconds) -> Timestamp:
    return Timestamp(seconds=value // 1_000_000_000, nanos=value % 1_000_000_000)


def _duration(value: Nanoseconds) -> Duration:
    return Duration(seconds=value // 1_000_000_000, nanos=value % 1_000_000_000)


@functools.cache
def _type(name: str) -> tuple[Any, tuple[str, Any]]:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    number = EventType.Value(f"EVENT_TYPE_{snake.upper()}")
    return number, (f"{snake}_event_attributes", getattr(messages, f"{name}EventAttributes"))
