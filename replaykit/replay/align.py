"""Compares recorded command events with produced commands, in order, as Core does.

Core pops the commands of the code one by one as it reads command events, across the borders of workflow
tasks: a command one task early is accepted. Some commands never get an event, and some events come from
Core itself; both are stepped over here. (Source: sdk-core, `worker/workflow/machines`; each rule was run.)
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.replay.commands import Command, Recorded, recorded_in, recorded_or_answered_in
from replaykit.replay.kinds import (
    CANCELLABLE,
    REQUEST_CANCEL_ACTIVITY,
    SCHEDULE_ACTIVITY,
    SCHEDULE_LOCAL_ACTIVITY,
    SET_PATCH_MARKER,
    UPDATE_RESPONSE,
    CommandKind,
)
from replaykit.replay.markers import local_activity_seq, patch_of

__all__ = ["Alignment", "Change", "align", "compares_ids", "differing_ids", "fits", "parted_at_cancel"]


_CORE_COMPARES_IDS = 1
"""Core's flag: the ids and types of activities and children are compared only where a History carries it."""


class Change(enum.Enum):
    """What the code does at the first difference, where the arguments of commands show it."""

    INSERTED = "inserted"
    """It asks for one command more."""
    REMOVED = "removed"
    """It asks for one command less."""


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
    """The command events after `event`, which nothing was compared with."""
    commands_after: tuple[Command, ...] = ()
    """The commands after `command`; where every event was matched, the tail of an open History."""
    passed_over: tuple[Command, ...] = ()
    """Commands before the first difference that Core lets go without an event, such as a deprecated patch."""
    still_marked: tuple[Command, ...] = ()
    """Local activities whose markers come after the first difference: Core does not queue them."""
    is_unlike_later: bool = False
    """Whether events after `event` record the kind and name of `command`, and all of them other arguments."""
    change: Change | None = None
    """Set where `event` and `command` are of one kind and name, and only their arguments differ."""


def align(events: Sequence[HistoryEvent], commands: Sequence[Command]) -> Alignment:
    """Find the first difference between what was recorded and what was asked for.

    Args:
        events: Every event of the History, in order.
        commands: Every command of the code, in the order in which it asked for them.
    """
    recorded = _recorded(events, commands)
    produced = _in_core_order([command for command in commands if command.kind.leaves_event])
    order = {id(command): place for place, command in enumerate(produced)}
    outstanding = {c.seq: c for c in produced if c.kind is SCHEDULE_LOCAL_ACTIVITY}
    produced = _without_silent_cancels([c for c in produced if c.kind is not SCHEDULE_LOCAL_ACTIVITY])
    starts = {(c.kind, c.seq): c for c in commands if c.kind in CANCELLABLE}
    marked = {local_activity_seq(event) for event, _ in recorded}
    ids_count = compares_ids(events)
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
            event=recorded[index][0],
            command=_at(rest, 0),
            events_after=tuple(event for event, _ in recorded[index + 1 :]),
            commands_after=tuple(rest[1:]),
            passed_over=tuple(passed_over),
            still_marked=tuple(c for c in outstanding.values() if c.seq in marked and c is not local),
        )

    for index, (event, wanted) in enumerate(recorded):
        if wanted.kind is SCHEDULE_LOCAL_ACTIVITY:
            local = outstanding.get(local_activity_seq(event))
            if local is None or not fits(local, wanted):
                return difference(index, local)
            del outstanding[local.seq]
            pairs.append((event, local))
            continue
        while (command := _at(produced, position)) is not None and _is_optional(command, wanted, starts):
            passed_over.append(command)
            position += 1
        if (
            command is None
            or not fits(command, wanted)
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
    started = {c.seq: e.event_id for e, c in alignment.pairs if c.kind is SCHEDULE_ACTIVITY}
    cancels = [p for p, (_, c) in enumerate(alignment.pairs) if c.kind is REQUEST_CANCEL_ACTIVITY]
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
    rest = alignment.pairs[place + 1 :]
    events = (*(event for event, _ in rest), alignment.event, *alignment.events_after)
    commands = (*(later for _, later in rest), alignment.command, *alignment.commands_after)
    return dataclasses.replace(
        alignment,
        pairs=alignment.pairs[:place],
        event=alignment.pairs[place][0],
        command=command,
        events_after=tuple(event for event in events if event is not None),
        commands_after=tuple(later for later in commands if later is not None),
    )


def compares_ids(events: Sequence[HistoryEvent]) -> bool:
    """Whether Core compares the ids and types of activities and children of a History with these events."""
    return any(
        _CORE_COMPARES_IDS in event.workflow_task_completed_event_attributes.sdk_metadata.core_used_flags
        for event in events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    )


def differing_ids(event: HistoryEvent, command: Command) -> tuple[str, str] | None:
    """The ids of one activity or child, recorded and produced, where they are all that differs."""
    kind = command.kind
    if kind.id_of is None or kind.recorded_id is None or not fits(command, recorded_in(event)):
        return None
    recorded, produced = kind.recorded_id(event), kind.id_of(command.body)
    return None if recorded == produced else (recorded, produced)


def _at(commands: Sequence[Command], position: int) -> Command | None:
    return commands[position] if position < len(commands) else None


def _recorded(
    events: Sequence[HistoryEvent], commands: Sequence[Command]
) -> list[tuple[HistoryEvent, Recorded]]:
    """The command events that need a command of the code: not Core's own upserts, not deprecated markers."""
    asked_for = {command.name for command in commands if command.kind is SET_PATCH_MARKER}
    kept: list[tuple[HistoryEvent, Recorded]] = []
    previous: HistoryEvent | None = None
    for event in events:
        recorded = recorded_or_answered_in(event)
        if recorded is not None:
            patch = patch_of(event) if recorded.kind is SET_PATCH_MARKER else None
            skipped_marker = patch is not None and patch.deprecated and patch.patch_id not in asked_for
            if not skipped_marker and not _is_patch_upsert(event, previous):
                kept.append((event, recorded))
        previous = event
    return kept


def _is_patch_upsert(event: HistoryEvent, previous: HistoryEvent | None) -> bool:
    if event.event_type != EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES or previous is None:
        return False
    attributes = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    return set(attributes.indexed_fields) == {"TemporalChangeVersion"} and patch_of(previous) is not None


def _in_core_order(commands: Sequence[Command]) -> list[Command]:
    """Core moves the end of the workflow after the other commands of its task."""
    return sorted(commands, key=lambda command: (command.task, command.kind.ends_run))


def _without_silent_cancels(commands: Sequence[Command]) -> list[Command]:
    """Drops a start and its cancel in one task: Core sends neither to the service."""
    started = {(c.kind, c.seq): c for c in commands if c.kind in CANCELLABLE}
    dropped: list[Command] = []
    for command in commands:
        if command.kind.cancels is not None:
            start = started.get((command.kind.cancels, command.seq))
            if start is not None and start.task == command.task:
                dropped += [start, command]
    gone = {id(command) for command in dropped}
    return [command for command in commands if id(command) not in gone]


def _is_optional(
    command: Command, recorded: Recorded, starts: Mapping[tuple[CommandKind, int | None], Command]
) -> bool:
    """Whether Core steps over that command where the event is of another kind."""
    if command.kind is SET_PATCH_MARKER:
        return command.message.set_patch_marker.deprecated and recorded != (command.kind, command.name)
    canceled = command.kind.cancels
    if canceled is None or canceled.is_abandoned is None or fits(command, recorded):
        return False
    start = starts.get((canceled, command.seq))
    return start is None or canceled.is_abandoned(start.body)


def fits(command: Command, recorded: Recorded | None) -> bool:
    """Whether an event that records this could record that command."""
    if recorded is None or (command.kind.recorded_as or command.kind) is not recorded.kind:
        return False
    if command.kind is UPDATE_RESPONSE:
        return (command.name == "accepted") == (recorded.name == "accepted")
    return recorded.name is None or recorded.name == command.name
