"""OrderWorkflow, fifth release: no order of v3 is left, so the patch is gone."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tests.gallery.order.activities import order_scenarios, process_payment, ship_order, validate_order

_TIMEOUT = timedelta(seconds=10)


@workflow.defn
class OrderWorkflow:
    """Goes on with the orders of v4, whose marker allows it to be missing."""

    def __init__(self) -> None:
        self._confirmed = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        await workflow.execute_activity(validate_order, order_id, start_to_close_timeout=_TIMEOUT)
        await workflow.execute_activity(process_payment, order_id, start_to_close_timeout=_TIMEOUT)
        await workflow.wait_condition(lambda: self._confirmed)
        return await workflow.execute_activity(ship_order, order_id, start_to_close_timeout=_TIMEOUT)

    @workflow.signal
    def payment_confirmed(self) -> None:
        self._confirmed = True


SCENARIOS = order_scenarios("v5", OrderWorkflow, paid_after=2)
