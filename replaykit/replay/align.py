"""Holds recorded command events against produced commands, in order, as Core does.

Core pops the commands of the code one by one as it reads command events, across the borders of workflow
tasks: a command one task early is accepted. Some commands never get an event, and some events come from
Core itself; both are stepped over here. (Source: sdk-core, `worker/workflow/machines`; each rule was run.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.child_workflow import ChildWorkflowCancellationType
from temporalio.bridge.proto.nexus import NexusOperationCancellationType
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType, WorkflowCommand

from replaykit.replay.commands import (
    TERMINAL,
    Command,
    Kind,
    local_activity_seq,
    patch_of,
    recorded_kind,
)

__all__ = ["CANCELS", "Alignment", "align", "differing_ids", "fits", "parted_at_cancel"]

CANCELS = {
    "CancelTimer": "StartTimer",
    "RequestCancelActivity": "ScheduleActivity",
    "RequestCancelLocalActivity": "ScheduleLocalActivity",
    "CancelChildWorkflow": "StartChildWorkflow",
    "CancelSignalWorkflow": "SignalExternalWorkflow",
    "RequestCancelNexusOperation": "ScheduleNexusOperation",
}


_UPDATES: Mapping[int, Kind] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: ("UpdateResponse", "accepted"),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: ("UpdateResponse", None),
}
_ABANDONED: Mapping[str, Callable[[WorkflowCommand], bool]] = {
    "RequestCancelActivity": lambda m: (
        m.schedule_activity.cancellation_type == ActivityCancellationType.ABANDON
    ),
    "CancelChildWorkflow": lambda m: (
        m.start_child_workflow_execution.cancellation_type == ChildWorkflowCancellationType.ABANDON
    ),
    "RequestCancelNexusOperation": lambda m: (
        m.schedule_nexus_operation.cancellation_type == NexusOperationCancellationType.ABANDON
    ),
}
"""By kind of cancel, whether the start that it is of asked to be let alone: Core sends no such cancel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alignment:
    """How far recorded events and produced commands run together."""

    pairs: tuple[tuple[HistoryEvent, Command], ...]
    """Command events and the commands against them, before the first difference, in event order."""
    event: HistoryEvent | None = None
    """The first recorded event that does not fit; None where every one was matched."""
    command: Command | None = None
    """The command that stands there instead; None where the code asked for nothing."""
    events_after: tuple[HistoryEvent, ...] = ()
    """The command events behind `event`, which nothing was held against."""
    commands_after: tuple[Command, ...] = ()
    """The commands behind `command`; where every event was matched, the tail of an open History."""
    passed_over: tuple[Command, ...] = ()
    """Commands before the first difference that Core lets go without an event, such as a deprecated patch."""


def align(events: Sequence[HistoryEvent], commands: Sequence[Command]) -> Alignment:
    """Find the first difference between what was recorded and what was asked for.

    Args:
        events: Every event of the History, in order.
        commands: Every command of the code, in the order in which it asked for them.
    """
    recorded = _recorded(events, commands)
    produced = _in_core_order([command for command in commands if _leaves_an_event(command)])
    order = {id(command): place for place, command in enumerate(produced)}
    outstanding = {c.seq: c for c in produced if c.kind == "ScheduleLocalActivity"}
    produced = _without_silent_cancels([c for c in produced if c.kind != "ScheduleLocalActivity"])
    starts = {(c.kind, c.seq): c for c in commands if c.kind in CANCELS.values()}
    marked = {local_activity_seq(event) for event in recorded}
    ids_count = _compares_ids(events)
    pairs: list[tuple[HistoryEvent, Command]] = []
    passed_over: list[Command] = []
    position = 0

    def difference(index: int, local: Command | None = None) -> Alignment:
        # Core keeps local activities out of its queue. One that has no marker, and that the code asked for
        # after all that was matched, is what is new all the same.
        reached = max((order[id(command)] for _, command in pairs), default=-1)
        unmarked = [c for c in outstanding.values() if c.seq not in marked and order[id(c)] > reached]
        rest = sorted([*produced[position:], *unmarked], key=lambda c: order[id(c)])
        if local is not None:
            rest.insert(0, local)
        return Alignment(
            pairs=tuple(pairs),
            event=recorded[index],
            command=_at(rest, 0),
            events_after=tuple(recorded[index + 1 :]),
            commands_after=tuple(rest[1:]),
            passed_over=tuple(passed_over),
        )

    for index, event in enumerate(recorded):
        kind = _kind(event)
        assert kind is not None
        if kind[0] == "ScheduleLocalActivity":
            local = outstanding.get(local_activity_seq(event))
            if local is None or not _fits(local, kind):
                return difference(index, local)
            del outstanding[local.seq]
            pairs.append((event, local))
            continue
        while (command := _at(produced, position)) is not None and _is_optional(command, kind, starts):
            passed_over.append(command)
            position += 1
        if (
            command is None
            or not _fits(command, kind)
            or (ids_count and differing_ids(event, command) is not None)
        ):
            return difference(index)
        pairs.append((event, command))
        position += 1
    return Alignment(
        pairs=tuple(pairs),
        command=_at(produced, position),
        commands_after=tuple(produced[position + 1 :]),
        passed_over=tuple(passed_over),
    )


def parted_at_cancel(alignment: Alignment, canceled: HistoryEvent) -> Alignment | None:
    """An alignment, cut where the code cancels another activity than the recorded one.

    Core takes any activity's cancel for the recorded one, and then refuses what the recorded one answers.

    Args:
        alignment: One in which Core's refusal is no difference.
        canceled: The ActivityTaskCanceled event that Core refused.
    """
    recorded = canceled.activity_task_canceled_event_attributes.scheduled_event_id
    started = {c.seq: e.event_id for e, c in alignment.pairs if c.kind == "ScheduleActivity"}
    cancels = [p for p, (_, c) in enumerate(alignment.pairs) if c.kind == "RequestCancelActivity"]
    if not recorded or any(started.get(alignment.pairs[place][1].seq) == recorded for place in cancels):
        return None
    for place in cancels:
        event, command = alignment.pairs[place]
        if event.activity_task_cancel_requested_event_attributes.scheduled_event_id == recorded:
            target = started.get(command.seq)
            name = f"of event {target}" if target is not None else None
            return _cut(alignment, place, dataclasses.replace(command, name=name))
    return None


def _cut(alignment: Alignment, place: int, command: Command) -> Alignment:
    behind = alignment.pairs[place + 1 :]
    events = (*(event for event, _ in behind), alignment.event, *alignment.events_after)
    commands = (*(later for _, later in behind), alignment.command, *alignment.commands_after)
    return dataclasses.replace(
        alignment,
        pairs=alignment.pairs[:place],
        event=alignment.pairs[place][0],
        command=command,
        events_after=tuple(event for event in events if event is not None),
        commands_after=tuple(later for later in commands if later is not None),
    )


def _kind(event: HistoryEvent) -> Kind | None:
    """What an event records, the responses to updates included: Core keeps them in its queue too."""
    return recorded_kind(event) or _UPDATES.get(event.event_type)


def _compares_ids(events: Sequence[HistoryEvent]) -> bool:
    """Whether Core holds the ids of activities and children against each other: its flag 1."""
    return any(
        1 in event.workflow_task_completed_event_attributes.sdk_metadata.core_used_flags for event in events
    )


def differing_ids(event: HistoryEvent, command: Command) -> tuple[str, str] | None:
    """The ids of one activity or child, recorded and produced, where they are all that differs."""
    if not fits(command, recorded_kind(event)):
        return None
    if command.kind == "ScheduleActivity":
        recorded = event.activity_task_scheduled_event_attributes.activity_id
        produced = command.message.schedule_activity.activity_id
    elif command.kind == "StartChildWorkflow":
        recorded = event.start_child_workflow_execution_initiated_event_attributes.workflow_id
        produced = command.message.start_child_workflow_execution.workflow_id
    else:
        return None
    return None if recorded == produced else (recorded, produced)


def _at(commands: Sequence[Command], position: int) -> Command | None:
    return commands[position] if position < len(commands) else None


def _leaves_an_event(command: Command) -> bool:
    return command.kind not in ("RequestCancelLocalActivity", "CancelSignalWorkflow")


def _recorded(events: Sequence[HistoryEvent], commands: Sequence[Command]) -> list[HistoryEvent]:
    """The command events that need a command of the code: not Core's own upserts, not deprecated markers."""
    asked_for = {command.name for command in commands if command.kind == "SetPatchMarker"}
    kept: list[HistoryEvent] = []
    previous: HistoryEvent | None = None
    for event in events:
        if _kind(event) is not None:
            patch = patch_of(event)
            skipped_marker = patch is not None and patch[1] and patch[0] not in asked_for
            if not skipped_marker and not _is_patch_upsert(event, previous):
                kept.append(event)
        previous = event
    return kept


def _is_patch_upsert(event: HistoryEvent, previous: HistoryEvent | None) -> bool:
    if event.event_type != EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES or previous is None:
        return False
    attributes = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    return set(attributes.indexed_fields) == {"TemporalChangeVersion"} and patch_of(previous) is not None


def _in_core_order(commands: Sequence[Command]) -> list[Command]:
    """Core moves the end of the workflow behind the other commands of its task."""
    return sorted(commands, key=lambda command: (command.task, command.kind in TERMINAL))


def _without_silent_cancels(commands: Sequence[Command]) -> list[Command]:
    """Drops a start and its cancel in one task: Core sends neither to the service."""
    started = {(c.kind, c.seq): c for c in commands if c.kind in CANCELS.values()}
    dropped: list[Command] = []
    for command in commands:
        if command.kind in CANCELS:
            start = started.get((CANCELS[command.kind], command.seq))
            if start is not None and start.task == command.task:
                dropped += [start, command]
    gone = {id(command) for command in dropped}
    return [command for command in commands if id(command) not in gone]


def _is_optional(command: Command, kind: Kind, starts: Mapping[tuple[str, int | None], Command]) -> bool:
    """Whether Core steps over that command where the event is of another kind."""
    if command.kind == "SetPatchMarker":
        return command.message.set_patch_marker.deprecated and kind != (command.kind, command.name)
    if command.kind in _ABANDONED and not _fits(command, kind):
        start = starts.get((CANCELS[command.kind], command.seq))
        return start is None or _ABANDONED[command.kind](start.message)
    return False


def fits(command: Command, kind: Kind | None) -> bool:
    """Whether an event of that kind could record that command."""
    return kind is not None and _fits(command, kind)


def _fits(command: Command, kind: Kind) -> bool:
    if command.kind == "UpdateResponse":
        return kind[0] == command.kind and (command.name == "accepted") == (kind[1] == "accepted")
    if command.kind == "CancelChildWorkflow":
        return kind[0] == "RequestCancelExternalWorkflow"
    return command.kind == kind[0] and kind[1] in (None, command.name)
