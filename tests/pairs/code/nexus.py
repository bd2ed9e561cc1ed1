"""A Nexus operation, then an activity."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)
ENDPOINT = "pairs-shop"


@workflow.defn(name="Buy")
class Old:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        await shop.execute_operation("price", "tea", schedule_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Buy")
class Added:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        await shop.execute_operation("price", "tea", schedule_to_close_timeout=TIMEOUT)
        await shop.execute_operation("order", "tea", schedule_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Buy")
class Removed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Buy")
class OperationRenamed:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        await shop.execute_operation("quote", "tea", schedule_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Buy")
class ServiceRenamed:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Store", endpoint=ENDPOINT)
        await shop.execute_operation("price", "tea", schedule_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Buy")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)  # <- here
        await shop.execute_operation("price", "tea", schedule_to_close_timeout=TIMEOUT)


@workflow.defn(name="Buy")
class KindActivity:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("price", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Buy")
class OtherInput:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint="another-shop")
        await shop.execute_operation("price", "coffee", schedule_to_close_timeout=2 * TIMEOUT)
        await workflow.execute_activity("note", start_to_close_timeout=TIMEOUT)
