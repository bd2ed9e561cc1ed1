"""Warnings as errors are for tests: a worker goes on after a warning, and so does a replay."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from replaykit.history import History
from replaykit.replay.recorder import Activate
from replaykit.verdict import Outcome, Reason
from tests.replay import trouble
from tests.replay.samples import data_processing, session_of, with_events


@pytest.fixture(autouse=True)
def warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def with_signal(history: History, name: str) -> History:
    """The History with a signal that came before its last workflow task."""

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        signal = HistoryEvent(event_id=14, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
        signal.workflow_execution_signaled_event_attributes.signal_name = name
        signal.event_time.CopyFrom(events[13].event_time)
        for event in events[13:]:
            event.event_id += 1
        events[14].workflow_task_started_event_attributes.scheduled_event_id = 15
        completed = events[15].workflow_task_completed_event_attributes
        completed.scheduled_event_id, completed.started_event_id = 15, 16
        events[16].workflow_execution_completed_event_attributes.workflow_task_completed_event_id = 17
        return [*events[:13], signal, *events[13:]]

    return with_events(history, change)


@pytest.mark.parametrize(
    ("cls", "history"),
    [
        (trouble.Warns, data_processing("Warns")),
        (trouble.Unfinished, with_signal(data_processing("Unfinished"), "go")),
    ],
    ids=["of the code", "of the SDK, for an unfinished handler"],
)
def test_a_warning_fails_no_replay(cls: type, history: History) -> None:
    with session_of(cls) as session:
        verdict = session.judge(history, name="one.json")
    assert (verdict.outcome, verdict.commands_compared) == (Outcome.CONSISTENT, 3), verdict.message


def test_what_decides_about_warnings_is_as_before_after_a_replay() -> None:
    before = list(warnings.filters)
    with session_of(trouble.Warns) as session:
        session.judge(data_processing("Warns"), name="one.json")
    assert list(warnings.filters) == before
    with pytest.raises(DeprecationWarning):
        warnings.warn("after", DeprecationWarning, stacklevel=1)


def test_a_warning_that_stays_hidden_is_not_shown_by_a_replay(capfd: pytest.CaptureFixture[str]) -> None:
    warnings.simplefilter("ignore")
    with session_of(trouble.Warns) as session:
        session.judge(data_processing("Warns"), name="one.json")
    assert "use the other one" not in capfd.readouterr().err


def test_what_is_raised_after_the_code_is_not_taken_for_the_codec() -> None:
    def fails_after(activate: Activate, act: WorkflowActivation) -> WorkflowActivationCompletion:
        activate(act)
        raise LookupError("the end of the run")

    with session_of(trouble.Warns, around=fails_after) as session:
        verdict = session.judge(data_processing("Warns"), name="one.json")
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert "the code raised LookupError: the end of the run" in (verdict.message or "")
    assert "codec" not in (verdict.message or "")
