"""Workflows to capture: one that ends by itself, and one that runs until it is signalled to stop."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@workflow.defn
class GreetingWorkflow:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn
class CounterWorkflow:
    """Counts signals; every note signalled stays in its history, which makes it as long as wanted."""

    def __init__(self) -> None:
        self._count = 0
        self._stopped = False

    @workflow.run
    async def run(self) -> int:
        await workflow.wait_condition(lambda: self._stopped)
        return self._count

    @workflow.signal
    async def add(self, note: str) -> None:
        self._count += 1

    @workflow.signal
    async def stop(self) -> None:
        self._stopped = True

    @workflow.update
    async def settled(self) -> int:
        """Answers once everything signalled so far is in the history."""
        return self._count


@workflow.defn
class ChainWorkflow:
    """Continues as new until nothing is left."""

    @workflow.run
    async def run(self, left: int) -> None:
        if left:
            workflow.continue_as_new(left - 1)


@workflow.defn
class NapWorkflow:
    """Sleeps, and answers how many seconds went by."""

    @workflow.run
    async def run(self, seconds: int) -> float:
        start = workflow.now()
        await workflow.sleep(seconds)
        return (workflow.now() - start).total_seconds()


@workflow.defn
class StuckWorkflow:
    """Fails each workflow task after its first signal, as a workflow with a bug in it does."""

    def __init__(self) -> None:
        self._signalled = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._signalled)
        raise RuntimeError("a bug")

    @workflow.signal
    async def go(self) -> None:
        self._signalled = True
