"""Search attributes and memo, each upserted once, then an activity."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey

TIMEOUT = timedelta(seconds=10)
STAGE = SearchAttributeKey.for_keyword("PairsStage")


@workflow.defn(name="Index")
class Old:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([STAGE.value_set("new")])
        workflow.upsert_memo({"note": "fragile"})
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Index")
class AttributesAdded:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([STAGE.value_set("new")])
        workflow.upsert_memo({"note": "fragile"})
        workflow.upsert_search_attributes([STAGE.value_set("indexed")])  # <- here
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Index")
class AttributesRemoved:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_memo({"note": "fragile"})  # <- here
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Index")
class MemoAdded:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([STAGE.value_set("new")])
        workflow.upsert_memo({"note": "fragile"})
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)
        workflow.upsert_memo({"note": "indexed"})  # <- here


@workflow.defn(name="Index")
class MemoRemoved:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([STAGE.value_set("new")])
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Index")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_memo({"note": "fragile"})  # <- here
        workflow.upsert_search_attributes([STAGE.value_set("new")])
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Index")
class MemoToActivity:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([STAGE.value_set("new")])
        await workflow.execute_activity("annotate", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Index")
class OtherValues:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([STAGE.value_set("old")])
        workflow.upsert_memo({"comment": "solid"})
        await workflow.execute_activity("index", start_to_close_timeout=TIMEOUT)
