"""Nexus: a synchronous operation, one that runs a workflow, a failing one, a cancelled one."""

from __future__ import annotations

from datetime import timedelta

import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio import nexus, workflow
from temporalio.exceptions import NexusOperationError

with workflow.unsafe.imports_passed_through():
    from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
    from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
    from temporalio.client import Client

    from tests.gallery.scenario import Scenario, WorkerSetup

_ENDPOINT = "gallery-bank"
_TASK_QUEUE = "gallery-nexus"


@nexusrpc.service
class BankService:
    balance: nexusrpc.Operation[str, int]
    transfer: nexusrpc.Operation[int, str]
    close: nexusrpc.Operation[str, None]


@workflow.defn
class TransferWorkflow:
    """The workflow of the `transfer` operation."""

    @workflow.run
    async def run(self, amount: int) -> str:
        await workflow.sleep(timedelta(days=1) if amount > 1000 else timedelta(seconds=0.05))
        return f"transferred {amount}"


@service_handler(service=BankService)
class BankHandler:
    @sync_operation
    async def balance(self, _ctx: StartOperationContext, owner: str) -> int:
        return len(owner)

    @nexus.workflow_run_operation
    async def transfer(
        self, ctx: nexus.WorkflowRunOperationContext, amount: int
    ) -> nexus.WorkflowHandle[str]:
        return await ctx.start_workflow(TransferWorkflow.run, amount, id=f"nexus-transfer-{amount}")

    @sync_operation
    async def close(self, _ctx: StartOperationContext, owner: str) -> None:
        raise nexusrpc.OperationError(f"{owner} has debts", state=nexusrpc.OperationErrorState.FAILED)


@workflow.defn
class CustomerWorkflow:
    """Asks the bank for all that it offers."""

    @workflow.run
    async def run(self, owner: str) -> str:
        bank = workflow.create_nexus_client(service=BankService, endpoint=_ENDPOINT)
        timeout = timedelta(seconds=10)
        balance = await bank.execute_operation(BankService.balance, owner, schedule_to_close_timeout=timeout)
        receipt = await bank.execute_operation(
            BankService.transfer, balance, schedule_to_close_timeout=timeout
        )
        try:
            await bank.execute_operation(BankService.close, owner, schedule_to_close_timeout=timeout)
        except NexusOperationError:
            receipt += ", account kept"
        doubtful = await bank.start_operation(
            BankService.transfer, 1_000_000, schedule_to_close_timeout=timedelta(days=2)
        )
        doubtful.cancel()
        try:
            await doubtful
        except NexusOperationError:
            receipt += ", transfer called off"
        return receipt


async def _create_endpoint(client: Client) -> None:
    target = EndpointTarget.Worker(namespace=client.namespace, task_queue=_TASK_QUEUE)
    spec = EndpointSpec(name=_ENDPOINT, target=EndpointTarget(worker=target))
    await client.operator_service.create_nexus_endpoint(CreateNexusEndpointRequest(spec=spec))


SCENARIOS = (
    Scenario(
        name="nexus-customer",
        workflow=CustomerWorkflow,
        args=("Ada",),
        also=("nexus-transfer-3", "nexus-transfer-1000000"),
        shows=(
            "NEXUS_OPERATION_STARTED",
            "NEXUS_OPERATION_COMPLETED",
            "NEXUS_OPERATION_FAILED",
            "NEXUS_OPERATION_CANCELED",
        ),
        workers=(
            WorkerSetup(
                task_queue=_TASK_QUEUE,
                workflows=(CustomerWorkflow, TransferWorkflow),
                nexus_services=(BankHandler,),
                prepare=_create_endpoint,
            ),
        ),
    ),
)
