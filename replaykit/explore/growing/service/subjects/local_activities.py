"""Local activities: they run inside a workflow task, and a marker records how each ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.bridge.proto.activity_result import ActivityResolution
from temporalio.bridge.proto.workflow_activation import ResolveActivity

from replaykit.explore.growing.service.encoding import Encoder
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects.filling import as_json
from replaykit.explore.growing.service.subjects.rules import CommandRules, Job, SubjectRules
from replaykit.explore.scenario import Failure, Target
from replaykit.replay.kinds import REQUEST_CANCEL_LOCAL_ACTIVITY, SCHEDULE_LOCAL_ACTIVITY

__all__ = ["LOCAL_ACTIVITIES", "LocalMarker", "LocalOutcome", "ended", "write_marker"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalOutcome:
    """How a local activity of the task under way ends."""

    target: Target
    values: tuple[Any, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalMarker:
    """A local activity that came to its end inside the task."""

    command: Any
    """Its `ScheduleLocalActivity` message."""
    result: Payload | None = None
    failure: Any = None
    activation: int = 1
    """In which activation of the task the code got to know of it, counted from 1."""


def ended(encoder: Encoder, command: Any, outcome: LocalOutcome, activation: int) -> tuple[LocalMarker, Job]:
    """The end of a local activity: what is recorded of it, and what the code hears.

    Args:
        encoder: Of the worker.
        command: Its `ScheduleLocalActivity` message.
        outcome: How it ends.
        activation: See `LocalMarker.activation`.
    """
    resolution, result, failure = ActivityResolution(), None, None
    if outcome.failure is not None:
        resolution.failed.failure.CopyFrom(encoder.plain_failure(outcome.failure))
        failure = encoder.failure(outcome.failure)
    else:
        resolution.completed.SetInParent()
        if outcome.values:
            resolution.completed.result.CopyFrom(encoder.plain_payloads(outcome.values)[0])
            result = encoder.payload(outcome.values[0])
    job = Job(resolve_activity=ResolveActivity(seq=command.seq, is_local=True, result=resolution))
    return LocalMarker(command=command, result=result, failure=failure, activation=activation), job


def write_marker(ledger: Ledger, marker: LocalMarker, task: int) -> None:
    """Record how a local activity ended."""
    command = marker.command
    # In a replay Core's clock is set by this; the code that grew it had that of its task's start.
    completed = ledger.events[task - 1].workflow_task_completed_event_attributes
    began = ledger.events[completed.started_event_id - 1].event_time
    then = {"seconds": began.seconds, "nanos": began.nanos}
    data = {
        "seq": command.seq,
        "attempt": 1,
        "activity_id": command.activity_id,
        "activity_type": command.activity_type,
        "complete_time": then,
        "backoff": None,
        "original_schedule_time": then,
        "activation_index": marker.activation,
    }
    details = {"data": Payloads(payloads=[as_json(data)])}
    if marker.result is not None:
        details["result"] = Payloads(payloads=[marker.result])
    ledger.write(
        "MarkerRecorded",
        marker_name="core_local_activity",
        workflow_task_completed_event_id=task,
        details=details,
        failure=marker.failure,
    )


LOCAL_ACTIVITIES = SubjectRules(
    commands={
        SCHEDULE_LOCAL_ACTIVITY: CommandRules(),
        REQUEST_CANCEL_LOCAL_ACTIVITY: CommandRules(core_answers=True),
    }
)
