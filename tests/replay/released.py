"""Workflows that differ from recorded ones in ways in which releases of the SDK differ too."""

from __future__ import annotations

import asyncio

from temporalio import workflow

from tests.replay.trouble import TIMEOUT

__all__ = ["Localized", "Mistyped", "Patient", "Turned"]


@workflow.defn(name="Turned")
class Turned:
    """Asks for the two activities of the data-processing History in the other order."""

    @workflow.run
    async def run(self, source: str) -> str:
        second = await workflow.execute_activity("load_total", source, start_to_close_timeout=TIMEOUT)
        return str(await workflow.execute_activity("extract_rows", second, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Localized")
class Localized:
    """Asks for another local activity than the local-activities History."""

    @workflow.run
    async def run(self, *given: str) -> str:
        return str(await workflow.execute_local_activity("other", start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Mistyped")
class Mistyped:
    """Is given an integer where it takes a list from its local activity."""

    @workflow.run
    async def run(self, article: str) -> str:
        price: list[str] = await workflow.execute_local_activity(
            "look_up_price", article, result_type=list[str], start_to_close_timeout=TIMEOUT
        )
        return price[0]


@workflow.defn(name="Patient")
class Patient:
    """Lets its timer run on where the nap History cancels it."""

    @workflow.run
    async def run(self, *given: str) -> None:
        await asyncio.shield(asyncio.create_task(asyncio.sleep(3600)))
