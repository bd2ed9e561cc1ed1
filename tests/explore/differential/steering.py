"""A real worker that takes a workflow task only when the test lets it, and what is between it and the code.

What is changed on the way: durations that a `Plan` changes, the task queue of children (no worker but the
test answers for them), and the seed of the code's randomness, which a service makes from the run id.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerTuner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

from replaykit.explore.scenario import StepKind, Subject, Target
from tests.explore.differential.planning import Plan

__all__ = ["IDENTITY", "Steered", "child_queue", "foreign_queue", "steered"]

IDENTITY = "replaykit"
"""What grown histories name, so that identities need no scrubbing."""
_APART_S = 0.05
"""Between the ends of two local activities, so that each reaches the code by itself."""


def child_queue(own: str, seq: int) -> str:
    """Where the workflow task of a child waits for the test, which is its worker."""
    return f"{own}/child-{seq}"


def foreign_queue(own: str, queue: str) -> str:
    """A task queue that the code named, made this run's own: scenarios run side by side."""
    return queue if queue.startswith(own) else f"{own}/{queue}"


class _Gate(CustomSlotSupplier):
    """Lets one workflow task through at a time: a worker polls only once it has a slot."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._free = asyncio.Semaphore(0)
        self._released = asyncio.Semaphore(0)

    async def let_one_through(self, timeout_s: float) -> None:
        """Until a workflow task was taken, and its answer sent."""
        self._free.release()
        await asyncio.wait_for(self._released.acquire(), timeout_s)

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        await self._free.acquire()
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        pass

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        if ctx.slot_info is not None:
            self._loop.call_soon_threadsafe(self._released.release)


class Steered:
    """The worker of one run."""

    def __init__(self, plan: Plan, gate: _Gate) -> None:
        self.plan = plan
        self.gate = gate
        self.fails_next = False
        """Whether the next workflow task fails on this worker."""
        self.locals: dict[str, Target] = {}
        """By activity id."""
        self._ended: set[Target] = set()
        self._changed = asyncio.Condition()

    async def task(self) -> None:
        """Let one workflow task through."""
        await self.gate.let_one_through(30 * self.plan.pace)

    async def local(self, _args: Sequence[RawValue]) -> Any:
        """Every local activity: ends as the plan has it, in its order."""
        target = self.locals[activity.info().activity_id]
        order = list(self.plan.locals)
        if target not in order:
            raise ApplicationError(f"{target} is not in the plan", non_retryable=True)
        before = set(order[: order.index(target)]) & set(self.locals.values())
        async with self._changed:
            await self._changed.wait_for(lambda: before <= self._ended)
        await asyncio.sleep(_APART_S)
        async with self._changed:
            self._ended.add(target)
            self._changed.notify_all()
        step = self.plan.locals[target]
        if step.kind is StepKind.COMPLETES:
            return step.values[0] if step.values else None
        assert step.failure is not None
        raise ApplicationError(
            step.failure.message,
            *step.failure.details,
            type=step.failure.type,
            non_retryable=not step.failure.retryable,
        )


@asynccontextmanager
async def steered(client: Client, plan: Plan, workflow: type) -> AsyncIterator[Steered]:
    """A worker for the run of a plan, until the block ends."""
    gate = _Gate()
    own = Steered(plan, gate)

    @activity.defn(dynamic=True)
    async def local(args: Sequence[RawValue]) -> Any:
        return await own.local(args)

    one = FixedSizeSlotSupplier(1)
    worker = Worker(
        client,
        task_queue=plan.opening.task_queue,
        workflows=[workflow],
        activities=[local],
        no_remote_activities=True,
        workflow_runner=_SteeringRunner(own),
        identity=IDENTITY,
        max_cached_workflows=0,  # or the second task waits on a queue of the worker's own
        max_concurrent_workflow_task_polls=1,
        disable_eager_activity_execution=True,
        debug_mode=True,  # or a busy machine looks like a deadlock
        tuner=WorkerTuner.create_composite(
            workflow_supplier=gate,
            activity_supplier=one,
            local_activity_supplier=FixedSizeSlotSupplier(10),
            nexus_supplier=one,
        ),
    )
    async with worker:
        yield own


class _SteeringRunner(WorkflowRunner):
    def __init__(self, own: Steered) -> None:
        self._own = own
        self._inner = UnsandboxedWorkflowRunner()

    def prepare_workflow(self, defn: Any) -> None:
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = self._inner.create_instance(dataclasses.replace(det, randomness_seed=self._own.plan.seed))
        steering = _Steering(self._own, instance.activate)
        instance.activate = steering.activate  # type: ignore[method-assign]
        return instance


class _Steering:
    """Stands between Core and one instance of the code."""

    def __init__(
        self, own: Steered, activate: Callable[[WorkflowActivation], WorkflowActivationCompletion]
    ) -> None:
        self._own = own
        self._activate = activate
        self._shift = timedelta()
        """How much later it is for the code: what its timers were shortened by."""
        self._locals: Counter[str] = Counter()

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        self._pass_time(act)
        if self._own.fails_next and not act.is_replaying and not _is_leave(act):
            self._own.fails_next = False
            failed = WorkflowActivationCompletion(run_id=act.run_id)
            failed.failed.failure.message = "it failed"
            return failed
        completion = self._activate(act)
        for command in completion.successful.commands:
            self._change(command)
        return completion

    def _pass_time(self, act: WorkflowActivation) -> None:
        plan = self._own.plan
        for job in act.jobs:
            if job.HasField("fire_timer"):
                seq = job.fire_timer.seq
                real = plan.durations.get((Subject.TIMER, seq))
                if real:
                    asked = plan.asked_timer(seq)
                    self._shift += max(timedelta(), asked - timedelta(seconds=real["start_to_fire_timeout"]))
        act.timestamp.FromDatetime(act.timestamp.ToDatetime() + self._shift)

    def _change(self, command: WorkflowCommand) -> None:
        variant = command.WhichOneof("variant") or ""
        message = getattr(command, variant)
        subject = _SUBJECTS.get(variant)
        own = self._own.plan.opening.task_queue
        if subject is not None:
            for name, seconds in self._own.plan.durations.get((subject, message.seq), {}).items():
                getattr(message, name).FromTimedelta(timedelta(seconds=seconds))
        if variant == "schedule_activity":
            message.task_queue = foreign_queue(own, message.task_queue)
        elif variant == "start_child_workflow_execution":
            message.task_queue = child_queue(own, message.seq)
        elif variant == "schedule_local_activity":
            self._locals[message.activity_type] += 1
            self._own.locals[message.activity_id] = Target(
                subject=Subject.LOCAL_ACTIVITY,
                name=message.activity_type,
                nth=self._locals[message.activity_type],
            )


def _is_leave(act: WorkflowActivation) -> bool:
    return any(job.HasField("remove_from_cache") or job.HasField("query_workflow") for job in act.jobs)


_SUBJECTS: Mapping[str, Subject] = {
    "start_timer": Subject.TIMER,
    "schedule_activity": Subject.ACTIVITY,
    "start_child_workflow_execution": Subject.CHILD,
    "schedule_nexus_operation": Subject.NEXUS,
}
