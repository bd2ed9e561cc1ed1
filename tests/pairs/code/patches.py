"""The life of a patch, and how it is cut short."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Unpatched")
class UnpatchedOld:
    """Before any patch."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Unpatched")
class Patched:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("tax"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Unpatched")
class DeprecatedTooEarly:
    @workflow.run
    async def run(self) -> None:
        workflow.deprecate_patch("tax")
        await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Unpatched")
class WrongWayRound:
    @workflow.run
    async def run(self) -> None:
        if not workflow.patched("tax"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Unpatched")
class GuardsTooLittle:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("tax"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("dispatch", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Patched")
class PatchedOld:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("tax"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Patched")
class Deprecated:
    @workflow.run
    async def run(self) -> None:
        workflow.deprecate_patch("tax")
        await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Patched")
class PatchedTwice:
    """A second patch, younger than the History."""

    @workflow.run
    async def run(self) -> None:
        if workflow.patched("tax"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        if workflow.patched("receipt"):
            await workflow.execute_activity("receipt", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Patched")
class CallRemoved:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Patched")
class PathRemoved:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Patched")
class IdChanged:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("vat"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Patched")
class DeprecatedUnderOtherId:
    @workflow.run
    async def run(self) -> None:
        workflow.deprecate_patch("vat")
        await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Patched")
class RenamedInPath:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("tax"):
            await workflow.execute_activity("compute_tax", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Patched")
class MovedBehindAwait:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here
        if workflow.patched("tax"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="PatchedLater")
class LaterOld:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        if workflow.patched("tax"):
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="PatchedLater")
class MovedBeforeAwait:
    """In replay it answers False there, and remembers that."""

    @workflow.run
    async def run(self) -> None:
        taxed = workflow.patched("tax")
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        if taxed:
            await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Deprecated")
class DeprecatedOld:
    @workflow.run
    async def run(self) -> None:
        workflow.deprecate_patch("tax")
        await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Deprecated")
class Removed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("tax", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Deprecated")
class RemovedWithItsPath:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Loop")
class LoopOld:
    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            await workflow.execute_activity("item", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Loop")
class PatchedInLoop:
    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            if workflow.patched("count"):
                await workflow.execute_activity("count", start_to_close_timeout=TIMEOUT)
            await workflow.execute_activity("item", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="PatchedLoop")
class PatchedLoopOld:
    @workflow.run
    async def run(self) -> None:
        for _ in range(2):
            if workflow.patched("count"):
                await workflow.execute_activity("count", start_to_close_timeout=TIMEOUT)
            await workflow.execute_activity("item", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="PatchedLoop")
class FromSecondRound:
    @workflow.run
    async def run(self) -> None:
        for index in range(2):
            if index and workflow.patched("count"):
                await workflow.execute_activity("count", start_to_close_timeout=TIMEOUT)
            await workflow.execute_activity("item", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="PatchedLoop")
class OneIdPerRound:
    @workflow.run
    async def run(self) -> None:
        for index in range(2):
            if workflow.patched(f"count-{index}"):
                await workflow.execute_activity("count", start_to_close_timeout=TIMEOUT)
            await workflow.execute_activity("item", start_to_close_timeout=TIMEOUT)  # <- here
