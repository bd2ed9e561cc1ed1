"""Events one after another, with their ids, times and links, as the service writes them."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import temporalio.api.history.v1 as messages
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, TaskQueueKind
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.taskqueue.v1 import TaskQueue

from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.scenario import Opening
from replaykit.history import History, Source
from replaykit.history.events import close_status, status_of
from replaykit.replay.sdk.installed import VERSION
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds, task_timeout

__all__ = ["IDENTITY", "SECOND", "Journal", "duration", "timestamp"]

IDENTITY = "replaykit"
"""Of every client and worker in a grown History."""
SECOND: Nanoseconds = 1_000_000_000
_EPOCH_NS = int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()) * SECOND
_TICK_NS = 1_000_000
_NEWER_FIELDS = frozenset(
    {
        "request_id",
        "root_workflow_execution",
        "suggest_continue_as_new_reasons",
        "target_worker_deployment_version_changed",
    }
)
"""Fields that a service writes, and that some events of older releases of temporalio do not have."""


class Journal:
    """One run's events.

    Args:
        opening: How the run starts.
        encoder: Of the worker whose run it is.
        run_id: Of the run; one chosen by the opening's seed where there is none.
        events: What is written already.
    """

    def __init__(
        self, opening: Opening, encoder: Encoder, *, run_id: str = "", events: Sequence[HistoryEvent] = ()
    ) -> None:
        self.opening = opening
        self.encoder = encoder
        self.run_id = run_id or _run_id(opening.seed)
        self._events = list(events)
        self._now = self._events[-1].event_time.ToNanoseconds() if events else _EPOCH_NS

    @property
    def events(self) -> Sequence[HistoryEvent]:
        """What is written so far; its event 7 is number 6."""
        return self._events

    @property
    def now(self) -> Nanoseconds:
        """The time, in nanoseconds since 1970."""
        return self._now

    @property
    def is_closed(self) -> bool:
        """Whether the run has come to an end."""
        return bool(self._events) and close_status(self._events[-1]) is not None

    @property
    def started_at(self) -> Nanoseconds:
        """When the run was started."""
        return self._events[0].event_time.ToNanoseconds()

    @property
    def run_timeout(self) -> Nanoseconds:
        """Of the run; 0 for none."""
        started = self._events[0].workflow_execution_started_event_attributes
        return nanoseconds(started.workflow_run_timeout)

    @property
    def task_timeout(self) -> Nanoseconds:
        """Of one workflow task: never longer than the run's own."""
        if self._events:
            started = self._events[0].workflow_execution_started_event_attributes
            return nanoseconds(started.workflow_task_timeout)
        run = self.opening.run_timeout or self.opening.execution_timeout
        return task_timeout(0, int(run.total_seconds() * SECOND) if run is not None else 0)

    def write(self, name: str, **attributes: Any) -> HistoryEvent:
        """Append an event.

        Args:
            name: CamelCase name of its type.
            **attributes: Fields of its attributes message; None for one that stays unset.
        """
        number, (field_name, message) = _type(name)
        event = HistoryEvent(
            event_id=len(self._events) + 1,
            event_time=timestamp(self._now),
            event_type=number,
            task_id=1_048_576 + len(self._events),
        )
        for newer in _NEWER_FIELDS.difference(message.DESCRIPTOR.fields_by_name):
            attributes.pop(newer, None)
        getattr(event, field_name).CopyFrom(message(**attributes))
        self._events.append(event)
        return event

    def write_ignorable(self, name: str, **attributes: Any) -> None:
        """The same, for an event over which a worker steps that does not know its type."""
        self.write(name, **attributes).worker_may_ignore = True

    def tick(self) -> None:
        """Let a moment pass."""
        self._now += _TICK_NS

    def wait(self, length: Nanoseconds) -> None:
        """Let that much time pass."""
        self._now += length

    def wait_until(self, moment: Nanoseconds) -> None:
        """Let time pass up to a moment, unless it is over."""
        self._now = max(self._now, moment)

    def queue(self, name: str = "") -> TaskQueue:
        """A task queue as events name it; the run's own by default."""
        return TaskQueue(name=name or self.opening.task_queue, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL)

    def is_own_queue(self, name: str) -> bool:
        """Whether a command's task queue is the run's."""
        return name in ("", self.opening.task_queue)

    def execution(self, workflow_id: str, run_id: str = "") -> WorkflowExecution:
        """A workflow's two ids as one message."""
        return WorkflowExecution(workflow_id=workflow_id, run_id=run_id)

    def made_up_id(self, *parts: object) -> str:
        """An id like the service's own, the same each time, whatever patches the code asks about."""
        others = sum(not _is_of_patch(event) for event in self._events)
        words = "/".join(map(str, (self.opening.seed, others, *parts)))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, words))

    def history(self) -> History:
        """What there is so far."""
        return History(
            events=tuple(self._events),
            workflow_id=self.opening.workflow_id,
            run_id=self.run_id,
            workflow_type=self.opening.workflow_type,
            namespace=self.opening.namespace,
            status=status_of(self._events),
            task_queue=self.opening.task_queue,
            source=Source.EXPLORE,
            sdk=f"temporal-python {VERSION}",
        )

    def _take_up(self, event: HistoryEvent) -> None:
        """Append an event that was recorded."""
        self._events.append(event)
        self._now = event.event_time.ToNanoseconds()

    def _take_back(self, count: int) -> None:
        """Remove the last events: no service would have written them."""
        del self._events[len(self._events) - count :]


def _is_of_patch(event: HistoryEvent) -> bool:
    """Whether an event is what Core writes for a call of `patched`: a marker, and the runs' list of them."""
    if event.HasField("marker_recorded_event_attributes"):
        return event.marker_recorded_event_attributes.marker_name == "core_patch"
    upserted = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    return "TemporalChangeVersion" in upserted


def timestamp(value: Nanoseconds) -> Timestamp:
    """A point in time as events hold it."""
    return Timestamp(seconds=value // SECOND, nanos=value % SECOND)


def duration(value: Nanoseconds) -> Duration:
    """A length of time as events hold it."""
    return Duration(seconds=value // SECOND, nanos=value % SECOND)


def _run_id(seed: int) -> str:
    return str(uuid.UUID(int=(0x01900000 << 96) | (0x7 << 76) | (0x8 << 60) | seed))


@functools.cache
def _type(name: str) -> tuple[Any, tuple[str, Any]]:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    number = EventType.Value(f"EVENT_TYPE_{snake.upper()}")
    return number, (f"{snake}_event_attributes", getattr(messages, f"{name}EventAttributes"))
