"""Three activities in a row, and what can happen to them in the body of `run`."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Checkout")
class Old:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class AddedFirst:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("validate", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class AddedMiddle:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("validate", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class AddedLast:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("thank", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Checkout")
class RemovedFirst:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class RemovedMiddle:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Checkout")
class RemovedLast:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Checkout")
class RemovedAll:
    @workflow.run
    async def run(self) -> None:
        pass  # <- here


@workflow.defn(name="Checkout")
class Renamed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge_card", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class OwnActivityId:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", activity_id="c1", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class ReorderedLast:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class KindTimer:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(30)  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class KindChild:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_child_workflow("Charge", id="charge")  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class KindLocalActivity:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_local_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class KindSignal:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.get_external_workflow_handle("till").signal("charge")  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class FailsEarly:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        raise ApplicationError("out of stock")  # <- here


@workflow.defn(name="Checkout")
class CompletesEarly:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        return  # <- here


@workflow.defn(name="Checkout")
class ContinuesEarly:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        workflow.continue_as_new()  # <- here


@workflow.defn(name="Checkout")
class WaitsForever:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.wait_condition(lambda: False)


@workflow.defn(name="Checkout", failure_exception_types=[Exception])
class AddedWhereEverythingFails:
    """The plain loop hangs: Core is asked to fail the workflow, and nobody answers the Replayer."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("validate", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
