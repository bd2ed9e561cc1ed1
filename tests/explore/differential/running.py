"""Performs many plans side by side, each again on a slower clock where the machine was too slow for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from replaykit.capture import embedded_service
from replaykit.explore.scenario import StepKind
from replaykit.history import event_name
from tests.explore.differential.equality import differences
from tests.explore.differential.planning import Plan, planned
from tests.explore.differential.playing import play
from tests.explore.differential.steering import IDENTITY
from tests.explore.gallery_workflows import Subject, subjects

__all__ = ["Case", "Outcome", "perform", "service"]

_PACES = (1.0, 3.0)
"""How slow the machine is taken to be, at the first try and at the next: a difference must show at each."""
_ALONE: Mapping[str, str] = {
    "Nexus": "one endpoint, so one queue, for all",
    "external.PublisherWorkflow": "it writes to a workflow of one name, whatever its own",
    "children.NamingParentWorkflow": "its last child is named for the namespace",
}
"""Workflows whose scenarios are performed one after the other, and why."""


_REFUSED: Mapping[str, str] = {
    "Invalid transition in state machine": "Core cannot cancel a child that ended in the task of its start",
}
"""Why Core refuses a history while it grows, by a text of its report: its own bugs, known and not ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One scenario of one workflow."""

    subject: Subject
    seed: int
    calm: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of it."""

    case: Case
    plan: Plan
    differences: tuple[str, ...]
    stuck: str = ""
    left_out: str = ""
    """Why it was not performed."""

    @property
    def is_equal(self) -> bool:
        return not self.differences and not self.stuck and not self.left_out

    def __str__(self) -> str:
        lines = [f"{self.case.subject.name}, seed {self.case.seed}: {self.stuck or self.left_out}"]
        return "\n".join([*lines, str(self.plan.grown.scenario), *self.differences])


@asynccontextmanager
async def service() -> AsyncIterator[Client]:
    """A real Temporal service with all that the gallery's workflows need."""
    async with embedded_service() as started:
        started.client.service_client.config.identity = IDENTITY
        for setup in {subject.setup.task_queue: subject.setup for subject in subjects()}.values():
            if setup.prepare is not None:
                await setup.prepare(started.client)
        yield started.client


async def perform(client: Client, cases: Iterable[Case], *, at_once: int) -> AsyncIterator[Outcome]:
    """Perform scenarios, several at once.

    Yields:
        What came of each, as they end.
    """
    places = asyncio.Semaphore(at_once)
    alone = {name: asyncio.Lock() for name in _ALONE}

    async def one(case: Case) -> Outcome:
        async with places:
            plan = await asyncio.to_thread(planned, case.subject, case.seed, calm=case.calm)
            name = "Nexus" if case.subject.setup.nexus_services else case.subject.name
            if name in alone:
                async with alone[name]:
                    return await _perform_one(client, case, plan)
            return await _perform_one(client, case, plan)

    for finished in asyncio.as_completed([asyncio.ensure_future(one(case)) for case in cases]):
        yield await finished


async def _perform_one(client: Client, case: Case, plan: Plan) -> Outcome:
    if problem := plan.grown.problem:
        known = next((why for text, why in _REFUSED.items() if text in problem), "")
        return Outcome(case=case, plan=plan, differences=(), left_out=known, stuck="" if known else problem)
    if left_out := next((why for cannot, why in _LEFT_OUT if cannot(plan)), ""):
        return Outcome(case=case, plan=plan, differences=(), left_out=left_out)
    outcome = None
    for pace in _PACES:
        plan.set_pace(pace)
        played = await play(client, plan, case.subject.workflow)
        found = tuple(differences(plan, played.events))
        outcome = Outcome(case=case, plan=plan, differences=found, stuck=played.stuck)
        if outcome.is_equal:
            break
    assert outcome is not None
    return outcome


def _operation_is_open(plan: Plan) -> bool:
    last = plan.steps[-1] if plan.steps else None
    operations = [event for event in plan.events if event_name(event) == "NexusOperationScheduled"]
    return (
        last is not None
        and last.kind is StepKind.RUN_TIMES_OUT
        and any(plan.end_of(event.event_id) is None for event in operations)
    )


_LEFT_OUT: Sequence[tuple[Callable[[Plan], bool], str]] = (
    (
        _operation_is_open,
        "a Nexus operation without an answer times out a moment before its run does, or after",
    ),
)
"""Scenarios that are not performed, and why."""
