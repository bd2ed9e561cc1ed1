"""A run that begins with a signal, as signal-with-start begins it: its handler runs before anything else."""

from __future__ import annotations

from replaykit.config import WorkerConfig
from replaykit.explore.growing.grow import grow
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Opening
from replaykit.history import History, event_name, validate
from replaykit.replay.workers import Worker
from tests.explore.directing import AtRandom
from tests.gallery.order.v1 import OrderWorkflow
from tests.replay.samples import ROOT


def _begins_with_a_signal(history: History) -> bool:
    names = [event_name(event) for event in history.events]
    task = names.index("WorkflowTaskStarted") if "WorkflowTaskStarted" in names else len(names)
    return "WorkflowExecutionSignaled" in names[:task]


def test_some_runs_begin_with_one() -> None:
    worker = Worker(
        config=WorkerConfig(),
        workflows=(OrderWorkflow,),
        names=("OrderWorkflow",),
        has_dynamic=False,
    )
    engine = Warm(worker, root=ROOT)
    opening = Opening(workflow_type="OrderWorkflow", values=("order-1",))
    grown = [grow(engine, opening, AtRandom(OrderWorkflow, seed), most_steps=6) for seed in range(40)]
    engine.close()
    begun = [each for each in grown if _begins_with_a_signal(each.history)]
    assert 0 < len(begun) < len(grown)
    for each in begun:
        assert not each.problem, each.problem
        validate(each.history)
