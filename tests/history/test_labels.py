"""One line for every event type that temporalio knows, and for one that it does not."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import describe_event, event_name
from tests.history.builders import HistoryBuilder, payload, payloads_json

ALL_TYPES = sorted(name for name in EventType.DESCRIPTOR.values_by_name if name != "EVENT_TYPE_UNSPECIFIED")


def camel(name: str) -> str:
    return name.removeprefix("EVENT_TYPE_").title().replace("_", "")


def label(name: str, **attributes: Any) -> str:
    builder = HistoryBuilder()
    builder.add(name, **attributes)
    return describe_event(builder.events[-1])


@pytest.mark.parametrize("name", ALL_TYPES)
def test_every_event_type_has_a_line_that_begins_with_its_name(name: str) -> None:
    bare = HistoryEvent(event_id=5, event_type=EventType.Value(name))
    assert event_name(bare) == describe_event(bare) == camel(name)
    described = label(camel(name))
    assert described.split(" ")[0].rstrip(":") == camel(name)
    assert "\n" not in described


def test_the_labels_have_an_entry_for_every_type_that_has_something_to_show() -> None:
    """A new type of a new temporalio shows up here, to be given a detail or to be listed as having none."""
    from replaykit.history.labels import _DETAILS

    plain = {
        "ActivityTaskCanceled",
        "ActivityTaskCompleted",
        "NexusOperationCancelRequestCompleted",
        "NexusOperationCompleted",
        "NexusOperationStarted",
        "WorkflowExecutionCanceled",
        "WorkflowExecutionCompleted",
        "WorkflowExecutionTimedOut",
        "WorkflowTaskCompleted",
        "WorkflowTaskStarted",
    }
    assert {camel(name) for name in ALL_TYPES} - set(_DETAILS) == plain


def test_an_event_type_of_the_future_still_shows() -> None:
    event = HistoryEvent(event_id=5, event_type=9999)  # type: ignore[arg-type]
    assert event_name(event) == describe_event(event) == "Unknown event type 9999"
    ignorable = HistoryEvent(event_id=5, worker_may_ignore=True)
    assert describe_event(ignorable) == "Unknown event type 0 (workers may ignore it)"


@pytest.mark.parametrize(
    ("name", "attributes", "expected"),
    [
        ("WorkflowExecutionStarted", {"workflowType": {"name": "Order"}}, "WorkflowExecutionStarted Order"),
        (
            "WorkflowExecutionStarted",
            {"workflowType": {"name": "Order"}, "attempt": 3},
            "WorkflowExecutionStarted Order attempt 3",
        ),
        (
            "ActivityTaskScheduled",
            {"activityType": {"name": "process_payment"}},
            "ActivityTaskScheduled process_payment",
        ),
        ("ActivityTaskStarted", {"attempt": 1}, "ActivityTaskStarted"),
        ("ActivityTaskStarted", {"attempt": 4}, "ActivityTaskStarted attempt 4"),
        (
            "ActivityTaskFailed",
            {"failure": {"message": "card declined"}},
            "ActivityTaskFailed: card declined",
        ),
        (
            "ActivityTaskFailed",
            {"failure": {"applicationFailureInfo": {"type": "CardError"}}},
            "ActivityTaskFailed: CardError",
        ),
        (
            "ActivityTaskFailed",
            {"failure": {"encodedAttributes": {"metadata": {}}}},
            "ActivityTaskFailed: (encoded)",
        ),
        (
            "ActivityTaskTimedOut",
            {"failure": {"timeoutFailureInfo": {"timeoutType": "TIMEOUT_TYPE_START_TO_CLOSE"}}},
            "ActivityTaskTimedOut StartToClose",
        ),
        ("ActivityTaskCancelRequested", {"scheduledEventId": 5}, "ActivityTaskCancelRequested of event 5"),
        ("TimerStarted", {"startToFireTimeout": "30s"}, "TimerStarted 30 s"),
        ("TimerStarted", {"startToFireTimeout": "0.050s"}, "TimerStarted 50 ms"),
        ("TimerStarted", {"startToFireTimeout": "1.5s"}, "TimerStarted 1.5 s"),
        ("TimerStarted", {"startToFireTimeout": "3600s"}, "TimerStarted 1 h"),
        ("TimerStarted", {"startToFireTimeout": "90061s"}, "TimerStarted 1 d 1 h 1 min 1 s"),
        ("TimerStarted", {"startToFireTimeout": "0s"}, "TimerStarted 0 s"),
        ("TimerFired", {"timerId": "1"}, "TimerFired 1"),
        ("WorkflowExecutionSignaled", {"signalName": "approve"}, "WorkflowExecutionSignaled approve"),
        ("WorkflowExecutionTerminated", {"reason": "too old"}, "WorkflowExecutionTerminated: too old"),
        (
            "WorkflowTaskFailed",
            {
                "cause": "WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR",
                "failure": {"message": "TMPRL1100"},
            },
            "WorkflowTaskFailed NonDeterministicError: TMPRL1100",
        ),
        (
            "WorkflowTaskTimedOut",
            {"timeoutType": "TIMEOUT_TYPE_START_TO_CLOSE"},
            "WorkflowTaskTimedOut StartToClose",
        ),
        (
            "StartChildWorkflowExecutionInitiated",
            {"workflowType": {"name": "Ship"}, "workflowId": "ship-17"},
            "StartChildWorkflowExecutionInitiated Ship (ship-17)",
        ),
        (
            "StartChildWorkflowExecutionFailed",
            {
                "workflowType": {"name": "Ship"},
                "workflowId": "ship-17",
                "cause": "START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS",
            },
            "StartChildWorkflowExecutionFailed Ship (ship-17): WorkflowAlreadyExists",
        ),
        (
            "ChildWorkflowExecutionFailed",
            {
                "workflowType": {"name": "Ship"},
                "workflowExecution": {"workflowId": "ship-17"},
                "failure": {"message": "lost"},
            },
            "ChildWorkflowExecutionFailed Ship (ship-17): lost",
        ),
        (
            "SignalExternalWorkflowExecutionInitiated",
            {"signalName": "go", "workflowExecution": {"workflowId": "other"}},
            "SignalExternalWorkflowExecutionInitiated go to other",
        ),
        (
            "UpsertWorkflowSearchAttributes",
            {"searchAttributes": {"indexedFields": {"B": {}, "A": {}}}},
            "UpsertWorkflowSearchAttributes A, B",
        ),
        (
            "NexusOperationScheduled",
            {"endpoint": "e", "service": "Payments", "operation": "charge"},
            "NexusOperationScheduled Payments.charge",
        ),
        (
            "NexusOperationFailed",
            {
                "failure": {
                    "message": "nexus operation completed unsuccessfully",
                    "nexusOperationExecutionFailureInfo": {},
                    "cause": {"message": "card declined"},
                }
            },
            "NexusOperationFailed: card declined",
        ),
        (
            "WorkflowExecutionUpdateAccepted",
            {"acceptedRequest": {"input": {"name": "add_item"}}},
            "WorkflowExecutionUpdateAccepted add_item",
        ),
        (
            "WorkflowExecutionUpdateCompleted",
            {"meta": {"updateId": "u-1"}, "outcome": {"failure": {"message": "sold out"}}},
            "WorkflowExecutionUpdateCompleted u-1: sold out",
        ),
        (
            "WorkflowExecutionContinuedAsNew",
            {"workflowType": {"name": "Order"}},
            "WorkflowExecutionContinuedAsNew Order",
        ),
        (
            "WorkflowExecutionOptionsUpdated",
            {"unsetVersioningOverride": True},
            "WorkflowExecutionOptionsUpdated unset_versioning_override",
        ),
    ],
)
def test_labels(name: str, attributes: dict[str, Any], expected: str) -> None:
    assert label(name, **attributes) == expected


@pytest.mark.parametrize(
    ("marker", "details", "expected"),
    [
        (
            "core_patch",
            {"patch-data": payloads_json({"id": "my-patch", "deprecated": False})},
            "patch my-patch",
        ),
        ("core_patch", {"patch_id": {"payloads": [{"data": "bXktcGF0Y2g="}]}}, "patch my-patch"),
        ("core_patch", {}, "patch"),
        (
            "core_local_activity",
            {"data": payloads_json({"activity_type": "greet", "seq": 1})},
            "local activity greet",
        ),
        ("core_local_activity", {"data": payloads_json("not an object")}, "local activity"),
        (
            "Version",
            {"change-id": payloads_json("initial version"), "version": payloads_json(3)},
            "Version initial version",
        ),
        ("SideEffect", {"data": payloads_json(5)}, "SideEffect"),
    ],
)
def test_markers(marker: str, details: dict[str, Any], expected: str) -> None:
    assert label("MarkerRecorded", markerName=marker, details=details) == f"MarkerRecorded {expected}"


def test_a_label_is_one_line_and_not_a_page() -> None:
    described = label("ActivityTaskFailed", failure={"message": "first\nsecond\t" + "x" * 1000})
    assert described.startswith("ActivityTaskFailed: first second xxx")
    assert described.endswith("x...")
    assert len(described) == 160


def test_binary_details_of_a_marker_do_no_harm() -> None:
    builder = HistoryBuilder()
    builder.add("MarkerRecorded", markerName="core_patch")
    secret = payload("")
    secret.data = b"\xff\xfe"
    details = builder.events[-1].marker_recorded_event_attributes.details
    details["patch-data"].payloads.append(secret)
    assert describe_event(builder.events[-1]) == "MarkerRecorded patch"
