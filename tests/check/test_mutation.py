"""A mutated History is sound in itself, holds exactly one lie, and Core refuses it at that place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from temporalio.api.history.v1 import HistoryEvent

from replaykit.check import Check
from replaykit.check.mutation import Mutation, MutationKind, mutations, one_of_each_kind
from replaykit.errors import InvalidHistoryError, UnreadableHistoryError
from replaykit.history import History, command_events, event_name, read_history, validate
from replaykit.verdict import Outcome
from tests.check.gallery import CONFIG, MUTABLE, named
from tests.history.builders import SDK, HistoryBuilder, two_activities

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "histories"


@pytest.fixture(scope="module")
def judging() -> Iterator[Check]:
    with Check(CONFIG) as check:
        yield check


def only(history: History, kind: MutationKind) -> list[Mutation]:
    return [mutation for mutation in mutations(history) if mutation.kind is kind]


def with_patch(*, deprecated: bool = False) -> History:
    builder = HistoryBuilder()
    task = builder.task(sdkMetadata=SDK)
    builder.add_patch(task, "faster")
    if deprecated:
        marker = builder.events[-1].marker_recorded_event_attributes
        marker.details["patch-data"].payloads[0].data = b'{"id": "faster", "deprecated": true}'
    builder.schedule_activity(task, "validate_order")
    return builder.history()


# How they are made


def test_each_kind_is_made_where_it_applies() -> None:
    changes = [(m.kind.value, m.event_id, m.what) for m in one_of_each_kind(two_activities())]
    assert changes == [
        ("renamed", 5, "activity validate_order renamed"),
        ("dropped", 8, "ScheduleActivity validate_order dropped"),
        ("added", 5, "StartTimer added"),
        ("timer_for_activity", 5, "a timer for ScheduleActivity validate_order"),
        ("ending_changed", 17, "COMPLETED recorded as FAILED"),
        ("patch_added", 5, "marker of patch replaykit_self_test added"),
    ]


def test_every_place_is_found() -> None:
    found = [(m.kind.value, m.event_id) for m in mutations(two_activities())]
    assert [event_id for kind, event_id in found if kind == "renamed"] == [5, 11]
    assert [event_id for kind, event_id in found if kind == "added"] == [5, 11, 17]
    assert [event_id for kind, event_id in found if kind == "patch_added"] == [5, 11, 17]


def test_a_dropped_command_takes_what_came_of_it_along_and_links_follow() -> None:
    (first, _) = only(two_activities(), MutationKind.DROPPED)
    names = [event_name(event) for event in first.history.events]
    assert names.count("ActivityTaskScheduled") == names.count("ActivityTaskCompleted") == 1
    assert [event.event_id for event in first.history.events] == list(range(1, 15))
    (completed,) = (e for e in first.history.events if event_name(e) == "ActivityTaskCompleted")
    links = completed.activity_task_completed_event_attributes
    assert (links.scheduled_event_id, links.started_event_id) == (8, 9)
    scheduled = first.history.events[7].activity_task_scheduled_event_attributes
    assert scheduled.activity_type.name == "process_payment"
    assert scheduled.workflow_task_completed_event_id == 7


def test_links_into_the_history_of_another_workflow_stay() -> None:
    builder = HistoryBuilder(parentInitiatedEventId=5, parentInitiatedEventVersion=1)
    builder.schedule_activity(builder.task(sdkMetadata=SDK), "validate_order")
    (added,) = only(builder.history(), MutationKind.ADDED)
    started = added.history.events[0].workflow_execution_started_event_attributes
    assert started.parent_initiated_event_id == 5


def test_a_timer_stands_for_the_whole_activity() -> None:
    (first, _) = only(two_activities(), MutationKind.TIMER_FOR_ACTIVITY)
    assert [event_name(event) for event in first.history.events[4:6]] == ["TimerStarted", "TimerFired"]


def test_only_the_marker_of_a_patched_call_is_removed() -> None:
    (removed,) = only(with_patch(), MutationKind.PATCH_REMOVED)
    assert not removed.certain
    assert "MarkerRecorded" not in {event_name(event) for event in removed.history.events}
    assert only(with_patch(deprecated=True), MutationKind.PATCH_REMOVED) == []


def test_a_type_is_changed_only_where_core_compares_types() -> None:
    builder = HistoryBuilder()
    builder.activity(builder.task(), "validate_order")
    builder.activity(builder.task(sdkMetadata=SDK), "process_payment")
    assert [m.what for m in only(builder.history(), MutationKind.RENAMED)] == [
        "activity process_payment renamed"
    ]
    assert only(builder.history(), MutationKind.DROPPED) == []


def test_the_last_command_of_an_open_history_is_not_dropped() -> None:
    """Core compares nothing after the last event: the code may ask for it there."""
    builder = HistoryBuilder()
    builder.schedule_activity(builder.task(sdkMetadata=SDK), "validate_order")
    assert only(builder.history(), MutationKind.DROPPED) == []


def ended(event: str, **attributes: object) -> Callable[[HistoryBuilder, int], int]:
    return lambda builder, task: builder.add(event, workflowTaskCompletedEventId=task, **attributes)


@pytest.mark.parametrize(
    ("end", "what"),
    [
        (ended("WorkflowExecutionCompleted"), "COMPLETED recorded as FAILED"),
        (ended("WorkflowExecutionFailed", failure={"message": "no"}), "FAILED recorded as COMPLETED"),
        (ended("WorkflowExecutionCanceled"), "CANCELED recorded as COMPLETED"),
        (ended("WorkflowExecutionContinuedAsNew"), "CONTINUED_AS_NEW recorded as COMPLETED"),
    ],
)
def test_a_workflow_of_one_command_has_its_ending_changed(
    end: Callable[[HistoryBuilder, int], int], what: str
) -> None:
    builder = HistoryBuilder()
    end(builder, builder.task())
    (mutation,) = only(builder.history(status=what.split()[0]), MutationKind.ENDING_CHANGED)
    assert mutation.what == what
    assert mutation.history.status == what.split()[-1]
    validate(mutation.history)


@pytest.mark.parametrize("history", MUTABLE, ids=named)
def test_a_mutation_leaves_the_history_alone(history: History) -> None:
    before = [event.SerializeToString(deterministic=True) for event in history.events]
    for mutation in mutations(history):
        assert mutation.history.events != history.events
    assert [event.SerializeToString(deterministic=True) for event in history.events] == before


# Core's text


@pytest.mark.sampled(4)
@pytest.mark.parametrize("history", MUTABLE, ids=named)
def test_core_refuses_one_of_each_kind_where_it_was_changed(history: History, judging: Check) -> None:
    for mutation in one_of_each_kind(history):
        validate(mutation.history)
        verdict = judging.judge(mutation.history, name=mutation.what)
        assert verdict.outcome is Outcome.DIVERGED, (mutation.what, verdict.message)
        assert verdict.divergence is not None
        assert verdict.divergence.event_id == mutation.event_id, mutation.what


def test_the_gallery_shows_every_kind() -> None:
    found = {mutation.kind for history in MUTABLE for mutation in one_of_each_kind(history)}
    assert found == set(MutationKind)


def test_every_compared_history_can_be_changed() -> None:
    """A type whose only fixture completes at once, or handles updates alone, is tested too."""
    for history in MUTABLE:
        assert command_events(history)
        assert any(mutation.certain for mutation in one_of_each_kind(history)), named(history)


@pytest.mark.exhaustive
@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"there are no third-party histories at {CORPUS}")
def test_mutated_third_party_histories_are_sound() -> None:
    made = 0
    for path in sorted(CORPUS.iterdir()):
        try:
            history = read_history(path)
            validate(history)
        except (UnreadableHistoryError, InvalidHistoryError):
            continue
        if len(history.events) > 500:
            continue
        for mutation in one_of_each_kind(history):
            validate(mutation.history)
            made += 1
    assert made > 100


def test_validation_would_notice_a_link_that_did_not_follow() -> None:
    """The check above can fail."""
    (first, _) = only(two_activities(), MutationKind.DROPPED)
    events = []
    for event in first.history.events:
        copy = HistoryEvent()
        copy.CopyFrom(event)
        events.append(copy)
    events[9].activity_task_completed_event_attributes.scheduled_event_id = 11
    with pytest.raises(InvalidHistoryError, match="must name an earlier ActivityTaskScheduled"):
        validate(History(events=tuple(events)))
