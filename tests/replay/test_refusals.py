"""What the sandbox refuses: where the recorded run came past it, its worker runs without one."""

from __future__ import annotations

import dataclasses

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.history import History
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome, Reason, Verdict
from tests.replay.refused import AsksTheClock, ReadsAFile, ReadsLater
from tests.replay.refused_at_import import Located
from tests.replay.samples import ROOT, data_processing, session_of, with_events

UNSANDBOXED = 'workflow_runner = "temporalio.worker:UnsandboxedWorkflowRunner"'


def judge(cls: type, history: History | None = None) -> Verdict:
    with session_of(cls) as session:
        return session.judge(history or data_processing(cls.__name__), name="one.json")


@pytest.mark.parametrize(
    ("cls", "refused", "cure"),
    [
        (AsksTheClock, "datetime.datetime.now", "Use `workflow.now()`"),
        (ReadsAFile, "pathlib.Path.read_text", "Do it in an activity"),
        (ReadsLater, "open", "Do it in an activity"),
        (Located, "pathlib.Path.resolve", "Do it in an activity"),
    ],
)
def test_a_refusal_that_the_recorded_run_came_past(cls: type, refused: str, cure: str) -> None:
    verdict = judge(cls)
    message = verdict.message or ""
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert message.startswith(f"the sandbox refused {refused} at tests/replay/refused")
    assert cure in message
    assert "its worker runs without the sandbox" in message
    assert UNSANDBOXED in message


def failed(event_id: int) -> HistoryEvent:
    event = HistoryEvent(event_id=event_id, event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    attributes = event.workflow_task_failed_event_attributes
    attributes.scheduled_event_id, attributes.started_event_id = event_id - 2, event_id - 1
    attributes.cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE
    return event


@pytest.mark.parametrize(("cls", "begun"), [(ReadsLater, 9), (AsksTheClock, 3), (Located, 3)])
def test_a_refusal_in_a_task_that_never_completed_says_nothing_of_the_worker(cls: type, begun: int) -> None:
    history = with_events(data_processing(cls.__name__), lambda events: [*events[:begun], failed(begun + 1)])
    message = judge(cls, history).message or ""
    assert "the sandbox refused" in message
    assert "its worker runs without the sandbox" not in message


def test_the_configured_runner_is_the_cure() -> None:
    with session_of(AsksTheClock) as session:
        worker = dataclasses.replace(session.worker, workflow_runner=UnsandboxedWorkflowRunner())
    with ReplaySession(worker, root=ROOT, timeout_s=20) as session:
        verdict = session.judge(data_processing("AsksTheClock"), name="one.json")
    assert "sandbox" not in (verdict.message or "")
    assert verdict.outcome is Outcome.DIVERGED
