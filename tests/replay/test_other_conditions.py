"""A run that was recorded under other conditions: without the sandbox, or by another release of the SDK."""

from __future__ import annotations

import dataclasses

import pytest
from temporalio import workflow
from temporalio.api.history.v1 import HistoryEvent

from replaykit.replay.sdk.installed import VERSION
from replaykit.verdict import Divergence, Outcome, Reason
from tests.replay.samples import data_processing, session_of, with_events
from tests.replay.sandboxed import ReadsTheClock, ReadsTheEnvironment, Tosses
from tests.replay.trouble import TIMEOUT, Differs

_MAJOR, _MINOR, *_ = VERSION.split(".")
ANOTHER = f"{_MAJOR}.{int(_MINOR) - 1}.0"
"""A release that is not installed."""

RUNNER = 'workflow_runner = "temporalio.worker:UnsandboxedWorkflowRunner"'


@workflow.defn(name="Reordered", sandboxed=False)
class Reordered:
    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_activity("load_total", source, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Local", sandboxed=False)
class Local:
    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_local_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)


@pytest.mark.parametrize("cls", [ReadsTheClock, Tosses, ReadsTheEnvironment])
def test_where_the_run_came_past_a_refused_line_its_worker_may_have_no_sandbox(cls: type) -> None:
    with session_of(cls) as session:
        verdict = session.judge(data_processing(cls.__name__), name="one.json")
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    assert "the sandbox refused" in (verdict.message or "")
    assert RUNNER in (verdict.message or "")


def test_in_a_task_that_the_run_has_not_completed_nothing_is_known_of_its_worker() -> None:
    history = with_events(data_processing("ReadsTheEnvironment"), lambda events: events[:9])
    with session_of(ReadsTheEnvironment) as session:
        verdict = session.judge(history, name="one.json")
    assert "the sandbox refused" in (verdict.message or "")
    assert RUNNER not in (verdict.message or "")


def _by_no_sdk(events: list[HistoryEvent]) -> list[HistoryEvent]:
    """The events without the release that recorded them; its flags stay, by which Core compares names."""
    for event in events:
        if event.HasField("workflow_task_completed_event_attributes"):
            event.workflow_task_completed_event_attributes.sdk_metadata.ClearField("sdk_version")
    return events


def _diverged(cls: type, sdk: str | None) -> Divergence:
    history = dataclasses.replace(with_events(data_processing(cls.__name__), _by_no_sdk), sdk=sdk)
    with session_of(cls) as session:
        verdict = session.judge(history, name="one.json")
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.divergence is not None
    return verdict.divergence


@pytest.mark.parametrize("cls", [Reordered, Local])
def test_another_release_is_named_where_releases_differ(cls: type) -> None:
    suggestion = _diverged(cls, f"temporal-python {ANOTHER}").suggestion or ""
    assert f"recorded by temporalio {ANOTHER} and is judged by {VERSION}" in suggestion
    assert f"replaykit gate --sdk temporalio=={ANOTHER}" in suggestion


@pytest.mark.parametrize(
    ("cls", "sdk"),
    [
        (Reordered, f"temporal-python {VERSION}"),
        (Reordered, None),
        (Reordered, "temporal-go 1.30.0"),
        (Differs, f"temporal-python {ANOTHER}"),
    ],
    ids=["the same", "unknown", "another language", "another sort of change"],
)
def test_elsewhere_no_release_is_blamed(cls: type, sdk: str | None) -> None:
    assert "--sdk" not in (_diverged(cls, sdk).suggestion or "")
