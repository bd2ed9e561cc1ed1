"""A dynamic workflow: one class for every workflow type, signal and activity that nobody else knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, Stage, WorkerSetup


@activity.defn(dynamic=True)
async def any_activity(_args: Sequence[RawValue]) -> str:
    return f"ran {activity.info().activity_type}"


@workflow.defn(dynamic=True)
class AnyWorkflow:
    """Calls the activity whose name is its own type's, once it was signalled."""

    def __init__(self) -> None:
        self._signals: list[str] = []

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        customer = workflow.payload_converter().from_payload(args[0].payload, str)
        await workflow.wait_condition(lambda: bool(self._signals))
        name = f"{workflow.info().workflow_type}.{self._signals[0]}"
        ran: str = await workflow.execute_activity(
            name, customer, start_to_close_timeout=timedelta(seconds=10)
        )
        return ran

    @workflow.signal(dynamic=True)
    def any_signal(self, name: str, _args: Sequence[RawValue]) -> None:
        self._signals.append(name)


async def _signal(stage: Stage) -> None:
    await stage.handle.signal("birthday", "Ada")


SCENARIOS = tuple(
    Scenario(
        name=f"dynamic-{workflow_type.lower()}",
        workflow=workflow_type,
        args=("Ada",),
        drive=_signal,
        workers=(WorkerSetup(task_queue="dynamic", workflows=(AnyWorkflow,), activities=(any_activity,)),),
    )
    for workflow_type in ("Loyalty", "Newsletter")
)
