"""Judging a History against changed code, strictly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.config import StrictPolicy, WorkerConfig
from replaykit.history import History
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.verdict import Verdict
from tests.replay.samples import with_events

ROOT = Path(__file__).resolve().parents[3]

Edit = Callable[[list[HistoryEvent]], None]


def judge(
    history: History,
    *classes: type,
    data_converter: Any = None,
    policy: StrictPolicy | None = None,
) -> Verdict:
    """The strict Verdict of a History against these workflow classes."""
    worker = Worker(
        config=WorkerConfig(),
        workflows=classes,
        names=tuple(sorted(cls.__temporal_workflow_definition.name for cls in classes)),  # type: ignore[attr-defined]
        has_dynamic=False,
        data_converter=data_converter,
    )
    strict = policy if policy is not None else StrictPolicy()
    with ReplaySession(worker, root=ROOT, timeout_s=30, strict=strict) as session:
        return session.judge(history, name=history.workflow_id or "history")


def edited(history: History, edit: Edit | None) -> History:
    """A copy of a History with its events changed on purpose."""
    if edit is None:
        return history

    def change(events: list[HistoryEvent]) -> Sequence[HistoryEvent]:
        edit(events)
        return events

    return with_events(history, change, status=history.status)


def of_type(events: Sequence[HistoryEvent], name: str) -> list[HistoryEvent]:
    """The events of a type, such as `TIMER_STARTED`."""
    return [event for event in events if EventType.Name(event.event_type) == f"EVENT_TYPE_{name}"]


def without_sdk_metadata(events: list[HistoryEvent]) -> None:
    """As an SDK before Core's first flag recorded it: names of commands are not compared."""
    for event in of_type(events, "WORKFLOW_TASK_COMPLETED"):
        event.workflow_task_completed_event_attributes.ClearField("sdk_metadata")
