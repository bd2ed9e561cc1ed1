"""The order workflow: payment, packing, shipment."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from replaykit.demo.project import activities

TIMEOUT = timedelta(seconds=10)


@workflow.defn
class OrderWorkflow:
    """One order, from payment to shipment."""

    def __init__(self) -> None:
        self._packed = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        if workflow.patched("validate-order"):
            await workflow.execute_activity(
                activities.validate_order,
                order_id,
                start_to_close_timeout=TIMEOUT,
            )
        await workflow.execute_activity(
            activities.process_payment,
            order_id,
            start_to_close_timeout=TIMEOUT,
        )
        await workflow.wait_condition(lambda: self._packed)
        return await workflow.execute_activity(
            activities.ship_order,
            order_id,
            start_to_close_timeout=TIMEOUT,
        )

    @workflow.signal
    def packed(self) -> None:
        """The warehouse has packed the parcel."""
        self._packed = True
