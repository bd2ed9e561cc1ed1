"""A run under way: its events, and what is open in it. No other module writes into it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowTaskCompletedMetadata
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.growing.service.journal import IDENTITY, Journal, duration
from replaykit.explore.growing.service.open_items import AdmittedUpdate, Pending, Task
from replaykit.explore.scenario import Opening, Subject, Target
from replaykit.history import event_name
from replaykit.replay.sdk.installed import VERSION

__all__ = ["Ledger"]

_CORE_FLAGS = (1, 2, 3, 4) if hasattr(WorkflowCommand(), "event_group_markers") else (1, 2, 3)
"""Core compares the ids and types of activities, writes `TemporalChangeVersion`, and moves the end of the run
after the other commands of its task: what every Core that this package runs with does. Flag 4 came with
temporalio 1.35, as did event groups; releases 1.24 to 1.34 record the first three."""


_TOO_MANY_EVENTS = 2
"""Number of `SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_HISTORY_EVENTS`, an enum of newer releases."""


class Ledger(Journal):
    """One run's events, and what is open in it.

    Args:
        opening: How the run starts.
        encoder: Of the worker whose run it is.
        run_id: Of the run; one chosen by the opening's seed where there is none.
    """

    def __init__(self, opening: Opening, encoder: Encoder, *, run_id: str = "") -> None:
        super().__init__(opening, encoder, run_id=run_id)
        self._pending: dict[Target, Pending] = {}
        self._seqs: dict[int, int] = {}
        self._named: Counter[tuple[Subject, str]] = Counter()
        self._afterwards: list[Callable[[], object]] = []
        self._task: Task | None = None
        self._tasks = 0
        self._updates: list[AdmittedUpdate] = []
        self._brought: dict[str, AdmittedUpdate] = {}
        self._admitted = 0
        self._patches: list[str] = []
        self._search_attributes: dict[str, Payload] = {}
        self._memo: dict[str, Payload] = {}
        self._next_input: Sequence[Payload] = ()

    # What the code has started

    @property
    def pending(self) -> Mapping[Target, Pending]:
        """What the code has started and is still open, in the order in which it was."""
        return self._pending

    @property
    def seqs(self) -> Mapping[int, int]:
        """By command event, the SDK's own number of what it started."""
        return self._seqs

    def find(self, subject: Subject, seq: int) -> Pending | None:
        """What the code started under that number of the SDK's own; None where it is closed."""
        return next(
            (p for p in self._pending.values() if p.target.subject is subject and p.command.seq == seq), None
        )

    def opens(self, subject: Subject, name: str, command: Any, event: HistoryEvent) -> None:
        """The code has started something.

        Args:
            subject: What it is.
            name: What a `Target` calls it.
            command: The SDK's own message.
            event: The one that records the command.
        """
        self._named[subject, name] += 1
        target = Target(subject=subject, name=name, nth=self._named[subject, name])
        self._pending[target] = Pending(
            target=target, command=command, event_id=event.event_id, since=self._now
        )
        self._seqs[event.event_id] = getattr(command, "seq", 0)

    def change(self, pending: Pending, **changes: Any) -> Pending:
        """These fields of something that is open have changed."""
        changed = self._pending[pending.target] = dataclasses.replace(pending, **changes)
        return changed

    def close(self, pending: Pending) -> None:
        """Something that was open has come to an end."""
        del self._pending[pending.target]

    def ends(self, pending: Pending, event: str, **attributes: Any) -> None:
        """The same with an event of which the code hears."""
        self.close(pending)
        self.write(event, **attributes)
        self.wake()

    # Workflow tasks

    @property
    def task(self) -> Task | None:
        """The workflow task under way."""
        return self._task

    @property
    def tasks(self) -> int:
        """Workflow tasks that were completed."""
        return self._tasks

    @property
    def started_id(self) -> int:
        """Id of the WorkflowTaskStarted event of the task under way; 0 for none."""
        return self._task.started_id if self._task is not None else 0

    @property
    def is_retrying(self) -> bool:
        """Whether the task is tried again with nothing new: should it fail once more, nothing is written."""
        task = self._task
        return task is not None and task.attempt > 1 and task.since == len(self._events)

    def wake(self) -> None:
        """Have the code hear of what happened: there will be a task, also where an update is refused."""
        self.keep_task()
        self.schedule_task()

    def schedule_task(self, attempt: int = 1, *, is_speculative: bool = False) -> None:
        """Put a workflow task on its queue, unless there is one."""
        if self._task is None:
            scheduled = self._write_scheduled(1) if attempt == 1 else 0
            self._task = Task(
                scheduled_id=scheduled,
                attempt=attempt,
                is_speculative=is_speculative,
                since=len(self._events),
            )

    def _write_scheduled(self, attempt: int) -> int:
        event = self.write(
            "WorkflowTaskScheduled",
            task_queue=self.queue(),
            start_to_close_timeout=duration(self.task_timeout),
            attempt=attempt,
        )
        return event.event_id

    def keep_task(self) -> None:
        """Something else than an update has happened: the task will be written down in any case."""
        if self._task is not None and self._task.is_speculative:
            self._task = dataclasses.replace(self._task, is_speculative=False)

    def start_task(self, identity: str = IDENTITY) -> None:
        """A worker takes the workflow task."""
        assert self._task is not None
        self.tick()
        if not self._task.scheduled_id:
            attempt = self._task.attempt if self.is_retrying else 1
            scheduled = self._write_scheduled(attempt)
            self._task = dataclasses.replace(self._task, scheduled_id=scheduled, attempt=attempt)
        event = self.write(
            "WorkflowTaskStarted",
            scheduled_event_id=self._task.scheduled_id,
            identity=identity,
            request_id=self.made_up_id("task"),
            history_size_bytes=sum(event.ByteSize() for event in self._events),
            **self._noticed(),
        )
        self._task = dataclasses.replace(self._task, started_id=event.event_id)

    def _noticed(self) -> Mapping[str, Any]:
        """What the code can hear with the task: that the run is better continued as new, or that it could
        go on with another version."""
        noticed: dict[str, Any] = {}
        if 0 < self.opening.suggested_from <= self._tasks + 1:
            noticed["suggest_continue_as_new"] = True
            noticed["suggest_continue_as_new_reasons"] = [_TOO_MANY_EVENTS]
        if 0 < self.opening.redeployed_from <= self._tasks + 1:
            noticed["target_worker_deployment_version_changed"] = True
        return noticed

    def complete_task(self, flags: Collection[int]) -> int:
        """The worker has answered.

        Args:
            flags: The SDK's own internal flags that its code used for the first time.

        Returns:
            Id of the WorkflowTaskCompleted event, which every command event points to.
        """
        assert self._task is not None
        before = self._task.started_id - 1
        for update in self._updates:
            self._brought[update.update_id] = dataclasses.replace(update, sequencing_id=before)
        self._updates = []
        self.tick()
        metadata = WorkflowTaskCompletedMetadata(lang_used_flags=sorted(flags))
        if not self._tasks:
            metadata.core_used_flags.extend(_CORE_FLAGS)
            metadata.sdk_name = "temporal-python"
            metadata.sdk_version = VERSION
        event = self.write(
            "WorkflowTaskCompleted",
            scheduled_event_id=self._task.scheduled_id,
            started_event_id=self._task.started_id,
            identity=IDENTITY,
            sdk_metadata=metadata,
            metering_metadata={},
        )
        self._task = None
        self._tasks += 1
        return event.event_id

    def lose_task(self, event: str, **attributes: Any) -> None:
        """The started task has come to nothing: an event records why, and it is tried again."""
        assert self._task is not None
        self.write(
            event,
            scheduled_event_id=self._task.scheduled_id,
            started_event_id=self._task.started_id,
            **attributes,
        )
        self._task = None
        self.schedule_task(attempt=2)

    def retry_task(self) -> None:
        """The task that is tried again has come to nothing once more."""
        assert self._task is not None
        self._task = dataclasses.replace(self._task, attempt=self._task.attempt + 1)

    def forget_task(self) -> None:
        """Take back a task that no service writes down: it only brought updates, and all were refused."""
        self._take_back(2)
        self._task = None
        self._updates = []

    def give_up_task(self) -> None:
        """Leave the task on its queue: no worker can complete it."""
        assert self._task is not None
        self._take_back(2 if self._task.attempt > 1 else 1)
        self._task = None

    def add_afterwards(self, write: Callable[[], object]) -> None:
        """Have something written after the commands of the task, where the run goes on."""
        self._afterwards.append(write)

    def write_afterwards(self) -> None:
        """The commands of a task are written: the service adds what it has to, and the code hears of it."""
        afterwards, self._afterwards = self._afterwards, []
        if afterwards and not self.is_closed:
            for write in afterwards:
                write()
            self.schedule_task()

    def finish_command(self, event: HistoryEvent, command: WorkflowCommand) -> None:
        """Put an event through the worker's codec, and add what the code noted on its command."""
        self.encoder.code_attributes(event)
        if command.HasField("user_metadata"):
            event.user_metadata.CopyFrom(command.user_metadata)
            self.encoder.code(event.user_metadata)
        if hasattr(command, "event_group_markers"):  # not before temporalio 1.35
            event.event_group_markers.extend(command.event_group_markers)
            for marker in event.event_group_markers:
                self.encoder.code(marker)

    # Updates

    @property
    def updates(self) -> Sequence[AdmittedUpdate]:
        """Those that the next workflow task brings."""
        return self._updates

    def admit_update(self, name: str, arguments: Payloads) -> None:
        """A client sends an update: a message beside the next workflow task, and no event."""
        self._admitted += 1
        self._updates.append(
            AdmittedUpdate(update_id=f"update-{self._admitted}", name=name, arguments=arguments)
        )

    def brought_update(self, update_id: str) -> AdmittedUpdate:
        """One that a workflow task has brought to the code."""
        return self._brought[update_id]

    def accept_update(self, update: AdmittedUpdate, accepted_id: int) -> None:
        """The code has accepted an update, as that event records."""
        self._brought[update.update_id] = dataclasses.replace(update, accepted_id=accepted_id)

    # What the run carries

    @property
    def patches(self) -> Sequence[str]:
        """Patch ids that have a marker."""
        return self._patches

    @property
    def search_attributes(self) -> Mapping[str, Payload]:
        """Those that the run was started with, and that the code has set."""
        return self._search_attributes

    @property
    def memo(self) -> Mapping[str, Payload]:
        """What the run was started with, and what the code has set of it."""
        return self._memo

    @property
    def next_input(self) -> Sequence[Payload]:
        """Of the run that follows this one, before the codec."""
        return self._next_input

    def add_patch(self, patch_id: str) -> None:
        """A patch has its marker from now on."""
        self._patches.append(patch_id)

    def set_search_attributes(self, fields: Mapping[str, Payload]) -> None:
        """The start, or the code, has set these."""
        self._search_attributes.update(fields)

    def set_memo(self, fields: Mapping[str, Payload]) -> None:
        """The start, or the code, has set these fields of the memo."""
        self._memo.update(fields)

    def continue_with(self, arguments: Sequence[Payload]) -> None:
        """Another run follows this one, with that input."""
        self._next_input = tuple(arguments)

    # A recorded run

    def take_up(self, event: HistoryEvent) -> None:
        """Go on to the next event of a run that was recorded."""
        self._take_up(event)
        name = event_name(event)
        if name == "WorkflowTaskScheduled":
            self._task = Task(scheduled_id=event.event_id)
        elif name == "WorkflowTaskCompleted":
            self._task = None
            self._tasks += 1
        elif name in ("WorkflowTaskFailed", "WorkflowTaskTimedOut"):
            self._task = Task(attempt=2, since=len(self._events))
