"""Histories for engine tests: a captured one of the gallery, changed on purpose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from replaykit.history import History, read_history
from replaykit.replay.recorder import Around
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker

__all__ = ["HISTORIES", "ROOT", "data_processing", "session_of", "with_events"]

ROOT = Path(__file__).resolve().parents[2]
HISTORIES = ROOT / "histories"


def data_processing(workflow_type: str = "DataProcessingWorkflow") -> History:
    """The 17 events of two activities, as if a workflow of that type had recorded them."""
    (path,) = (HISTORIES / "DataProcessingWorkflow").glob("data-processing--*.json")
    history = read_history(path)
    first = HistoryEvent()
    first.CopyFrom(history.events[0])
    first.workflow_execution_started_event_attributes.workflow_type.name = workflow_type
    return dataclasses.replace(
        history, workflow_type=workflow_type, events=(first, *history.events[1:]), path=None
    )


def with_events(
    history: History,
    change: Callable[[list[HistoryEvent]], Sequence[HistoryEvent]],
    *,
    status: str | None = None,
) -> History:
    """A copy of a History with other events, and no status that would contradict them."""
    copies = [HistoryEvent() for _ in history.events]
    for copy, event in zip(copies, history.events, strict=True):
        copy.CopyFrom(event)
    return dataclasses.replace(history, events=tuple(change(copies)), status=status)


def session_of(
    *classes: type,
    timeout_s: float = 60.0,
    failure_types: Sequence[type[BaseException]] = (),
    data_converter: DataConverter | None = None,
    around: Around | None = None,
) -> ReplaySession:
    """A session over these workflow classes."""
    from replaykit.config import WorkerConfig

    worker = Worker(
        config=WorkerConfig(),
        workflows=classes,
        names=tuple(sorted(cls.__temporal_workflow_definition.name for cls in classes)),  # type: ignore[attr-defined]
        has_dynamic=False,
        workflow_failure_exception_types=tuple(failure_types),
        data_converter=data_converter,
    )
    return ReplaySession(worker, root=ROOT, timeout_s=timeout_s, around=around)
