"""What a gallery module declares: the workers that it needs, and how its workflows are started and driven.

A Scenario is data. `tests.gallery.record` is the only code that runs one.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

__all__ = [
    "FIXTURES",
    "RED_FIXTURES",
    "Drive",
    "Scenario",
    "Server",
    "Stage",
    "WorkerSetup",
    "workflow_type_of",
]

FIXTURES = Path(__file__).parents[2] / "histories"
"""Fixtures that replay clean: this repository's own `histories/`."""
RED_FIXTURES = Path(__file__).parent / "bad" / "histories"
"""Fixtures that are red by design, out of the way of every `pytest --replay-histories histories/`."""


class Server(enum.Enum):
    """Which embedded service a Scenario runs on."""

    DEV = "dev"
    TIME_SKIPPING = "time-skipping"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSetup:
    """One worker process as a user would run it."""

    task_queue: str
    """Its own for each setup: a worker is what judges the Histories of its task queue."""
    workflows: tuple[type[Any], ...] = ()
    activities: tuple[Callable[..., Any], ...] = ()
    nexus_services: tuple[type[Any], ...] = ()
    """Classes of service handlers; the recorder makes the instances."""
    sandboxed: bool = True
    options: Callable[[], Mapping[str, Any]] = dict
    """Further keyword arguments of `temporalio.worker.Worker`, made when the worker starts."""
    prepare: Callable[[Client], Awaitable[None]] | None = None
    """What the service needs before this worker starts, such as a Nexus endpoint."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A started workflow, in the hands of its Scenario's drive."""

    client: Client
    handle: WorkflowHandle[Any, Any]
    task_queue: str

    async def reached(self, kind: EventType.ValueType, times: int = 1) -> None:
        """Wait until that kind of event was recorded, and the workflow has nothing left to do about it."""
        open_task = {EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED}
        for _ in range(200):
            events = (await self.handle.fetch_history()).events
            count = sum(event.event_type == kind for event in events)
            if count >= times and events[-1].event_type not in open_task:
                return
            await asyncio.sleep(0.05)
        recorded = ", ".join(EventType.Name(event.event_type) for event in events)
        raise TimeoutError(f"{self.handle.id}: {EventType.Name(kind)} was not recorded in {recorded}")


Drive: TypeAlias = Callable[[Stage], Awaitable[None]]
"""What users and operators do to a workflow while it runs. It need not wait for the end."""


async def _let_run(_stage: Stage) -> None:
    """Nothing but letting the workflow run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One workflow run (or chain of runs), and what is to be captured of it."""

    name: str
    """The workflow id; unique in the gallery."""
    workflow: type[Any] | str
    """The class, or a type name for a dynamic workflow."""
    workers: tuple[WorkerSetup, ...]
    """The first one's task queue is where the workflow starts."""
    args: tuple[Any, ...] = ()
    start: Mapping[str, Any] = field(default_factory=dict)
    """Further keyword arguments of `Client.start_workflow`."""
    drive: Drive = _let_run
    status: str = "COMPLETED"
    """Status of the last run once the drive is over; the recorder waits for the end unless `RUNNING`."""
    runs: int = 1
    """Runs of this workflow id, all captured: continue-as-new, retries and resets make more than one."""
    also: tuple[str, ...] = ()
    """Ids of other workflows that it started: each comes to an end, and is captured too."""
    shows: tuple[str, ...] = ()
    """Event types that it is here for, such as `TIMER_CANCELED`; its fixtures hold each."""
    server: Server = Server.DEV
    needs_recorded_info: bool = False
    """Its commands depend on the task queue, namespace or true run id, which the SDK's own Replayer
    does not hand to the code: there, and only there, these Histories diverge."""
    folder: Path = FIXTURES
    """Where its fixtures go."""

    @property
    def task_queue(self) -> str:
        return self.workers[0].task_queue

    @property
    def workflow_ids(self) -> tuple[str, ...]:
        return (self.name, *self.also)

    @property
    def workflow_type(self) -> str:
        if isinstance(self.workflow, str):
            return self.workflow
        return workflow_type_of(self.workflow)


def workflow_type_of(workflow_class: type[Any]) -> str:
    """The name under which a class was registered by `@workflow.defn`; empty for a dynamic one."""
    definition: Any = vars(workflow_class)["__temporal_workflow_definition"]
    return definition.name or ""
