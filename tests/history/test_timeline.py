"""The timeline of a History, and its shape."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import TimelineRow, fingerprint, timeline
from replaykit.history.shape import shape
from tests.history.builders import START, HistoryBuilder, bare, two_activities


def test_the_timeline_of_two_activities_is_these_17_rows() -> None:
    rows = timeline(two_activities())
    assert [(row.event_id, row.label, row.links) for row in rows] == [
        (1, "WorkflowExecutionStarted OrderWorkflow", ()),
        (2, "WorkflowTaskScheduled", ()),
        (3, "WorkflowTaskStarted", (2,)),
        (4, "WorkflowTaskCompleted", (2, 3)),
        (5, "ActivityTaskScheduled validate_order", (4,)),
        (6, "ActivityTaskStarted", (5,)),
        (7, "ActivityTaskCompleted", (5, 6)),
        (8, "WorkflowTaskScheduled", ()),
        (9, "WorkflowTaskStarted", (8,)),
        (10, "WorkflowTaskCompleted", (8, 9)),
        (11, "ActivityTaskScheduled process_payment", (10,)),
        (12, "ActivityTaskStarted", (11,)),
        (13, "ActivityTaskCompleted", (11, 12)),
        (14, "WorkflowTaskScheduled", ()),
        (15, "WorkflowTaskStarted", (14,)),
        (16, "WorkflowTaskCompleted", (14, 15)),
        (17, "WorkflowExecutionCompleted", (16,)),
    ]
    assert rows[4] == TimelineRow(
        event_id=5,
        time=START + timedelta(milliseconds=400),
        elapsed_s=0.4,
        name="ActivityTaskScheduled",
        label="ActivityTaskScheduled validate_order",
        links=(4,),
    )


def test_a_damaged_history_has_a_timeline_too() -> None:
    untimed = HistoryEvent(event_id=9, event_type=9999)  # type: ignore[arg-type]
    beyond = HistoryEvent(event_id=10)
    beyond.event_time.seconds = 2**60
    rows = timeline(bare([*two_activities().events[:1], untimed, beyond]))
    assert [(row.event_id, row.time is None, row.elapsed_s) for row in rows] == [
        (1, False, 0.0),
        (9, True, None),
        (10, True, None),
    ]
    assert timeline(bare([])) == ()
    (row,) = timeline(bare([untimed]))
    assert (row.label, row.elapsed_s) == ("Unknown event type 9999", None)


# --- shape


def activities(*names: str, complete: bool = False) -> HistoryBuilder:
    builder = HistoryBuilder()
    for name in names:
        builder.activity(builder.task(), name)
    if complete:
        builder.complete(builder.task())
    return builder


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        ("", ()),
        ("a", ("a",)),
        ("ab", ("a", "b")),
        ("aa", ("a +",)),
        ("aaaa", ("a +",)),
        ("abab", ("(a; b) +",)),
        ("ababab", ("(a; b) +",)),
        ("aba", ("a", "b", "a")),
        ("aabaab", ("(a +; b) +",)),
        ("abcabcd", ("(a; b; c) +", "d")),
        ("xababy", ("x", "(a; b) +", "y")),
        ("abcdefghabcdefgh", ("(a; b; c; d; e; f; g; h) +",)),
        ("abcdefghiabcdefghi", tuple("abcdefghiabcdefghi")),
    ],
)
def test_runs_of_repeats_are_folded(names: str, folded: tuple[str, ...]) -> None:
    history = bare(activities(*names).events)
    assert tuple(token.replace("ActivityTaskScheduled ", "") for token in shape(history)) == folded


def test_the_number_of_rounds_makes_no_difference_and_one_round_does() -> None:
    once, twice, often = (fingerprint(bare(activities(*"ab" * rounds).events)) for rounds in (1, 2, 9))
    assert twice == often != once


def test_ids_arguments_and_results_make_no_difference() -> None:
    other = HistoryBuilder(run_id="other", workflowId="other")
    other.activity(other.task(), "validate_order", "else", result=False)
    other.add("WorkflowExecutionSignaled", signalName="not a command")
    other.activity(other.task(), "process_payment", result="declined")
    other.complete(other.task(), "else")
    assert fingerprint(bare(other.events)) == fingerprint(two_activities())


@pytest.mark.parametrize("change", ["name", "kind", "order", "end"])
def test_names_kinds_order_and_end_make_a_difference(change: str) -> None:
    base = activities("a", "b", complete=True)
    other = {
        "name": activities("a", "c", complete=True),
        "order": activities("b", "a", complete=True),
        "end": activities("a", "b"),
        "kind": activities("a"),
    }[change]
    if change == "kind":
        other.add_child(other.task(), "b", "id")
        other.complete(other.task())
    assert fingerprint(bare(base.events)) != fingerprint(bare(other.events))


def test_patch_markers_are_distinguished_by_their_id() -> None:
    def patched(patch_id: str) -> str:
        builder = HistoryBuilder()
        builder.add_patch(builder.task(), patch_id)
        return fingerprint(bare(builder.events))

    assert patched("a") != patched("b")


def test_the_fingerprint_is_pinned() -> None:
    """It stands in committed fixtures: a change of it makes every capture differ."""
    assert fingerprint(two_activities()) == "b14c8ac7dc9e7772"
    assert fingerprint(dataclasses.replace(two_activities(), events=())) == "e3b0c44298fc1c14"
