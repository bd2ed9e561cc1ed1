"""Histories that the code they were recorded from cannot have made: negative controls for a green verdict.

Pure: a History in, sound Histories with one wrong record each out. Event ids and every link between events
are numbered again, so that `replaykit.history.validate` accepts them and Core is what refuses them. What it
must refuse was read off sdk-core (`worker/workflow/machines`) and is run over the gallery by the tests.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from temporalio.api.common.v1 import ActivityType, WorkflowType
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.check.edited_events import copy_of, event_like, numbered
from replaykit.history import History, event_name
from replaykit.history.events import attributes_of, close_status, status_of
from replaykit.replay.align import compares_ids
from replaykit.replay.commands import recorded_in
from replaykit.replay.kinds import (
    COMPLETE_WORKFLOW,
    MODIFY_WORKFLOW_PROPERTIES,
    SCHEDULE_ACTIVITY,
    SCHEDULE_NEXUS_OPERATION,
    SIGNAL_EXTERNAL_WORKFLOW,
    START_CHILD_WORKFLOW,
    START_TIMER,
    UPSERT_SEARCH_ATTRIBUTES,
    CommandKind,
    Compares,
)
from replaykit.replay.markers import patch_of
from replaykit.words import Word

__all__ = ["Mutation", "MutationKind", "mutations", "one_of_each_kind"]

_MADE_UP = "replaykit_self_test"
_TASK_LINK = "workflow_task_completed_event_id"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Followers:
    """How the events look that follow from one that records a command."""

    part: str
    """Of their names."""
    field: str
    """The field of theirs that holds its id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """An event that names a type which Core compares."""

    noun: str
    of: Callable[[HistoryEvent], ActivityType | WorkflowType]


_TYPED: Mapping[CommandKind, _Typed] = {
    SCHEDULE_ACTIVITY: _Typed(
        noun="activity", of=lambda e: e.activity_task_scheduled_event_attributes.activity_type
    ),
    START_CHILD_WORKFLOW: _Typed(
        noun="child workflow",
        of=lambda e: e.start_child_workflow_execution_initiated_event_attributes.workflow_type,
    ),
}
_DROPPED: Mapping[CommandKind, _Followers | None] = {
    SCHEDULE_ACTIVITY: _Followers(part="ActivityTask", field="scheduled_event_id"),
    START_TIMER: _Followers(part="Timer", field="started_event_id"),
    START_CHILD_WORKFLOW: _Followers(part="ChildWorkflowExecution", field="initiated_event_id"),
    SIGNAL_EXTERNAL_WORKFLOW: _Followers(part="ExternalWorkflowExecution", field="initiated_event_id"),
    SCHEDULE_NEXUS_OPERATION: _Followers(part="NexusOperation", field="scheduled_event_id"),
    UPSERT_SEARCH_ATTRIBUTES: None,
    MODIFY_WORKFLOW_PROPERTIES: None,
}
"""By kind of a command that can be dropped: what follows from it."""


class MutationKind(Word):
    """What was changed in a History."""

    RENAMED = (
        "renamed",
        "An activity or a child workflow has another type. Core compares it where its flag 1 is recorded.",
    )
    DROPPED = "dropped", "A command was never recorded, nor what came of it; the next one is another."
    ADDED = "added", "A command is recorded that the code never asked for."
    TIMER_FOR_ACTIVITY = "timer_for_activity", "An activity is recorded as a timer."
    ENDING_CHANGED = (
        "ending_changed",
        "A run that completed is recorded as failed, and one that ended differently as completed.",
    )
    PATCH_ADDED = "patch_added", "The marker of a patch is recorded that no code ever had."
    PATCH_REMOVED = (
        "patch_removed",
        "The marker of `workflow.patched` is gone. Green where the old branch asks for the same commands.",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """One changed History."""

    kind: MutationKind
    event_id: int
    """Where it was changed: id of an event of the changed History."""
    what: str
    """What was changed, in a few words."""
    certain: bool
    """Whether Core always refuses it; else some sound code asks for the same commands."""
    history: History


def mutations(history: History) -> Iterator[Mutation]:
    """Every change that applies to a History, kind by kind, each kind from the first place on.

    Args:
        history: One that its code is consistent with; a sound one at least. It is left as it is.
    """
    for kind in MutationKind:
        yield from _of_kind(history, kind)


def one_of_each_kind(history: History, *, but: Collection[MutationKind] = ()) -> Iterator[Mutation]:
    """The first change of each kind that applies to a History.

    Args:
        history: As for `mutations`.
        but: Kinds to leave out.
    """
    for kind in MutationKind:
        if kind not in but:
            yield from itertools.islice(_of_kind(history, kind), 1)


def _of_kind(history: History, kind: MutationKind) -> Iterator[Mutation]:
    for changed in _CHANGES[kind](history.events):
        yield Mutation(
            kind=kind,
            event_id=changed.at + 1,
            what=changed.what,
            certain=kind is not MutationKind.PATCH_REMOVED,
            history=dataclasses.replace(
                history, events=numbered(changed.events), status=status_of(changed.events), path=None
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Changed:
    events: Sequence[HistoryEvent]
    """With their old ids; an event that is new has none."""
    at: int
    """Index of the change."""
    what: str


def _renamed(events: Sequence[HistoryEvent]) -> Iterator[_Changed]:
    for index, event in enumerate(events):
        recorded = recorded_in(event)
        if recorded is None or recorded.kind not in _TYPED or not compares_ids(events[:index]):
            continue
        copy, typed = copy_of(event), _TYPED[recorded.kind]
        typed.of(copy).name = _MADE_UP
        what = f"{typed.noun} {recorded.name} renamed"
        yield _Changed(events=[*events[:index], copy, *events[index + 1 :]], at=index, what=what)


def _dropped(events: Sequence[HistoryEvent]) -> Iterator[_Changed]:
    """The command that the code still asks for meets the next event, which must be one that it cannot fit."""
    for index, event in enumerate(events):
        recorded = recorded_in(event)
        if recorded is None or recorded.kind not in _DROPPED or _is_patch_upsert(events, index):
            continue
        link = _DROPPED[recorded.kind]
        followers = {other.event_id for other in events[index + 1 :] if _follows(other, event, link)}
        if any(recorded_in(events[event_id - 1]) for event_id in followers):
            continue  # it was cancelled: without its event, the code may take it back before Core looks
        after = _next_compared(events, index, followers)
        by_type = compares_ids(events[:index])
        if after is not None and _core_distinguishes(event, after, by_type=by_type):
            gone = {event.event_id, *followers}
            kept = [other for other in events if other.event_id not in gone]
            yield _Changed(events=kept, at=kept.index(after), what=f"{recorded.label} dropped")


def _next_compared(events: Sequence[HistoryEvent], index: int, followers: set[int]) -> HistoryEvent | None:
    """The next command event, where nothing lies before it that could change what the code asks for."""
    for position in range(index + 1, len(events)):
        event = events[position]
        if event.event_id in followers or event_name(event).startswith("WorkflowTask"):
            continue
        return event if _is_compared_in_order(events, position) else None
    return None


def _core_distinguishes(one: HistoryEvent, other: HistoryEvent, *, by_type: bool) -> bool:
    """Whether Core never takes the command of one event for that of the other."""
    first, second = recorded_in(one), recorded_in(other)
    if first is None or second is None:
        return False
    if first.kind is second.kind:
        return by_type and first.kind.compares is Compares.ID_AND_TYPE and first.name != second.name
    return _machine(first.kind) is not _machine(second.kind)


def _machine(kind: CommandKind) -> CommandKind:
    """What Core runs it in. A start in the place of its own cancel counts as a damaged History there."""
    return kind.cancels or kind


def _added(events: Sequence[HistoryEvent]) -> Iterator[_Changed]:
    for index, event in enumerate(events):
        if not _is_compared_in_order(events, index):
            continue
        task = getattr(attributes_of(event), _TASK_LINK)
        if event_name(event) in ("TimerStarted", "TimerCanceled"):
            added = event_like(event, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
            scheduled = added.activity_task_scheduled_event_attributes
            scheduled.activity_id = scheduled.activity_type.name = _MADE_UP
            scheduled.workflow_task_completed_event_id = task
        else:
            added = event_like(event, EventType.EVENT_TYPE_TIMER_STARTED)
            timer = added.timer_started_event_attributes
            timer.timer_id = _MADE_UP
            timer.start_to_fire_timeout.FromSeconds(1)
            timer.workflow_task_completed_event_id = task
        yield _Changed(
            events=[*events[:index], added, *events[index:]], at=index, what=f"{_named(added)} added"
        )


def _timer_for_activity(events: Sequence[HistoryEvent]) -> Iterator[_Changed]:
    for index, event in enumerate(events):
        if event.event_type != EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            continue
        changed = list(events[:index])
        was = event.activity_task_scheduled_event_attributes
        timer = event_like(event, EventType.EVENT_TYPE_TIMER_STARTED)
        timer.event_id = event.event_id
        started = timer.timer_started_event_attributes
        started.timer_id = was.activity_id
        started.start_to_fire_timeout.FromSeconds(1)
        started.workflow_task_completed_event_id = was.workflow_task_completed_event_id
        changed.append(timer)
        for other in events[index + 1 :]:
            if not _follows(other, event, _DROPPED[SCHEDULE_ACTIVITY]):
                changed.append(other)
            elif event_name(other) in ("ActivityTaskCompleted", "ActivityTaskFailed", "ActivityTaskTimedOut"):
                fired = event_like(other, EventType.EVENT_TYPE_TIMER_FIRED)
                fired.event_id = other.event_id
                fired.timer_fired_event_attributes.timer_id = was.activity_id
                fired.timer_fired_event_attributes.started_event_id = event.event_id
                changed.append(fired)
        yield _Changed(events=changed, at=index, what=f"a timer for {_named(event)}")


def _ending_changed(events: Sequence[HistoryEvent]) -> Iterator[_Changed]:
    last = events[-1]
    recorded = recorded_in(last)
    if recorded is None or not recorded.kind.ends_run:
        return
    task = getattr(attributes_of(last), _TASK_LINK)
    if recorded.kind is COMPLETE_WORKFLOW:
        ending = event_like(last, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED)
        failed = ending.workflow_execution_failed_event_attributes
        failed.failure.message = _MADE_UP
        failed.failure.application_failure_info.type = _MADE_UP
        failed.workflow_task_completed_event_id = task
    else:
        ending = event_like(last, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
        ending.workflow_execution_completed_event_attributes.workflow_task_completed_event_id = task
    what = f"{close_status(last)} recorded as {close_status(ending)}"
    yield _Changed(events=[*events[:-1], ending], at=len(events) - 1, what=what)


def _patch_added(events: Sequence[HistoryEvent]) -> Iterator[_Changed]:
    for index, event in enumerate(events):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            added = event_like(event, EventType.EVENT_TYPE_MARKER_RECORDED)
            marker = added.marker_recorded_event_attributes
            marker.marker_name = "core_patch"
            payload = marker.details["patch-data"].payloads.add()
            payload.metadata["encoding"] = b"json/plain"
            payload.data = json.dumps({"id": _MADE_UP, "deprecated": False}).encode()
            marker.workflow_task_completed_event_id = event.event_id
            changed = [*events[: index + 1], added, *events[index + 1 :]]
            yield _Changed(events=changed, at=index + 1, what=f"marker of patch {_MADE_UP} added")


def _patch_removed(events: Sequence[HistoryEvent]) -> Iterator[_Changed]:
    for index, event in enumerate(events):
        patch = patch_of(event)
        if patch is not None and not patch.deprecated:
            rest = index + (2 if index + 1 < len(events) and _is_patch_upsert(events, index + 1) else 1)
            changed = [*events[:index], *events[rest:]]
            what = f"marker of patch {patch.patch_id} removed"
            yield _Changed(events=changed, at=min(index, len(changed) - 1), what=what)


_CHANGES: Mapping[MutationKind, Callable[[Sequence[HistoryEvent]], Iterator[_Changed]]] = {
    MutationKind.RENAMED: _renamed,
    MutationKind.DROPPED: _dropped,
    MutationKind.ADDED: _added,
    MutationKind.TIMER_FOR_ACTIVITY: _timer_for_activity,
    MutationKind.ENDING_CHANGED: _ending_changed,
    MutationKind.PATCH_ADDED: _patch_added,
    MutationKind.PATCH_REMOVED: _patch_removed,
}


def _is_compared_in_order(events: Sequence[HistoryEvent], index: int) -> bool:
    """Whether the code's next command must fit this event: not so for markers and what Core adds itself."""
    if recorded_in(events[index]) is None or events[index].event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
        return False
    return not _is_patch_upsert(events, index)


def _is_patch_upsert(events: Sequence[HistoryEvent], index: int) -> bool:
    event = events[index]
    if event.event_type != EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES or not index:
        return False
    return patch_of(events[index - 1]) is not None


def _follows(event: HistoryEvent, command: HistoryEvent, link: _Followers | None) -> bool:
    """Whether an event shows what became of a command."""
    if link is None or link.part not in event_name(event):
        return False
    linked: int = getattr(attributes_of(event), link.field, 0)
    return linked == command.event_id


def _named(event: HistoryEvent) -> str:
    """The command that an event records, such as `ScheduleActivity process_payment`."""
    recorded = recorded_in(event)
    assert recorded is not None
    return recorded.label
