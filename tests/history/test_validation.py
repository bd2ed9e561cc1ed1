"""Everything that makes Core hang, panic or blame the code is refused; what a service writes is not."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.errors import InvalidHistoryError
from replaykit.history import History, command_events, event_name, has_commands, validate
from tests.history.builders import HistoryBuilder, bare, payloads_json, two_activities

Events = list[HistoryEvent]


def sound() -> Events:
    """The 17 events: 4, 10 and 16 end workflow tasks; activities are 5-7 and 11-13."""
    return [copy.deepcopy(event) for event in two_activities().events]


def renumbered(events: Events) -> Events:
    """Ids from 1 on and links that follow, as in a file cut with care; links to nowhere are 0."""
    new_ids = {event.event_id: index for index, event in enumerate(events, 1)}
    for index, event in enumerate(events, 1):
        event.event_id = index
        attributes = getattr(event, event.WhichOneof("attributes") or "")
        for field, value in attributes.ListFields():
            if field.name.endswith("_event_id"):
                setattr(attributes, field.name, new_ids.get(value, 0))
    return events


def without(*ids: int) -> Callable[[Events], Events]:
    return lambda events: renumbered([event for event in events if event.event_id not in ids])


def with_attributes(event_id: int, **values: object) -> Callable[[Events], Events]:
    def change(events: Events) -> Events:
        event = events[event_id - 1]
        attributes = getattr(event, event.WhichOneof("attributes") or "")
        for name, value in values.items():
            setattr(attributes, name, value)
        return events

    return change


def cleared(event_id: int, field: str, *, of_attributes: bool = True) -> Callable[[Events], Events]:
    def change(events: Events) -> Events:
        event = events[event_id - 1]
        target: Any = event
        if of_attributes:
            target = getattr(event, event.WhichOneof("attributes") or "")
        target.ClearField(field)
        return events

    return change


def retyped(event_id: int, number: int) -> Callable[[Events], Events]:
    def change(events: Events) -> Events:
        events[event_id - 1].event_type = number  # type: ignore[assignment]
        return events

    return change


def failed_without_failure(events: Events) -> Events:
    events[6] = HistoryEvent(event_id=7, event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED)
    events[6].activity_task_failed_event_attributes.scheduled_event_id = 5
    events[6].activity_task_failed_event_attributes.started_event_id = 6
    return events


def signaled(event_id: int) -> HistoryEvent:
    event = HistoryEvent(event_id=event_id, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
    event.workflow_execution_signaled_event_attributes.signal_name = "late"
    return event


DAMAGE: dict[str, tuple[Callable[[Events], Events], str]] = {
    "empty": (lambda _: [], "f.json: the history holds no events"),
    "reversed": (
        lambda events: events[::-1],
        "f.json: events: the newest event comes first (ids 17 to 1). Export it with the oldest event first",
    ),
    "beginning cut off": (
        lambda events: events[4:],
        "f.json: events[0].eventId: expected event id 1, got 5: the beginning is missing",
    ),
    "event cut out": (
        lambda events: events[:6] + events[7:],
        "f.json: events[6].eventId: expected event id 7, got 8: events are missing",
    ),
    "event twice": (
        lambda events: events[:7] + events[6:],
        "f.json: events[7].eventId: expected event id 8, got 7: an event comes twice",
    ),
    "two swapped": (
        lambda events: [*events[:6], events[7], events[6], *events[8:]],
        "f.json: events[6].eventId: expected event id 7, got 8: events are out of order",
    ),
    "no id": (
        cleared(7, "event_id", of_attributes=False),
        "f.json: events[6].eventId: expected event id 7, got 0: the event has no id",
    ),
    "begins in the middle": (
        without(1),
        "f.json: events[0]: expected WorkflowExecutionStarted, got WorkflowTaskScheduled",
    ),
    "two runs": (
        lambda events: renumbered([*events[:7], copy.deepcopy(events[0]), *events[7:]]),
        "f.json: events[7]: a second WorkflowExecutionStarted",
    ),
    "no workflow type": (
        cleared(1, "workflow_type"),
        "f.json: events[0].workflowExecutionStartedEventAttributes.workflowType.name: "
        "WorkflowExecutionStarted without this",
    ),
    "no task queue": (
        cleared(1, "task_queue"),
        "f.json: events[0].workflowExecutionStartedEventAttributes.taskQueue: ",
    ),
    "no activity type": (
        cleared(5, "activity_type"),
        "f.json: events[4].activityTaskScheduledEventAttributes.activityType.name: ",
    ),
    "no activity id": (
        cleared(5, "activity_id"),
        "f.json: events[4].activityTaskScheduledEventAttributes.activityId: ",
    ),
    "failed without failure": (
        failed_without_failure,
        "f.json: events[6].activityTaskFailedEventAttributes.failure: ActivityTaskFailed without",
    ),
    "no start time": (
        cleared(1, "event_time", of_attributes=False),
        "f.json: events[0].eventTime: WorkflowExecutionStarted has no time",
    ),
    "no task time": (
        cleared(9, "event_time", of_attributes=False),
        "f.json: events[8].eventTime: WorkflowTaskStarted has no time",
    ),
    "no attributes": (
        cleared(6, "activity_task_started_event_attributes", of_attributes=False),
        "f.json: events[5]: ActivityTaskStarted needs activityTaskStartedEventAttributes, got none",
    ),
    "attributes of another type": (
        retyped(7, 18),
        "f.json: events[6]: TimerFired needs timerFiredEventAttributes, got "
        "activityTaskCompletedEventAttributes",
    ),
    "no type": (retyped(4, 0), "f.json: events[3].eventType: the event has no type"),
    "type of the future": (
        retyped(4, 9999),
        "f.json: events[3].eventType: unknown event type 9999. Upgrade temporalio",
    ),
    "task never scheduled": (
        with_attributes(3, scheduled_event_id=0),
        "f.json: events[2].workflowTaskStartedEventAttributes.scheduledEventId: WorkflowTaskStarted "
        "must name an earlier WorkflowTaskScheduled, got 0, which is no earlier event",
    ),
    "task's schedule dangles": (
        with_attributes(4, scheduled_event_id=99),
        "f.json: events[3].workflowTaskCompletedEventAttributes.scheduledEventId: WorkflowTaskCompleted "
        "must name an earlier WorkflowTaskScheduled, got 99",
    ),
    "task's start dangles": (
        with_attributes(4, started_event_id=99),
        "f.json: events[3].workflowTaskCompletedEventAttributes.startedEventId: ",
    ),
    "task never started": (
        without(9),
        "f.json: events[8]: WorkflowTaskCompleted of a workflow task that never started",
    ),
    "task never ended": (
        without(10),
        "f.json: events[9]: ActivityTaskScheduled records a command, but no workflow task completed",
    ),
    "first task never ended": (
        without(4),
        "f.json: events[3]: ActivityTaskScheduled records a command, but no workflow task completed",
    ),
    "command before any task": (
        without(2, 3, 4),
        "f.json: events[1]: ActivityTaskScheduled records a command, but no workflow task completed",
    ),
    "task starts within a task": (
        without(4, 5, 6, 7),
        "f.json: events[4]: a workflow task starts before that of event 3 ended",
    ),
    "activity's schedule dangles": (
        with_attributes(7, scheduled_event_id=99),
        "f.json: events[6].activityTaskCompletedEventAttributes.scheduledEventId: ActivityTaskCompleted "
        "must name an earlier ActivityTaskScheduled, got 99, which is no earlier event",
    ),
    "activity's schedule is itself": (
        with_attributes(7, scheduled_event_id=7),
        "got 7, which is no earlier event",
    ),
    "activity's schedule is another's": (
        with_attributes(7, scheduled_event_id=4),
        "got event 4, which is WorkflowTaskCompleted",
    ),
    "activity's start dangles": (
        with_attributes(7, started_event_id=99),
        "f.json: events[6].activityTaskCompletedEventAttributes.startedEventId: ActivityTaskCompleted "
        "must name an earlier event, got 99",
    ),
    "activity never started": (
        without(6),
        "f.json: events[5]: ActivityTaskCompleted without the ActivityTaskStarted of event 5 before it",
    ),
    "event after the end": (
        lambda events: [*events, signaled(18)],
        "f.json: events[17]: WorkflowExecutionSignaled after the run was closed by "
        "WorkflowExecutionCompleted",
    ),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_refused_with_its_place_and_a_cure(case: str) -> None:
    damage, message = DAMAGE[case]
    history = dataclasses.replace(bare(damage(sound())), path=Path("f.json"), workflow_id="order-17")
    with pytest.raises(InvalidHistoryError) as caught:
        validate(history)
    assert message in str(caught.value)
    assert caught.value.cure
    if "Upgrade" not in caught.value.cure and "Export" not in caught.value.cure:
        assert caught.value.cure == "Capture it again: replaykit capture order-17"


@pytest.mark.parametrize(
    ("kind", "attributes", "place"),
    [
        ("TimerFired", {"startedEventId": 0}, "timerFiredEventAttributes.startedEventId"),
        ("TimerCanceled", {"startedEventId": 5}, "timerCanceledEventAttributes.startedEventId"),
        ("ActivityTaskCancelRequested", {}, "activityTaskCancelRequestedEventAttributes.scheduledEventId"),
        ("ActivityTaskTimedOut", {}, "activityTaskTimedOutEventAttributes.scheduledEventId"),
        (
            "ChildWorkflowExecutionStarted",
            {},
            "childWorkflowExecutionStartedEventAttributes.initiatedEventId",
        ),
        (
            "ChildWorkflowExecutionCanceled",
            {},
            "childWorkflowExecutionCanceledEventAttributes.initiatedEventId",
        ),
        (
            "StartChildWorkflowExecutionFailed",
            {},
            "startChildWorkflowExecutionFailedEventAttributes.initiatedEventId",
        ),
        (
            "ExternalWorkflowExecutionSignaled",
            {"initiatedEventId": 5},
            "externalWorkflowExecutionSignaledEventAttributes.initiatedEventId",
        ),
        (
            "ExternalWorkflowExecutionCancelRequested",
            {},
            "externalWorkflowExecutionCancelRequestedEventAttributes.initiatedEventId",
        ),
        (
            "WorkflowExecutionUpdateCompleted",
            {"acceptedEventId": 5},
            "workflowExecutionUpdateCompletedEventAttributes.acceptedEventId",
        ),
        ("NexusOperationCompleted", {}, "nexusOperationCompletedEventAttributes.scheduledEventId"),
        (
            "NexusOperationCancelRequestCompleted",
            {},
            "nexusOperationCancelRequestCompletedEventAttributes.requestedEventId",
        ),
    ],
)
def test_a_link_to_nowhere_is_refused_for_every_kind(
    kind: str, attributes: dict[str, object], place: str
) -> None:
    builder = HistoryBuilder()
    builder.schedule_activity(builder.task(), "pay")
    builder.add(kind, **attributes)
    with pytest.raises(InvalidHistoryError) as caught:
        validate(bare(builder.events))
    assert f"events[5].{place}: {kind} must name an earlier " in str(caught.value)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            "COMPLETED",
            "the status is COMPLETED, but the last event is WorkflowTaskCompleted: the end is cut off",
        ),
        ("TERMINATED", "the status is TERMINATED, but the last event is WorkflowTaskCompleted"),
    ],
)
def test_a_closed_run_without_its_end_is_refused(status: str, message: str) -> None:
    with pytest.raises(InvalidHistoryError, match=message):
        validate(dataclasses.replace(bare(sound()[:16]), status=status))


def test_a_status_that_is_not_the_last_event_s_is_refused() -> None:
    with pytest.raises(InvalidHistoryError, match=r"the status is FAILED, but .* as COMPLETED"):
        validate(dataclasses.replace(bare(sound()), status="FAILED"))
    for status in ("COMPLETED", "RUNNING", None):
        validate(dataclasses.replace(bare(sound()), status=status))


# --- what is sound


def test_the_sound_history_is_sound() -> None:
    validate(two_activities())


@pytest.mark.parametrize("length", range(1, 17))
def test_every_prefix_is_the_history_of_a_running_workflow(length: int) -> None:
    history = bare(sound()[:length])
    validate(history)
    assert has_commands(history) == (length >= 5)


def test_events_that_workers_may_ignore_are_let_be() -> None:
    future = HistoryEvent(event_id=18, worker_may_ignore=True)
    typed = HistoryEvent(event_id=18, worker_may_ignore=True, event_type=9999)  # type: ignore[arg-type]
    known = HistoryEvent(event_id=18, worker_may_ignore=True, event_type=EventType.EVENT_TYPE_TIMER_FIRED)
    for event in (future, typed, known):
        events = renumbered_after(sound()[:7], event)
        validate(bare(events))


def renumbered_after(events: Events, event: HistoryEvent) -> Events:
    event.event_id = len(events) + 1
    return [*events, event]


def test_what_the_time_skipping_test_server_writes_is_sound() -> None:
    """It leaves out or misplaces links that Core does not look at; its histories replay."""
    events = sound()
    for event in events:
        attributes = getattr(event, event.WhichOneof("attributes") or "")
        if event_name(event) == "WorkflowTaskCompleted":
            attributes.started_event_id = 0
        elif hasattr(attributes, "workflow_task_completed_event_id"):
            attributes.workflow_task_completed_event_id -= 1
        elif event_name(event) == "ActivityTaskCompleted":
            attributes.started_event_id -= 2
    validate(bare(events))


def test_a_reset_run_with_events_put_back_is_sound() -> None:
    builder = HistoryBuilder()
    scheduled = builder.add("WorkflowTaskScheduled")
    started = builder.add("WorkflowTaskStarted", scheduledEventId=scheduled)
    builder.add(
        "WorkflowTaskFailed",
        scheduledEventId=scheduled,
        startedEventId=started,
        cause="WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW",
        newRunId="other",
    )
    builder.add("WorkflowExecutionSignaled", signalName="again")
    builder.complete(builder.task())
    validate(bare(builder.events))


def test_outcomes_before_a_start_are_sound() -> None:
    builder = HistoryBuilder()
    task = builder.task()
    first = builder.schedule_activity(task, "never_picked_up")
    second = builder.schedule_activity(task, "canceled")
    cancel = builder.add(
        "ActivityTaskCancelRequested", scheduledEventId=second, workflowTaskCompletedEventId=task
    )
    builder.add("ActivityTaskTimedOut", scheduledEventId=first, startedEventId=0)
    builder.add(
        "ActivityTaskCanceled",
        scheduledEventId=second,
        latestCancelRequestedEventId=cancel,
        startedEventId=-1,
    )
    scheduled = builder.add("WorkflowTaskScheduled")
    builder.add(
        "WorkflowTaskTimedOut", scheduledEventId=scheduled, timeoutType="TIMEOUT_TYPE_SCHEDULE_TO_START"
    )
    builder.add("WorkflowExecutionTimedOut")
    validate(bare(builder.events))


def test_children_signals_updates_and_nexus_are_sound() -> None:
    builder = HistoryBuilder()
    task = builder.task()
    by = {"workflowTaskCompletedEventId": task}
    child = builder.add(
        "StartChildWorkflowExecutionInitiated", workflowId="c", workflowType={"name": "Ship"}, **by
    )
    signal = builder.add("SignalExternalWorkflowExecutionInitiated", signalName="go", **by)
    cancel = builder.add("RequestCancelExternalWorkflowExecutionInitiated", **by)
    nexus = builder.add("NexusOperationScheduled", service="s", operation="o", **by)
    nexus_cancel = builder.add("NexusOperationCancelRequested", scheduledEventId=nexus, **by)
    accepted = builder.add("WorkflowExecutionUpdateAccepted", protocolInstanceId="u")
    timer = builder.add("TimerStarted", timerId="1", startToFireTimeout="3s", **by)
    started = builder.add("ChildWorkflowExecutionStarted", initiatedEventId=child)
    builder.add("ChildWorkflowExecutionCompleted", initiatedEventId=child, startedEventId=started)
    builder.add("ExternalWorkflowExecutionSignaled", initiatedEventId=signal)
    builder.add("ExternalWorkflowExecutionCancelRequested", initiatedEventId=cancel)
    builder.add("NexusOperationCancelRequestCompleted", requestedEventId=nexus_cancel, scheduledEventId=nexus)
    builder.add("NexusOperationCanceled", scheduledEventId=nexus)
    builder.add("TimerFired", timerId="1", startedEventId=timer)
    builder.task()
    builder.add(
        "WorkflowExecutionUpdateCompleted", acceptedEventId=accepted, outcome={"success": payloads_json(1)}
    )
    validate(bare(builder.events))


def test_a_child_that_ends_before_it_starts_is_refused() -> None:
    builder = HistoryBuilder()
    child = builder.add_child(builder.task(), "Ship", "c")
    builder.add("ChildWorkflowExecutionFailed", initiatedEventId=child, failure={"message": "no"})
    with pytest.raises(InvalidHistoryError, match="without the ChildWorkflowExecutionStarted of event 5"):
        validate(bare(builder.events))


def test_messages_name_the_workflow_where_there_is_no_file() -> None:
    with pytest.raises(InvalidHistoryError) as caught:
        validate(History(events=(), workflow_id="order-17"))
    assert caught.value.where == "order-17"
    with pytest.raises(InvalidHistoryError) as caught:
        validate(History(events=()))
    assert (caught.value.where, caught.value.cure) == (
        "history",
        "Capture it again: replaykit capture WORKFLOW_ID",
    )


# --- commands


def test_command_events_are_those_that_the_code_asked_for() -> None:
    builder = HistoryBuilder()
    for name in sorted(EventType.keys()):
        camel = name.removeprefix("EVENT_TYPE_").title().replace("_", "")
        if camel not in ("Unspecified", "WorkflowExecutionStarted"):
            builder.add(camel)
    assert {event_name(event) for event in command_events(bare(builder.events))} == {
        "ActivityTaskScheduled",
        "ActivityTaskCancelRequested",
        "TimerStarted",
        "TimerCanceled",
        "StartChildWorkflowExecutionInitiated",
        "SignalExternalWorkflowExecutionInitiated",
        "RequestCancelExternalWorkflowExecutionInitiated",
        "MarkerRecorded",
        "UpsertWorkflowSearchAttributes",
        "WorkflowPropertiesModified",
        "NexusOperationScheduled",
        "NexusOperationCancelRequested",
        "WorkflowExecutionUpdateAccepted",
        "WorkflowExecutionUpdateRejected",
        "WorkflowExecutionUpdateCompleted",
        "WorkflowExecutionCompleted",
        "WorkflowExecutionFailed",
        "WorkflowExecutionCanceled",
        "WorkflowExecutionContinuedAsNew",
    }


def test_command_events_keep_their_order() -> None:
    assert [event.event_id for event in command_events(two_activities())] == [5, 11, 17]
    assert not has_commands(bare([]))
