"""The gallery's workflows, each with the worker that grows its histories."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import WorkerConfig
from replaykit.replay.workers import Worker
from tests.explore.directing import Draw, value_of
from tests.gallery.catalogue import all_scenarios
from tests.gallery.scenario import WorkerSetup, workflow_type_of

__all__ = ["LEFT_OUT", "ROOT", "Subject", "subjects"]

ROOT = Path(__file__).parents[2]
"""The project."""

LEFT_OUT: Mapping[str, str] = {
    "tests.gallery.bad.variants": "asks the world outside on purpose, so no two runs ask for the same",
}
"""Gallery modules whose workflows are not grown, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One workflow class."""

    workflow: type
    setup: WorkerSetup

    @property
    def name(self) -> str:
        """Its module and class, as releases of one workflow share a class name."""
        return f"{self.workflow.__module__.rsplit('.', 1)[-1]}.{self.workflow.__name__}"

    @property
    def workflow_type(self) -> str:
        return workflow_type_of(self.workflow) or "Newsletter"

    @property
    def worker(self) -> Worker:
        """The code alone, without the sandbox, which costs an import of its module for each run."""
        name = workflow_type_of(self.workflow)
        return Worker(
            config=WorkerConfig(name="default"),
            workflows=(self.workflow,),
            names=(name,) if name else (),
            has_dynamic=not name,
            workflow_runner=UnsandboxedWorkflowRunner(),
        )

    def input(self, chance: random.Random, workflow_id: str) -> tuple[Any, ...]:
        """Arguments of a run."""
        special = _INPUTS.get(self.workflow.__name__)
        if special is not None:
            return special(chance, workflow_id)
        definition: Any = vars(self.workflow)["__temporal_workflow_definition"]
        return tuple(value_of(hint, chance) for hint in definition.arg_types or ())

    def draws(self, workflow_id: str) -> Mapping[str, Draw]:
        """Arguments of its handlers that must name something of this run's own."""
        return {"subscribe": lambda chance: f"{workflow_id}-subscriber-{chance.randrange(2)}"}


_INPUTS: Mapping[str, Callable[[random.Random, str], tuple[Any, ...]]] = {
    "AnyWorkflow": lambda chance, own: ("Ada",),
    "ActivityTimeoutWorkflow": lambda chance, own: (
        chance.choice(["schedule-to-start", "start-to-close", "schedule-to-close", "heartbeat"]),
    ),
    "TripWorkflow": lambda chance, own: (chance.choice(["wait", "try", "abandon"]), chance.random() < 0.5),
    "ChildWorkflow": lambda chance, own: (chance.choice(["work", "fail", "wait"]),),
    "DataProcessingWorkflow": lambda chance, own: ("one two", chance.choice([None, f"{own}-activities"])),
    "LongRunningWorkflow": lambda chance, own: (chance.choice([100, 300]), 0, 0),
    "RetryWorkflow": lambda chance, own: (["slow", "stolen"][: chance.randrange(1, 3)],),
    "TransferWorkflow": lambda chance, own: (chance.choice([3, 1_000_000]),),
}
"""Input that the code can do something with, by class name."""


@cache
def subjects() -> tuple[Subject, ...]:
    """Every workflow class of the gallery, but for `LEFT_OUT`."""
    return tuple(_found())


def _found() -> Iterator[Subject]:
    seen: set[type] = set()
    for scenario in all_scenarios():
        for setup in scenario.workers:
            for workflow in setup.workflows:
                if workflow not in seen and workflow.__module__ not in LEFT_OUT:
                    seen.add(workflow)
                    yield Subject(workflow=workflow, setup=setup)
