"""Events of a recorded run of which its code hears nothing: `--from` steps over them, wherever they stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import WorkerConfig
from replaykit.explore.growing.grow import grow_on
from replaykit.explore.growing.resume import Recorded, sound_prefixes
from replaykit.explore.growing.warm import Warm
from replaykit.history import History, event_name, validate
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome
from tests.explore.directing import AtRandom
from tests.fields.trying import EVENTS
from tests.gallery.blocks.data_processing import DataProcessingWorkflow
from tests.replay.samples import ROOT, data_processing, session_of

_OPERATORS = [
    name
    for name in (
        "workflow_execution_paused_event_attributes",
        "workflow_execution_unpaused_event_attributes",
        "workflow_execution_options_updated_event_attributes",
        "workflow_execution_time_skipping_transitioned_event_attributes",
    )
    if name in EVENTS
]
_PLACES = ("idle", "task scheduled", "task started")


@pytest.fixture(scope="module")
def engine() -> Iterator[Warm]:
    worker = Worker(
        config=WorkerConfig(),
        workflows=(DataProcessingWorkflow,),
        names=("DataProcessingWorkflow",),
        has_dynamic=False,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    engine = Warm(worker, root=ROOT)
    yield engine
    engine.close()


def _with(history: History, names: Sequence[str], place: str) -> History:
    """A run that stands somewhere, with these events after each of its last."""
    events = list(history.events)

    def add(field: str) -> HistoryEvent:
        event = HistoryEvent(
            event_id=len(events) + 1,
            event_time=events[-1].event_time,
            event_type=EventType.ValueType(EVENTS[field]),
        )
        getattr(event, field).SetInParent()
        events.append(event)
        return event

    for stage in _PLACES[: _PLACES.index(place) + 1]:
        if stage == "task scheduled":
            waiting = add("workflow_task_scheduled_event_attributes")
            waiting.workflow_task_scheduled_event_attributes.attempt = 1
        if stage == "task started":
            previous = next(e for e in reversed(events) if event_name(e) == "WorkflowTaskScheduled")
            started = add("workflow_task_started_event_attributes").workflow_task_started_event_attributes
            started.scheduled_event_id = previous.event_id
            started.target_worker_deployment_version_changed = True
            break  # what happens to the run now is written down after the task
        for name in names:
            add(name).worker_may_ignore = True  # as the service writes these
    return dataclasses.replace(history, events=tuple(events), status="RUNNING", path=None)


@pytest.mark.parametrize("place", _PLACES)
def test_the_run_goes_on(place: str, engine: Warm) -> None:
    for start in sound_prefixes(data_processing()):
        stands = _with(start, _OPERATORS, place)
        recorded = Recorded.of(engine.cold.session.record(stands))
        grown = grow_on(
            engine, recorded.ledger(engine.encoder), AtRandom(DataProcessingWorkflow, 1), most_steps=12
        )
        assert grown.failure is None
        assert not grown.problem, grown.problem
        before = [event_name(event) for event in stands.events]
        after = [event_name(event) for event in grown.history.events]
        assert len(after) > len(before)
        assert [name for name in after if "Paused" in name] == [name for name in before if "Paused" in name]
        validate(grown.history)
        with session_of(DataProcessingWorkflow) as session:
            verdict = session.judge(grown.history, name="grown")
        assert verdict.outcome is Outcome.CONSISTENT, verdict.message
