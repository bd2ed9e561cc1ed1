"""Everything that makes a hand-written loop hang, crash or lie gets an outcome of its own."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.worker import Interceptor, WorkflowInterceptorClassInput

from replaykit.config import StrictPolicy
from replaykit.history import History
from replaykit.replay.align import Alignment, align
from replaykit.replay.commands import Command
from replaykit.replay.lane import DaemonExecutor
from replaykit.replay.session import ReplaySession
from replaykit.replay.undecoded import missing_fields
from replaykit.verdict import Outcome, Reason, Verdict
from tests.gallery.blocks.data_processing import DataProcessingWorkflow
from tests.replay import trouble
from tests.replay.samples import ROOT, data_processing, session_of, with_events


def judge(history: History, *classes: type, **options: object) -> Verdict:
    """Judge one History, and prove with a good one that the session lives on."""
    with session_of(*classes, DataProcessingWorkflow, **options) as session:  # type: ignore[arg-type]
        verdict = session.judge(history, name="one.json")
        after = session.judge(data_processing(), name="after.json")
    assert (after.outcome, after.commands_compared) == (Outcome.CONSISTENT, 3)
    return verdict


def test_the_same_code_is_consistent_and_says_how_much_it_compared() -> None:
    verdict = judge(data_processing())
    assert (verdict.outcome, verdict.commands_compared) == (Outcome.CONSISTENT, 3)
    assert verdict.workflow_id == "data-processing"
    assert verdict.duration_s > 0


def drop_type(events: list[HistoryEvent]) -> list[HistoryEvent]:
    events[0].workflow_execution_started_event_attributes.ClearField("workflow_type")
    return events


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda events: [], Reason.INVALID_HISTORY),
        (lambda events: events[:1], Reason.VACUOUS),
        (lambda events: events[::-1], Reason.INVALID_HISTORY),
        (lambda events: events[4:], Reason.INVALID_HISTORY),
        (lambda events: [*events[:5], *events[6:]], Reason.INVALID_HISTORY),
        (drop_type, Reason.INVALID_HISTORY),
        (lambda events: events[:2], Reason.VACUOUS),
        (lambda events: events[:3], Reason.VACUOUS),
        (lambda events: events[:4], Reason.VACUOUS),
    ],
    ids=["empty", "one event", "reversed", "mid-start", "gap", "no type", "2 events", "3 events", "4 events"],
)
def test_histories_that_hang_the_replayer(change: object, reason: Reason) -> None:
    verdict = judge(with_events(data_processing(), change))  # type: ignore[arg-type]
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, reason)
    assert verdict.message
    assert verdict.commands_compared == 0


def test_a_history_cut_after_a_command_is_compared_up_to_there() -> None:
    verdict = judge(with_events(data_processing(), lambda events: events[:11]))
    assert (verdict.outcome, verdict.commands_compared) == (Outcome.CONSISTENT, 2)


@pytest.mark.parametrize(
    ("cls", "failure_types"),
    [(trouble.Tolerant, ()), (trouble.Differs, (Exception,)), (trouble.Differs, ())],
    ids=["on the class", "on the worker", "nowhere"],
)
def test_failure_exception_types_do_not_swallow_a_divergence(
    cls: type, failure_types: tuple[type, ...]
) -> None:
    verdict = judge(data_processing(cls.__name__), cls, failure_types=failure_types)
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.divergence is not None
    assert verdict.divergence.event_id == 5
    assert verdict.divergence.recorded == "ActivityTaskScheduled extract_rows"
    assert verdict.divergence.produced == "ScheduleActivity somebody_else"


def test_failure_exception_types_still_reach_the_code() -> None:
    """With Exception among them a KeyError fails the workflow, so the recorded activity is missing."""
    verdict = judge(data_processing("Raises"), trouble.Raises, failure_types=(Exception,))
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.divergence is not None
    assert verdict.divergence.produced is not None
    assert verdict.divergence.produced.startswith("FailWorkflow")


def test_an_endless_loop_is_named_with_its_line() -> None:
    verdict = judge(data_processing("Endless"), trouble.Endless, timeout_s=4)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.TIMED_OUT)
    assert verdict.source is not None
    assert verdict.source.file == "tests/replay/trouble.py"
    assert "never yielded at tests/replay/trouble.py:" in (verdict.message or "")


@pytest.mark.exhaustive
def test_a_loop_that_cannot_be_stopped_is_abandoned() -> None:
    before = set(threading.enumerate())
    verdict = judge(data_processing("Stubborn"), trouble.Stubborn, timeout_s=2)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.TIMED_OUT)
    left = [thread for thread in {*threading.enumerate()} - before if thread.name.startswith("replaykit-")]
    assert left
    for thread in left:
        thread.join(15)
        assert not thread.is_alive(), "abandoned, but not for ever: the loop ended by itself"


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (trouble.Exits, "workflow code raised SystemExit(3) at tests/replay/trouble.py:"),
        (trouble.Interrupts, "workflow code raised KeyboardInterrupt() at tests/replay/trouble.py:"),
        (trouble.Raises, "the code raised KeyError: 'b' at tests/replay/trouble.py:"),
    ],
)
def test_code_that_raises(cls: type, message: str) -> None:
    verdict = judge(data_processing(cls.__name__), cls, timeout_s=20)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert (verdict.message or "").startswith(message)
    assert verdict.source is not None
    assert verdict.source.function == "run"


def test_a_payload_of_another_type_is_undecodable() -> None:
    verdict = judge(data_processing("WantsAnInteger"), trouble.WantsAnInteger)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNDECODABLE_PAYLOAD)
    assert (verdict.event_id, verdict.argument) == (1, 1)
    assert "it was recorded as str, and is int" in (verdict.message or "")


@pytest.mark.parametrize(
    ("cls", "payload", "message"),
    [
        (trouble.WantsAnOrder, {"sku": "a"}, "recorded without field 'currency' of Order. Give it a default"),
        (
            trouble.WantsAParcel,
            {"orders": []},
            "recorded without fields 'weight', 'sender' of Parcel. Give them defaults",
        ),
        (
            trouble.WantsAParcel,
            {"orders": [{"sku": "a"}]},
            "recorded without field 'currency' of Order. Give it a default",
        ),
        (trouble.IsGivenAnOrder, {"sku": "a"}, "recorded without field 'currency' of Order"),
        (trouble.WantsAnOrder, "a", "it was recorded as str, and is Order in this code"),
    ],
)
def test_a_field_that_a_payload_lacks_is_named(cls: type, payload: object, message: str) -> None:
    def with_payload(events: list[HistoryEvent]) -> list[HistoryEvent]:
        encoded = json.dumps(payload).encode()
        given = events[0].workflow_execution_started_event_attributes.input.payloads
        del given[1:]
        given[0].data = encoded
        for event in events:
            for result in event.activity_task_completed_event_attributes.result.payloads:
                result.data = encoded
        return events

    verdict = judge(with_events(data_processing(cls.__name__), with_payload), cls)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNDECODABLE_PAYLOAD)
    assert message in (verdict.message or "")
    assert ("data_converter" in (verdict.message or "")) == ("does not decode" in message)


PYDANTIC = (
    "ValidationError: {count} validation errors for Order\nlines.0.price\n  Field required [type=missing, "
    "input_value={{'sku': 'q'}}, input_type=dict]\n    For further information visit https://errors.pydantic.dev"
    "/2.14/v/missing"
)


def test_pydantic_says_it_in_its_own_way() -> None:
    assert missing_fields((PYDANTIC.format(count=1),)) == ("Order", ("lines.0.price",))
    # Another of its complaints is no matter of defaults.
    assert missing_fields((PYDANTIC.format(count=2),)) is None
    assert missing_fields(("TypeError: from_dict() missing 1 required positional argument: 'a'",)) is None


def test_a_workflow_that_fails_instead_diverges() -> None:
    verdict = judge(data_processing("Fails"), trouble.Fails)
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.divergence is not None
    assert verdict.divergence.produced == "FailWorkflow no such source"


def test_an_unknown_workflow_answers_with_close_names() -> None:
    verdict = judge(data_processing("DataProcesingWorkflow"))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.UNKNOWN_WORKFLOW)
    assert "Did you mean DataProcessingWorkflow?" in (verdict.message or "")


def test_two_failures_of_one_run_are_two_failures() -> None:
    with session_of(trouble.Differs) as session:
        verdicts = [session.judge(data_processing("Differs"), name=f"{n}.json") for n in range(2)]
    assert [verdict.outcome for verdict in verdicts] == [Outcome.DIVERGED, Outcome.DIVERGED]
    assert verdicts[0].run_id == verdicts[1].run_id


@pytest.mark.parametrize(
    ("code", "options", "times"),
    [
        (DataProcessingWorkflow, {}, 0),
        (DataProcessingWorkflow, {"evidence": True, "strict": StrictPolicy()}, 1),
        (trouble.Differs, {"evidence": True, "strict": StrictPolicy()}, 1),
        (trouble.Raises, {}, 0),
    ],
)
def test_a_history_is_aligned_once_and_only_where_needed(
    code: type, options: dict[str, Any], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    aligned: list[History] = []

    def counting(events: Sequence[HistoryEvent], commands: Sequence[Command]) -> Alignment:
        aligned.append(history)
        return align(events, commands)

    for module in ("replayed", "strict.renames"):
        monkeypatch.setattr(f"replaykit.replay.{module}.align", counting)
    history = data_processing(code.__name__)
    with ReplaySession(session_of(code).worker, root=ROOT, timeout_s=60, **options) as session:
        verdict = session.judge(history, name="one.json")
        assert len(aligned) == times
        assert session.replayed is not None
        assert session.replayed.alignment is session.replayed.alignment
    assert verdict.outcome is not Outcome.DRIFTED


class Blocking(Interceptor):
    """An interceptor that never comes back from being set up."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> None:  # noqa: A002
        time.sleep(6)


@pytest.mark.exhaustive
def test_a_worker_that_blocks_while_it_is_set_up_has_a_deadline_too() -> None:
    worker = dataclasses.replace(session_of(DataProcessingWorkflow).worker, interceptors=(Blocking(),))
    with ReplaySession(worker, root=ROOT, timeout_s=1) as session:
        verdict = session.judge(data_processing(), name="one.json")
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.TIMED_OUT)


class EndsWithATimeout(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> None:  # noqa: A002
        raise TimeoutError("of the plugin's own")


def test_a_worker_that_cannot_be_set_up_is_no_stalled_replay() -> None:
    worker = dataclasses.replace(
        session_of(DataProcessingWorkflow).worker, interceptors=(EndsWithATimeout(),)
    )
    with ReplaySession(worker, root=ROOT, timeout_s=20) as session:
        verdict = session.judge(data_processing(), name="one.json")
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.CRASHED)
    assert "of the plugin's own" in (verdict.message or "")


def test_an_interrupt_that_comes_too_late_stops_no_later_job() -> None:
    executor = DaemonExecutor()
    assert executor.submit(lambda: 1).result(10) == 1
    executor.interrupt()  # nothing runs
    assert executor.submit(lambda: 2).result(10) == 2
    executor.shutdown()
