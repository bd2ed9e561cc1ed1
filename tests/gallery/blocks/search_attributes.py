"""Search attributes and memo: set at the start, upserted, and removed again."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

with workflow.unsafe.imports_passed_through():
    from temporalio.api.enums.v1 import IndexedValueType
    from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
    from temporalio.client import Client

    from tests.gallery.scenario import Scenario, WorkerSetup

CUSTOMER = SearchAttributeKey.for_keyword("GalleryCustomer")
PARCELS = SearchAttributeKey.for_int("GalleryParcels")


@activity.defn
async def pack(parcels: int) -> int:
    return parcels


@workflow.defn
class ParcelWorkflow:
    """Shows in its search attributes and memo how far it has come."""

    @workflow.run
    async def run(self, parcels: int) -> int:
        workflow.upsert_search_attributes([PARCELS.value_set(parcels)])
        workflow.upsert_memo({"stage": "packing"})
        packed = await workflow.execute_activity(pack, parcels, start_to_close_timeout=timedelta(seconds=10))
        workflow.upsert_search_attributes([PARCELS.value_unset()])
        workflow.upsert_memo({"stage": "packed", "note": None})
        return packed


async def _register_attributes(client: Client) -> None:
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={
                CUSTOMER.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
                PARCELS.name: IndexedValueType.INDEXED_VALUE_TYPE_INT,
            },
        )
    )


SCENARIOS = (
    Scenario(
        name="search-attributes-and-memo",
        workflow=ParcelWorkflow,
        args=(3,),
        start={
            "search_attributes": TypedSearchAttributes([SearchAttributePair(CUSTOMER, "Ada")]),
            "memo": {"stage": "new", "note": "fragile"},
        },
        shows=("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", "WORKFLOW_PROPERTIES_MODIFIED"),
        workers=(
            WorkerSetup(
                task_queue="gallery-search-attributes",
                workflows=(ParcelWorkflow,),
                activities=(pack,),
                prepare=_register_attributes,
            ),
        ),
    ),
)
