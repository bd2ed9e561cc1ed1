"""A child workflow, then an activity."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Letter")
class Child:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.3)


@workflow.defn(name="Mail")
class Old:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow("Letter", id="pairs-letter")
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Mail")
class Added:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow("Letter", id="pairs-letter")
        await workflow.execute_child_workflow("Stamp", id="pairs-stamp")  # <- here
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Mail")
class Removed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Mail")
class Renamed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow("Postcard", id="pairs-letter")  # <- here
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Mail")
class OtherId:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow("Letter", id="pairs-letter-1")  # <- here
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Mail")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_child_workflow("Letter", id="pairs-letter")


@workflow.defn(name="Mail")
class KindActivity:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("write", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Mail")
class Started:
    """The same child, started and awaited in two steps, with another input and timeout."""

    @workflow.run
    async def run(self) -> None:
        letter = await workflow.start_child_workflow("Letter", 1, id="pairs-letter", run_timeout=TIMEOUT)
        await letter
        await workflow.execute_activity("post", start_to_close_timeout=TIMEOUT)
