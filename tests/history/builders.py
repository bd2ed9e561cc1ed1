"""Histories built event by event, as a Temporal service would have recorded them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History, Source

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)
RUN_ID = "019b7c3a-1f00-7abc-8def-6279184bd1cf"
QUEUE = {"name": "orders", "kind": "TASK_QUEUE_KIND_NORMAL"}


def payload(value: object) -> Payload:
    """A payload as the default data converter writes it."""
    data = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    return Payload(metadata={"encoding": b"json/plain"}, data=data)


def payloads(*values: object) -> Payloads:
    return Payloads(payloads=[payload(value) for value in values])


def payloads_json(*values: object) -> dict[str, Any]:
    """The same in proto JSON, for `HistoryBuilder.add`."""
    return MessageToDict(payloads(*values))


class HistoryBuilder:
    """Appends events with the next id, 100 ms apart; attributes in proto JSON."""

    def __init__(self, *, workflow_type: str = "OrderWorkflow", run_id: str = RUN_ID, **started: Any) -> None:
        self.events: list[HistoryEvent] = []
        self.add(
            "WorkflowExecutionStarted",
            workflowType={"name": workflow_type},
            originalExecutionRunId=run_id,
            firstExecutionRunId=run_id,
            workflowTaskTimeout="10s",
            attempt=1,
            **{"workflowId": "order-17", "taskQueue": QUEUE, **started},
        )

    def add(self, name: str, **attributes: Any) -> int:
        """Append an event and return its id. `name` is its CamelCase type."""
        event_id = len(self.events) + 1
        event = HistoryEvent(event_id=event_id, task_id=1048576 + event_id)
        event.event_time.FromDatetime(START + timedelta(milliseconds=100 * (event_id - 1)))
        snake = "".join(f"_{char}" if char.isupper() else char for char in name).lstrip("_")
        event.event_type = EventType.Value(f"EVENT_TYPE_{snake.upper()}")
        target = getattr(event, f"{snake.lower()}_event_attributes")
        target.SetInParent()
        ParseDict(attributes, target)
        self.events.append(event)
        return event_id

    def task(self, **completed: Any) -> int:
        """A whole workflow task; returns the id of its WorkflowTaskCompleted."""
        scheduled = self.add("WorkflowTaskScheduled", taskQueue=QUEUE, startToCloseTimeout="10s", attempt=1)
        started = self.add("WorkflowTaskStarted", scheduledEventId=scheduled)
        return self.add(
            "WorkflowTaskCompleted", scheduledEventId=scheduled, startedEventId=started, **completed
        )

    def schedule_activity(self, task: int, name: str, *arguments: object) -> int:
        activity_id = str(
            sum("activity_task_scheduled" in str(e.WhichOneof("attributes")) for e in self.events) + 1
        )
        return self.add(
            "ActivityTaskScheduled",
            activityId=activity_id,
            activityType={"name": name},
            taskQueue=QUEUE,
            input=payloads_json(*arguments),
            startToCloseTimeout="30s",
            workflowTaskCompletedEventId=task,
        )

    def activity(self, task: int, name: str, *arguments: object, result: object = None) -> int:
        """A whole activity that completes; returns the id of its ActivityTaskScheduled."""
        scheduled = self.schedule_activity(task, name, *arguments)
        started = self.add("ActivityTaskStarted", scheduledEventId=scheduled, attempt=1)
        self.add(
            "ActivityTaskCompleted",
            scheduledEventId=scheduled,
            startedEventId=started,
            result=payloads_json(result),
        )
        return scheduled

    def add_child(self, task: int, name: str, workflow_id: str) -> int:
        return self.add(
            "StartChildWorkflowExecutionInitiated",
            workflowId=workflow_id,
            workflowType={"name": name},
            taskQueue=QUEUE,
            workflowTaskCompletedEventId=task,
        )

    def add_patch(self, task: int, patch_id: str) -> int:
        """The marker that Core writes for `workflow.patched`."""
        return self.add(
            "MarkerRecorded",
            markerName="core_patch",
            details={"patch-data": payloads_json({"id": patch_id, "deprecated": False})},
            workflowTaskCompletedEventId=task,
        )

    def complete(self, task: int, result: object = None) -> int:
        return self.add(
            "WorkflowExecutionCompleted", result=payloads_json(result), workflowTaskCompletedEventId=task
        )

    def history(self, **metadata: Any) -> History:
        """The events so far as a History with the metadata that a capture gives it."""
        known: dict[str, Any] = {
            "workflow_id": "order-17",
            "run_id": RUN_ID,
            "workflow_type": "OrderWorkflow",
            "namespace": "default",
            "status": "RUNNING",
            "task_queue": "orders",
            "captured_at": datetime(2026, 1, 2, 4, 0, 0, tzinfo=timezone.utc),
            "source": Source.SERVICE,
            "sdk": "temporal-python 1.35.0",
            "build_id": None,
        }
        return History(events=tuple(self.events), **{**known, **metadata})


SDK = {"sdkName": "temporal-python", "sdkVersion": "1.35.0", "coreUsedFlags": [1, 2, 3], "langUsedFlags": [1]}


def two_activities() -> History:
    """The 17 events of a workflow that runs two activities one after the other."""
    builder = HistoryBuilder(input=payloads_json({"order": 17}))
    builder.activity(builder.task(sdkMetadata=SDK), "validate_order", {"order": 17}, result=True)
    builder.activity(builder.task(), "process_payment", 17, 99.5, result="paid")
    builder.complete(builder.task(), "done")
    return builder.history(status="COMPLETED")


def bare(events: Sequence[HistoryEvent]) -> History:
    """A History of which nothing but its events is known."""
    return History(events=tuple(events))
