"""Another workflow is signalled, then cancelled; then an activity."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Neighbour")
class Neighbour:
    """Waits to be signalled or cancelled."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def nudge(self) -> None:
        pass


@workflow.defn(name="Nudge")
class Old:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("pairs-neighbour")
        await neighbour.signal("nudge")
        await neighbour.cancel()
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Nudge")
class SignalAdded:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("pairs-neighbour")
        await neighbour.signal("nudge")
        await neighbour.signal("again")  # <- here
        await neighbour.cancel()
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Nudge")
class SignalRemoved:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("pairs-neighbour")
        await neighbour.cancel()  # <- here
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Nudge")
class SignalToActivity:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("pairs-neighbour")
        await workflow.execute_activity("nudge", start_to_close_timeout=TIMEOUT)  # <- here
        await neighbour.cancel()
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Nudge")
class CancelAdded:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("pairs-neighbour")
        await neighbour.signal("nudge")
        await neighbour.cancel()
        await neighbour.cancel()  # <- here
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Nudge")
class CancelRemoved:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("pairs-neighbour")
        await neighbour.signal("nudge")
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Nudge")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("pairs-neighbour")
        await neighbour.cancel()  # <- here
        await neighbour.signal("nudge")
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Nudge")
class OtherTarget:
    @workflow.run
    async def run(self) -> None:
        neighbour = workflow.get_external_workflow_handle("somebody-else")
        await neighbour.signal("poke", 3)
        await neighbour.cancel()
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)
