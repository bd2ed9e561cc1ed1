"""The attributes of what a workflow starts: activities, timers, children, Nexus operations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from temporalio.api.enums.v1 import ParentClosePolicy, WorkflowIdReusePolicy

from replaykit.replay.kinds import SCHEDULE_LOCAL_ACTIVITY
from replaykit.replay.sdk.envelopes import opened
from replaykit.replay.strict import defaults
from replaykit.replay.strict.attribute import (
    Attribute,
    coded,
    headers,
    metadata,
    plain,
    priority,
    search_attributes,
)
from replaykit.replay.strict.defaults import nanoseconds, time_span
from replaykit.replay.strict.derived import retry_policies, timeouts
from replaykit.replay.strict.envelopes import enveloped, nexus_context
from replaykit.replay.strict.run import Pair, Run
from replaykit.replay.strict.versions import versioning_override

__all__ = ["activity", "child_workflow", "local_activity", "nexus_operation", "timer"]


def activity(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded, produced = event.activity_task_scheduled_event_attributes, command.message.schedule_activity
    own_id = None if recorded.activity_id == str(produced.seq) else recorded.activity_id
    context = run.context_of_activity(recorded.activity_type.name, own_id, recorded.task_queue.name)
    yield plain("activity.activity_type", recorded.activity_type.name, produced.activity_type)
    yield from _activity_id("activity", recorded.activity_id, produced)
    yield coded("activity.arguments", list(recorded.input.payloads), list(produced.arguments), context)
    yield plain("activity.task_queue", recorded.task_queue.name, produced.task_queue)
    yield from timeouts(
        "activity", recorded, produced, lambda asked: defaults.activity_timeouts(asked, run.run_timeout)
    )
    yield retry_policies("activity", recorded, produced, always=True)
    yield priority("activity", recorded, produced)
    yield from headers("activity", recorded.header.fields, produced.headers, context)
    yield from metadata("activity", pair, run)


def _activity_id(kind: str, recorded: str, produced: Any) -> Iterator[Attribute]:
    """Ids that the SDK numbers itself are no attribute of the code."""
    is_generated = produced.activity_id == str(produced.seq)
    if not (is_generated and recorded.isdigit()):
        yield plain(f"{kind}.activity_id", recorded, produced.activity_id)


def local_activity(pair: Pair, run: Run) -> Iterator[Attribute]:
    """A local activity's marker holds its type and id, and nothing else that the code asked for."""
    event, command = pair
    if command.kind is not SCHEDULE_LOCAL_ACTIVITY:
        return
    marker = event.marker_recorded_event_attributes
    data = _marker_data(marker)
    produced = command.message.schedule_local_activity
    if isinstance(data.get("activity_type"), str):
        yield plain("local_activity.activity_type", data["activity_type"], produced.activity_type)
    if isinstance(data.get("activity_id"), str):
        yield from _activity_id("local_activity", data["activity_id"], produced)


def _marker_data(marker: Any) -> Mapping[str, Any]:
    value = json.loads(marker.details["data"].payloads[0].data)
    return value if isinstance(value, dict) else {}


def timer(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    yield plain(
        "timer.start_to_fire_timeout",
        time_span(nanoseconds(event.timer_started_event_attributes.start_to_fire_timeout)),
        time_span(nanoseconds(command.message.start_timer.start_to_fire_timeout)),
    )
    yield from metadata("timer", pair, run)


def child_workflow(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.start_child_workflow_execution_initiated_event_attributes
    produced = command.message.start_child_workflow_execution
    kind = "child_workflow"
    context = run.context_of_workflow(recorded.workflow_id)
    yield plain(f"{kind}.workflow_type", recorded.workflow_type.name, produced.workflow_type)
    yield plain(f"{kind}.workflow_id", recorded.workflow_id, produced.workflow_id)
    if recorded.namespace:
        yield plain(f"{kind}.namespace", recorded.namespace, produced.namespace)
    yield coded(f"{kind}.input", list(recorded.input.payloads), list(produced.input), context)
    yield plain(f"{kind}.task_queue", recorded.task_queue.name, produced.task_queue)
    yield from timeouts(kind, recorded, produced, defaults.child_timeouts)
    yield retry_policies(kind, recorded, produced, always=False)
    yield plain(
        f"{kind}.parent_close_policy",
        _enum(ParentClosePolicy, recorded.parent_close_policy, "PARENT_CLOSE_POLICY_"),
        _enum(ParentClosePolicy, produced.parent_close_policy, "PARENT_CLOSE_POLICY_"),
    )
    yield plain(
        f"{kind}.workflow_id_reuse_policy",
        _enum(WorkflowIdReusePolicy, recorded.workflow_id_reuse_policy, "WORKFLOW_ID_REUSE_POLICY_"),
        _enum(WorkflowIdReusePolicy, produced.workflow_id_reuse_policy, "WORKFLOW_ID_REUSE_POLICY_"),
    )
    yield plain(f"{kind}.cron_schedule", recorded.cron_schedule or None, produced.cron_schedule or None)
    yield coded(f"{kind}.memo", dict(recorded.memo.fields), dict(produced.memo), context)
    yield search_attributes(f"{kind}.search_attributes", recorded.search_attributes, produced)
    yield priority(kind, recorded, produced)
    yield from versioning_override(kind, recorded, produced)
    yield from headers(kind, recorded.header.fields, produced.headers, context)
    yield from metadata(kind, pair, run)


def nexus_operation(pair: Pair, run: Run) -> Iterator[Attribute]:
    event, command = pair
    recorded = event.nexus_operation_scheduled_event_attributes
    produced = command.message.schedule_nexus_operation
    for name in ("endpoint", "service", "operation"):
        yield plain(f"nexus.{name}", getattr(recorded, name), getattr(produced, name))
    context = nexus_context(recorded, run)
    before, now = opened(recorded.input), opened(produced.input)
    if before is not None and now is not None and type(before) is type(now):
        yield from enveloped("nexus.input", before, now, context)
    else:
        yield coded("nexus.input", recorded.input, produced.input, context)
    yield from timeouts(
        "nexus", recorded, produced, lambda asked: defaults.nexus_timeouts(asked, run.run_timeout)
    )
    asked = {key.lower(): value for key, value in produced.nexus_header.items()}
    yield plain("nexus.headers", dict(recorded.nexus_header), asked)
    yield from metadata("nexus", pair, run, context)


def _enum(kind: Any, value: int, prefix: str) -> str:
    """The service's own default stands for "unspecified": each of these enums has it at 1."""
    name: str = kind.Name(value or 1) if (value or 1) in kind.values() else str(value)
    return name.removeprefix(prefix)
