"""What every release of OrderWorkflow calls, and how each of them is run."""

from __future__ import annotations

from typing import Any

from temporalio import activity
from temporalio.api.enums.v1 import EventType

from tests.gallery.scenario import Scenario, Stage, WorkerSetup


@activity.defn
async def validate_order(order_id: str) -> bool:
    return bool(order_id)


@activity.defn
async def process_payment(order_id: str) -> str:
    return f"receipt of {order_id}"


@activity.defn
async def ship_order(order_id: str) -> str:
    return f"shipment of {order_id}"


async def _confirm(stage: Stage) -> None:
    """The payment provider confirms."""
    await stage.handle.signal("payment_confirmed")


def order_scenarios(
    release: str, workflow_class: type[Any], *, paid_after: int, shows: tuple[str, ...] = ()
) -> tuple[Scenario, ...]:
    """One shipped order under that release, and one still waiting after that many activities."""

    async def unconfirmed(stage: Stage) -> None:
        await stage.reached(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, times=paid_after)

    worker = WorkerSetup(
        task_queue=f"order-{release}",
        workflows=(workflow_class,),
        activities=(validate_order, process_payment, ship_order),
    )
    shipped = Scenario(
        name=f"order-{release}",
        workflow=workflow_class,
        args=(f"{release}-17",),
        drive=_confirm,
        shows=shows,
        workers=(worker,),
    )
    waiting = Scenario(
        name=f"order-{release}-waiting",
        workflow=workflow_class,
        args=(f"{release}-18",),
        drive=unconfirmed,
        status="RUNNING",
        workers=(worker,),
    )
    return shipped, waiting
