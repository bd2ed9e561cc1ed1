"""What a comparison must know of the run: its own options, and which event recorded which command."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.converter import (
    ActivitySerializationContext,
    SerializationContext,
    WorkflowSerializationContext,
)

from replaykit.history import History
from replaykit.replay.commands import Command
from replaykit.replay.kinds import CANCELLABLE, CommandKind
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = ["Pair", "Run"]

Pair = tuple[HistoryEvent, Command]

_UPSERTED = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """The run that a History is of, and how its commands found their events."""

    history: History
    started: WorkflowExecutionStartedEventAttributes
    events_of: Mapping[tuple[CommandKind, int], HistoryEvent]
    """By the kind and number of a command that can be cancelled: the event that recorded it."""
    commands_of: Mapping[tuple[CommandKind, int], Command]
    """By the same: the command itself."""
    search_attributes: Mapping[str, Payload]
    """As the run began with them and upserted them later."""
    records_groups: bool
    """Whether any of its events is in an event group."""

    @classmethod
    def of(cls, history: History, pairs: Iterable[Pair], commands: Sequence[Command]) -> Run:
        """Gather what a comparison needs.

        Args:
            history: A valid History: its first event is the start.
            pairs: Those of the alignment.
            commands: Every command that the code asked for.
        """
        started = history.events[0].workflow_execution_started_event_attributes
        search_attributes = dict(started.search_attributes.indexed_fields)
        for event in history.events:
            if event.event_type == _UPSERTED:
                upsert = event.upsert_workflow_search_attributes_event_attributes
                search_attributes.update(upsert.search_attributes.indexed_fields)
        search_attributes = {key: value for key, value in search_attributes.items() if not _is_unset(value)}
        return cls(
            history=history,
            started=started,
            events_of={
                (command.kind, command.seq or 0): event
                for event, command in pairs
                if command.kind in CANCELLABLE
            },
            commands_of={(c.kind, c.seq or 0): c for c in commands if c.kind in CANCELLABLE},
            search_attributes=search_attributes,
            records_groups=any(map(_is_in_group, history.events)),
        )

    @property
    def run_timeout(self) -> Nanoseconds:
        """0 for none."""
        return nanoseconds(self.started.workflow_run_timeout)

    @property
    def namespace(self) -> str:
        return self.history.namespace or "default"

    @property
    def context(self) -> SerializationContext:
        """The codec's context for payloads of the workflow itself."""
        return self.context_of_workflow(self.history.workflow_id or "")

    def context_of_workflow(self, workflow_id: str) -> SerializationContext:
        """The codec's context for payloads that go to another workflow."""
        return WorkflowSerializationContext(namespace=self.namespace, workflow_id=workflow_id)

    def context_of_activity(
        self, activity_type: str, activity_id: str | None, task_queue: str
    ) -> SerializationContext:
        """The codec's context for the payloads of an activity.

        Args:
            activity_type: Its type.
            activity_id: The one that the code gave it; None where the SDK numbered it.
            task_queue: Where it runs.
        """
        values: dict[str, Any] = {
            "namespace": self.namespace,
            "workflow_id": self.history.workflow_id or "",
            "workflow_type": self.history.workflow_type or "",
            "activity_type": activity_type,
            "activity_id": activity_id,
            "activity_task_queue": task_queue,
            "is_local": False,
        }
        known = dataclasses.fields(ActivitySerializationContext)  # they grow from release to release
        return ActivitySerializationContext(**{f.name: values[f.name] for f in known if f.name in values})


def _is_in_group(event: HistoryEvent) -> bool:
    return bool(getattr(event, "event_group_markers", ()))  # not before temporalio 1.31


def _is_unset(payload: Payload) -> bool:
    """Whether an upsert of that value took the search attribute away."""
    return payload.metadata.get("encoding") == b"binary/null" or payload.data in (b"null", b"[]")
