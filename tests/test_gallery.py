"""The gallery: a fixture for every workflow, what each is there to show, and how it replays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from replaykit.check import Check
from replaykit.config import Config, WorkerConfig
from replaykit.history import History, find_fixtures, read_history
from replaykit.verdict import Outcome, Reason
from tests.gallery import catalogue
from tests.gallery.bad.variants import CALLS
from tests.gallery.blocks.data_processing import DataProcessingWorkflow
from tests.gallery.blocks.long_running import ITERATIONS_PER_RUN
from tests.gallery.catalogue import all_scenarios, workers_of
from tests.gallery.fixtures import GREEN
from tests.gallery.order.matrix import MATRIX, RELEASES, Cell
from tests.gallery.record import main as record_command
from tests.gallery.record import write_fixtures
from tests.gallery.scenario import RED_FIXTURES, Scenario, WorkerSetup, workflow_type_of

_ROOT = Path(__file__).parents[1]


RED = tuple(read_history(path) for path in find_fixtures([RED_FIXTURES]))
SCENARIO_OF = {workflow_id: scenario for scenario in all_scenarios() for workflow_id in scenario.workflow_ids}
WORKERS = workers_of(all_scenarios())


def _path(fixture: History) -> Path:
    assert fixture.path is not None
    return fixture.path


def _named(fixture: History) -> str:
    return _path(fixture).stem


def _of_kind(fixture: History, name: str) -> list[HistoryEvent]:
    return [event for event in fixture.events if EventType.Name(event.event_type) == f"EVENT_TYPE_{name}"]


def _of(workflow_id: str) -> list[History]:
    """Historys of a workflow id, in the order of their runs."""
    fixtures = [fixture for fixture in GREEN + RED if fixture.workflow_id == workflow_id]
    return sorted(fixtures, key=lambda fixture: fixture.events[0].event_time.ToNanoseconds())


def _only(workflow_id: str) -> History:
    (fixture,) = _of(workflow_id)
    return fixture


# Nothing is missing, and nothing is left over


def test_every_workflow_class_of_the_gallery_is_run_by_a_worker() -> None:
    registered = {workflow for setup in WORKERS.values() for workflow in setup.workflows}
    defined = {
        value
        for module in catalogue.gallery_modules()
        for value in vars(module).values()
        if isinstance(value, type) and "__temporal_workflow_definition" in vars(value)
    }
    assert defined == registered


@pytest.mark.parametrize(
    ("setup", "workflow"),
    [(setup, workflow) for setup in WORKERS.values() for workflow in setup.workflows],
    ids=lambda value: value.task_queue if isinstance(value, WorkerSetup) else value.__name__,
)
def test_every_workflow_class_has_a_fixture(setup: WorkerSetup, workflow: type[Any]) -> None:
    name = workflow_type_of(workflow)
    types = {fixture.workflow_type for fixture in GREEN + RED if fixture.task_queue == setup.task_queue}
    assert name in types if name else types


@pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda scenario: scenario.name)
def test_a_scenario_has_its_fixtures(scenario: Scenario) -> None:
    runs = _of(scenario.name)
    assert [_path(fixture).parents[1] for fixture in runs] == [scenario.folder] * scenario.runs
    assert runs[-1].status == scenario.status
    assert {fixture.task_queue for fixture in runs} == {scenario.task_queue}
    fixtures = [fixture for workflow_id in scenario.workflow_ids for fixture in _of(workflow_id)]
    assert len(fixtures) == scenario.runs + len(scenario.also)
    assert all(_only(workflow_id).status != "RUNNING" for workflow_id in scenario.also)
    recorded = {EventType.Name(event.event_type) for fixture in fixtures for event in fixture.events}
    assert {f"EVENT_TYPE_{name}" for name in scenario.shows} <= recorded


def test_every_fixture_belongs_to_a_scenario() -> None:
    strangers = [str(fixture.path) for fixture in GREEN + RED if fixture.workflow_id not in SCENARIO_OF]
    assert strangers == []


def test_no_fixture_shows_where_it_was_recorded() -> None:
    for fixture in GREEN + RED:
        text = _path(fixture).read_text(encoding="utf-8")
        assert str(_ROOT) not in text
        assert "site-packages" not in text
        for event in _of_kind(fixture, "WORKFLOW_TASK_STARTED"):
            assert event.workflow_task_started_event_attributes.identity in ("gallery", "history-service")


def test_two_scenarios_cannot_share_a_workflow_id() -> None:
    scenario = all_scenarios()[0]
    with pytest.raises(ValueError, match=f"used twice: {scenario.name}"):
        catalogue.checked((scenario, replace(scenario, args=())))


def test_two_workers_cannot_share_a_task_queue() -> None:
    scenario = all_scenarios()[0]
    other = replace(scenario.workers[0], sandboxed=not scenario.workers[0].sandboxed)
    with pytest.raises(ValueError, match=f"two worker setups poll '{scenario.task_queue}'"):
        workers_of((scenario, replace(scenario, workers=(other,))))


# How they are written


def test_a_new_recording_replaces_the_fixture_of_its_scenario_and_no_other_file(tmp_path: Path) -> None:
    scenario = replace(SCENARIO_OF["order-v1"], folder=tmp_path)
    neighbour = replace(SCENARIO_OF["order-v1-waiting"], folder=tmp_path)
    (kept,) = write_fixtures(neighbour, _of("order-v1-waiting"))
    handmade = kept.with_name("order-v1--by-hand.json")
    handmade.write_text("{}", encoding="utf-8")
    history = _only("order-v1")
    (older,) = write_fixtures(scenario, [history])
    assert set(tmp_path.rglob("*.json")) == {kept, handmade, older}

    (newer,) = write_fixtures(scenario, [replace(history, run_id="00000000-0000-7000-8000-0123456789ab")])
    assert newer != older
    assert set(tmp_path.rglob("*.json")) == {kept, handmade, newer}


def test_an_unknown_scenario_is_refused_with_the_names_that_there_are() -> None:
    result = CliRunner().invoke(record_command, ["--only", "data-procesing"])
    assert result.exit_code == 2
    assert "no scenario is named data-procesing" in result.output
    assert "data-processing" in result.output


# How they replay, under replaykit and under the SDK's own Replayer


def _worker_config(task_queue: str, workflows: Iterable[type[Any]]) -> WorkerConfig:
    names = tuple(f"{workflow.__module__}:{workflow.__qualname__}" for workflow in workflows)
    return WorkerConfig(name=task_queue, task_queues=(task_queue,), workflows=names)


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """Every worker of the gallery, sandboxed."""
    setups = (setup for setup in WORKERS.values() if setup.workflows)
    workers = tuple(_worker_config(setup.task_queue, setup.workflows) for setup in setups)
    with Check(Config(root=_ROOT, workers=workers)) as check:
        yield check


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> Iterator[tuple[str, Check]]:
    """One release of OrderWorkflow, as the code of the branch."""
    code: str = request.param
    worker = _worker_config("any", [RELEASES[code]])
    with Check(Config(root=_ROOT, workers=(replace(worker, task_queues=()),))) as check:
        yield code, check


async def _replay_failure(fixture: History, workflows: Iterable[type[Any]]) -> Exception | None:
    """What the SDK's own Replayer raises."""
    replayer = Replayer(workflows=list(workflows), build_id="gallery")
    history = WorkflowHistory(fixture.workflow_id or "", fixture.events)
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return result.replay_failure


@pytest.mark.parametrize("fixture", GREEN, ids=_named)
def test_a_fixture_is_consistent(fixture: History, check: Check) -> None:
    verdict = check.judge(fixture)
    assert verdict.outcome is Outcome.CONSISTENT, verdict
    assert verdict.commands_compared > 0


@pytest.mark.asyncio
@pytest.mark.parametrize("fixture", GREEN, ids=_named)
@pytest.mark.exhaustive
async def test_the_sdks_replayer_agrees_where_it_has_what_the_code_asks_for(fixture: History) -> None:
    failure = await _replay_failure(fixture, WORKERS[fixture.task_queue or ""].workflows)
    if SCENARIO_OF[fixture.workflow_id or ""].needs_recorded_info:
        assert isinstance(failure, NondeterminismError)
    else:
        assert failure is None


@pytest.mark.parametrize("bad", CALLS, ids=workflow_type_of)
def test_a_bad_workflow_is_stopped_at_its_call(bad: type[Any], check: Check) -> None:
    (fixture,) = (fixture for fixture in RED if fixture.workflow_type == workflow_type_of(bad))
    verdict = check.judge(fixture)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert verdict.message is not None
    assert CALLS[bad] in verdict.message
    assert verdict.source is not None
    assert Path(verdict.source.file).name == "variants.py"


def test_order_matrix(release: tuple[str, Check]) -> None:
    code, check = release
    expected = {cell.workflow_id: cell.expected for cell in MATRIX if cell.code == code}
    found = {workflow_id: check.judge(_only(workflow_id)).outcome for workflow_id in expected}
    assert found == expected


@pytest.mark.asyncio
@pytest.mark.parametrize("cell", MATRIX, ids=lambda cell: f"{cell.workflow_id}-under-{cell.code}")
async def test_the_sdks_replayer_agrees_about_orders(cell: Cell) -> None:
    failure = await _replay_failure(_only(cell.workflow_id), [RELEASES[cell.code]])
    expected = type(None) if cell.expected is Outcome.CONSISTENT else NondeterminismError
    assert isinstance(failure, expected)


def test_order_matrix_is_complete() -> None:
    histories = {fixture.workflow_id for fixture in GREEN if fixture.workflow_type == "OrderWorkflow"}
    assert Counter((cell.workflow_id, cell.code) for cell in MATRIX) == Counter(
        (workflow_id, code) for workflow_id in histories for code in RELEASES
    )


# What single fixtures are there to show


_TASK = ["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]
_ACTIVITY = ["ACTIVITY_TASK_SCHEDULED", "ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED"]
_DATA_PROCESSING = [
    "WORKFLOW_EXECUTION_STARTED",
    *_TASK,
    *_ACTIVITY,
    *_TASK,
    *_ACTIVITY,
    *_TASK,
    "WORKFLOW_EXECUTION_COMPLETED",
]


@pytest.mark.parametrize(
    "workflow_id",
    [scenario.name for scenario in all_scenarios() if scenario.workflow is DataProcessingWorkflow],
)
def test_data_processing_is_17_events_under_every_shape_of_worker(workflow_id: str) -> None:
    fixture = _only(workflow_id)
    kinds = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in fixture.events]
    assert len(kinds) == 17
    assert kinds == _DATA_PROCESSING


def test_long_running_carries_its_iteration_on() -> None:
    runs = _of("long-running")
    started = [run.events[0].workflow_execution_started_event_attributes for run in runs]
    iterations = [[json.loads(payload.data) for payload in each.input.payloads][1:2] for each in started]
    assert iterations == [[], [ITERATIONS_PER_RUN], [2 * ITERATIONS_PER_RUN]]
    assert [len(_of_kind(run, "ACTIVITY_TASK_COMPLETED")) for run in runs] == [ITERATIONS_PER_RUN] * 3
    assert [each.continued_execution_run_id for each in started] == ["", runs[0].run_id, runs[1].run_id]


@pytest.mark.parametrize("kind", ["schedule-to-start", "start-to-close", "schedule-to-close", "heartbeat"])
def test_an_activity_runs_into_each_timeout(kind: str) -> None:
    (event,) = _of_kind(_only(f"activity-timeout-{kind}"), "ACTIVITY_TASK_TIMED_OUT")
    failure = event.activity_task_timed_out_event_attributes.failure
    expected = f"TIMEOUT_TYPE_{kind.replace('-', '_').upper()}"
    assert TimeoutType.Name(failure.timeout_failure_info.timeout_type) == expected


def test_good_workflow_slept_for_an_hour() -> None:
    (started,) = _of_kind(_only("good"), "TIMER_STARTED")
    (fired,) = _of_kind(_only("good"), "TIMER_FIRED")
    assert started.timer_started_event_attributes.start_to_fire_timeout.ToSeconds() == 3600
    assert fired.event_time.ToSeconds() - started.event_time.ToSeconds() >= 3600


def test_a_retry_policy_made_three_attempts() -> None:
    started = _of_kind(_only("retries"), "ACTIVITY_TASK_STARTED")
    assert [event.activity_task_started_event_attributes.attempt for event in started] == [3, 1, 1, 3]


def test_an_activity_went_on_from_its_heartbeat() -> None:
    (completed,) = _of_kind(_only("heartbeats"), "ACTIVITY_TASK_COMPLETED")
    result = completed.activity_task_completed_event_attributes.result.payloads[0].data
    assert json.loads(result) == "attempt 2 went on at row 5"


def test_the_idempotency_key_is_made_from_the_run_id() -> None:
    fixture = _only("idempotency-key")
    (scheduled,) = _of_kind(fixture, "ACTIVITY_TASK_SCHEDULED")
    key = scheduled.activity_task_scheduled_event_attributes.activity_id
    assert key == f"idempotency-key/{fixture.run_id}"


@pytest.mark.parametrize(("workflow_id", "resets"), [("reset", [0, 1]), ("reset-twice", [0, 1, 2])])
def test_a_reset_run_names_its_child_after_itself(workflow_id: str, resets: list[int]) -> None:
    runs = sorted(
        (run for run in GREEN if run.workflow_id == workflow_id),
        key=lambda run: len(_of_kind(run, "WORKFLOW_TASK_FAILED")),
    )
    assert [len(_of_kind(run, "WORKFLOW_TASK_FAILED")) for run in runs] == resets
    for run in runs:
        (child,) = _of_kind(run, "START_CHILD_WORKFLOW_EXECUTION_INITIATED")
        child_id = child.start_child_workflow_execution_initiated_event_attributes.workflow_id
        assert child_id == f"label-default-gallery-reset-{run.run_id}"
        original = run.events[0].workflow_execution_started_event_attributes.original_execution_run_id
        assert original == runs[0].run_id
        for event in _of_kind(run, "WORKFLOW_TASK_FAILED")[-1:]:
            assert event.workflow_task_failed_event_attributes.new_run_id == run.run_id
