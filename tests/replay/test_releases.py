"""The release that recorded a History is named where a difference is of a sort in which releases differ."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History, read_history
from replaykit.replay.releases import recorded_by
from replaykit.replay.sdk.installed import VERSION
from replaykit.verdict import Outcome, SuggestionKind, Verdict
from tests.replay.refused import AsksTheClock
from tests.replay.released import Localized, Mistyped, Patient, Turned
from tests.replay.samples import HISTORIES, data_processing, session_of, with_events
from tests.replay.trouble import Differs, Follows

NAP = next((HISTORIES / "NapWorkflow").glob("cancellation-timer--*.json"))
LOCAL = next((HISTORIES / "LocalActivitiesWorkflow").glob("*.json"))
GATE = "Try that release: replaykit gate --sdk temporalio==1.29.3"


def under(history: History, *versions: str, sdk: str = "temporal-python") -> History:
    """The History as if workers with those releases had run its workflow tasks, one after the other."""

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        tasks = [e for e in events if e.HasField("workflow_task_completed_event_attributes")]
        for number, event in enumerate(tasks):
            metadata = event.workflow_task_completed_event_attributes.sdk_metadata
            metadata.sdk_name = metadata.sdk_version = ""
            if number < len(versions):
                metadata.sdk_name, metadata.sdk_version = sdk, versions[number]
        return events

    return dataclasses.replace(with_events(history, change), sdk=None)


def judge(history: History, cls: type) -> Verdict:
    with session_of(cls) as session:
        return session.judge(history, name="one.json")


def advice(verdict: Verdict) -> str:
    divergence = verdict.divergence
    return (divergence.suggestion if divergence is not None else verdict.message) or ""


def retyped(path: Path, workflow_type: str) -> History:
    """The History, as if a workflow of that type had recorded it."""
    history = with_events(read_history(path), lambda events: events)
    history.events[0].workflow_execution_started_event_attributes.workflow_type.name = workflow_type
    return dataclasses.replace(history, workflow_type=workflow_type)


CASES = [
    pytest.param(lambda: data_processing("Turned"), Turned, "signals, updates and results", id="order"),
    pytest.param(lambda: retyped(LOCAL, "Localized"), Localized, "results of local activities", id="local"),
    pytest.param(lambda: data_processing("AsksTheClock"), AsksTheClock, "their sandbox", id="sandbox"),
    pytest.param(lambda: retyped(LOCAL, "Mistyped"), Mistyped, "results of local activities", id="payload"),
    pytest.param(lambda: retyped(NAP, "Patient"), Patient, "cancellations", id="cancel"),
]


@pytest.mark.parametrize(("make", "cls", "what"), CASES)
def test_a_difference_that_fits_names_both_releases(make: object, cls: type, what: str) -> None:
    history = make()  # type: ignore[operator]
    text = advice(judge(under(history, "1.29.3"), cls))
    assert f"recorded by temporalio 1.29.3 and is judged by {VERSION}" in text
    assert what in text
    assert GATE in text


@pytest.mark.parametrize(("make", "cls", "what"), CASES)
@pytest.mark.parametrize("version", [VERSION, f"{VERSION.rpartition('.')[0]}.99"])
def test_the_same_release_is_not_named(version: str, make: object, cls: type, what: str) -> None:
    text = advice(judge(under(make(), version), cls))  # type: ignore[operator]
    assert text
    assert "gate --sdk" not in text


def test_a_difference_of_another_sort_is_the_codes() -> None:
    verdict = judge(under(data_processing("Differs"), "1.29.3"), Differs)
    assert verdict.outcome is Outcome.DIVERGED
    assert advice(verdict)
    assert "1.29.3" not in advice(verdict)


def test_what_is_consistent_says_nothing() -> None:
    verdict = judge(under(data_processing("Follows"), "1.29.3"), Follows)
    assert (verdict.outcome, verdict.message) == (Outcome.CONSISTENT, None)


def test_an_sdk_of_another_language_is_named() -> None:
    verdict = judge(under(data_processing("Differs"), "1.30.0", sdk="temporal-go"), Differs)
    assert "temporal-go 1.30.0 recorded it, an SDK of another language" in advice(verdict)


def test_a_known_fault_of_a_release_is_named_once() -> None:
    history = dataclasses.replace(under(retyped(LOCAL, "Localized"), "1.32.0"), sdk="temporal-python 1.32.0")
    verdict = judge(history, Localized)
    assert verdict.divergence is not None
    assert verdict.divergence.suggestion_kind is SuggestionKind.SDK
    assert advice(verdict).count("issue 1881") == 1
    assert "gate --sdk temporalio==1.32.0" in advice(verdict)


def test_the_release_is_that_of_the_task() -> None:
    history = under(data_processing(), "1.28.0", "1.29.3")
    assert recorded_by(history, 3) is None
    assert recorded_by(history, 5) == "temporal-python 1.28.0"
    assert recorded_by(history, 11) == "temporal-python 1.29.3"
    assert recorded_by(history) == "temporal-python 1.29.3"
    assert recorded_by(dataclasses.replace(under(history), sdk="temporal-python 1.27.0")) == (
        "temporal-python 1.27.0"
    )
