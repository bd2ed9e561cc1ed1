"""What a run has done at a patch, as its markers and a replay show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio import workflow

from replaykit.config import Config, WorkerConfig
from replaykit.history import read_history
from replaykit.patches.answers import Answering
from replaykit.patches.patch import Took
from replaykit.replay.workers import load_worker
from tests.history.builders import SDK, HistoryBuilder
from tests.replay.another_sdk import runtime_without

ROOT = Path(__file__).resolve().parents[2]


def answering(module: str) -> Answering:
    worker = WorkerConfig(workflows=(module,))
    return Answering(load_worker(Config(root=ROOT, workers=(worker,)), worker), root=ROOT, timeout_s=30)


@pytest.fixture
def flows() -> Iterator[Answering]:
    with answering("tests.patches.flows") as each:
        yield each


def late() -> HistoryBuilder:
    return HistoryBuilder(workflow_type="LateWorkflow")


def took(asked: Answering, builder: HistoryBuilder, patch: str = "late") -> Took:
    workflow_type = builder.events[0].workflow_execution_started_event_attributes.workflow_type.name
    return asked.took(builder.history(workflow_type=workflow_type), [patch])[0][patch]


@pytest.mark.parametrize(
    ("release", "code", "expected", "diverged"),
    [
        ("v1", "v3", Took.OLD, False),
        ("v3", "v3", Took.MARKED, False),
        ("v4", "v3", Took.DEPRECATED, False),
        ("v1", "v4", Took.OLD, True),
        ("v2", "v4", Took.OLD, False),
    ],
)
@pytest.mark.parametrize("state", ["", "-waiting"])
def test_recorded_orders(release: str, code: str, expected: Took, diverged: bool, state: str) -> None:
    (path,) = (ROOT / "histories" / "OrderWorkflow").glob(f"order-{release}{state}--*.json")
    patch = "validate-before-payment"
    with answering(f"tests.gallery.order.{code}") as each:
        found, broke = each.took(read_history(path), [patch])
    assert (found[patch], broke) == (expected, diverged)


def test_no_code_has_run(flows: Answering) -> None:
    assert took(flows, late()) is Took.NOT_REACHED


def test_before_the_call(flows: Answering) -> None:
    builder = late()
    builder.schedule_activity(builder.task(sdkMetadata=SDK), "first")
    assert took(flows, builder) is Took.NOT_REACHED


def test_at_the_call_right_now(flows: Answering) -> None:
    builder = late()
    builder.activity(builder.task(sdkMetadata=SDK), "first")
    scheduled = builder.add("WorkflowTaskScheduled", taskQueue={"name": "orders"}, attempt=1)
    builder.add("WorkflowTaskStarted", scheduledEventId=scheduled)
    assert took(flows, builder) is Took.NOT_REACHED


def test_past_the_call(flows: Answering) -> None:
    builder = late()
    builder.activity(builder.task(sdkMetadata=SDK), "first")
    builder.schedule_activity(builder.task(), "old")
    assert took(flows, builder) is Took.OLD


def test_past_a_call_that_asks_for_nothing(flows: Answering) -> None:
    builder = HistoryBuilder(workflow_type="QuietWorkflow")
    builder.task(sdkMetadata=SDK)
    assert took(flows, builder, "quiet") is Took.OLD


def test_a_replay_that_diverges_before_the_call_shows_nothing(flows: Answering) -> None:
    builder = late()
    builder.activity(builder.task(sdkMetadata=SDK), "another")
    builder.schedule_activity(builder.task(), "old")
    assert took(flows, builder) is Took.UNKNOWN


def test_an_sdk_with_other_private_names_shows_nothing(
    flows: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "_Runtime", runtime_without("workflow_patch"))
    builder = late()
    builder.schedule_activity(builder.task(sdkMetadata=SDK), "first")
    assert took(flows, builder) is Took.UNKNOWN
