"""Two local activities and an ordinary one."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Quote")
class Old:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("look_up", start_to_close_timeout=TIMEOUT)
        await workflow.execute_local_activity("compute", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Quote")
class Added:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("look_up", start_to_close_timeout=TIMEOUT)
        await workflow.execute_local_activity("compute", start_to_close_timeout=TIMEOUT)
        await workflow.execute_local_activity("round_up", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Quote")
class Removed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("look_up", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Quote")
class Renamed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("look_up", start_to_close_timeout=TIMEOUT)
        await workflow.execute_local_activity("calculate", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Quote")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("compute", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_local_activity("look_up", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Quote")
class KindActivity:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("look_up", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("compute", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Quote")
class KindTimer:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("look_up", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(1)  # <- here
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Quote")
class OtherOptions:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity("look_up", "now", schedule_to_close_timeout=TIMEOUT)
        await workflow.execute_local_activity("compute", 3, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("store", start_to_close_timeout=TIMEOUT)
