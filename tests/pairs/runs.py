"""The workflow runs that the suite needs a History of: one for each old workflow class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType

from tests.gallery.scenario import Stage, workflow_type_of
from tests.pairs.code import (
    activities,
    attributes,
    cancellations,
    children,
    endings,
    externals,
    gathered,
    handlers,
    local_activities,
    nexus,
    patches,
    rounds,
    timers,
)

__all__ = ["HISTORIES", "RUNS", "Run"]

HISTORIES = Path(__file__).parent / "histories"
"""Where the fixtures are: `python -m tests.pairs.record` writes them."""


async def _let_run(_stage: Stage) -> None:
    """Nothing but letting the workflow run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of old code."""

    workflow: type[Any]
    args: tuple[Any, ...] = ()
    drive: Callable[[Stage], Awaitable[None]] = _let_run
    status: str = "COMPLETED"

    @property
    def name(self) -> str:
        """The workflow type; the run's workflow id is made from it."""
        return workflow_type_of(self.workflow)


async def _shop(stage: Stage) -> None:
    """One message at a time, so that every recording has the same events."""
    await stage.reached(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    await stage.handle.signal("add")
    await stage.reached(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
    await stage.handle.execute_update("confirm")


async def _cancel(stage: Stage) -> None:
    await stage.reached(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    await stage.handle.cancel()


async def _until_waiting(stage: Stage) -> None:
    await stage.reached(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)


RUNS: tuple[Run, ...] = (
    Run(workflow=activities.Old),
    Run(workflow=timers.Old),
    Run(workflow=gathered.Old),
    Run(workflow=local_activities.Old),
    Run(workflow=children.Old),
    Run(workflow=externals.Old),
    Run(workflow=attributes.Old),
    Run(workflow=nexus.Old),
    Run(workflow=cancellations.TimerOld),
    Run(workflow=cancellations.TimerKept),
    Run(workflow=cancellations.ActivityOld),
    Run(workflow=cancellations.ActivityKept),
    Run(workflow=cancellations.EitherOld),
    Run(workflow=cancellations.ChildOld),
    Run(workflow=cancellations.ChildKept),
    Run(workflow=cancellations.NexusOld),
    Run(workflow=cancellations.NexusKept),
    Run(workflow=handlers.Old, drive=_shop),
    Run(workflow=patches.UnpatchedOld),
    Run(workflow=patches.PatchedOld),
    Run(workflow=patches.LaterOld),
    Run(workflow=patches.DeprecatedOld),
    Run(workflow=patches.LoopOld),
    Run(workflow=patches.PatchedLoopOld),
    Run(workflow=rounds.Old),
    Run(workflow=rounds.BetweenOld),
    Run(workflow=rounds.TogetherOld),
    Run(workflow=rounds.CoupleOld),
    Run(workflow=rounds.TurnsOld),
    Run(workflow=endings.FinishesOld),
    Run(workflow=endings.ContinuesOld, args=(True,), status="CONTINUED_AS_NEW"),
    Run(workflow=endings.FailsOld, status="FAILED"),
    Run(workflow=endings.CancelsOld, drive=_cancel, status="CANCELED"),
    Run(workflow=endings.WaitsOld, drive=_until_waiting, status="RUNNING"),
)
