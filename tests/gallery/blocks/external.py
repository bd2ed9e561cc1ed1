"""Signals and cancels from one workflow to another; also to one that is not there."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, Stage, WorkerSetup


@workflow.defn
class SubscriberWorkflow:
    """Listens until it is cancelled."""

    def __init__(self) -> None:
        self._news: list[str] = []

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: len(self._news) > 1)

    @workflow.signal
    def publish(self, news: str) -> None:
        self._news.append(news)


@workflow.defn
class PublisherWorkflow:
    """Signals a subscriber, then cancels it, then writes to nobody."""

    def __init__(self) -> None:
        self._subscriber: str | None = None

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self._subscriber is not None)
        assert self._subscriber is not None
        subscriber = workflow.get_external_workflow_handle_for(SubscriberWorkflow.run, self._subscriber)
        await subscriber.signal(SubscriberWorkflow.publish, "first edition")
        await subscriber.cancel()
        nobody = workflow.get_external_workflow_handle("external-nobody")
        try:
            await nobody.signal("publish", "second edition")
        except FailureError as error:
            return f"returned to sender: {type(error).__name__}"
        raise ApplicationError("nobody answered", non_retryable=True)

    @workflow.signal
    def subscribe(self, workflow_id: str) -> None:
        self._subscriber = workflow_id


async def _subscribe(stage: Stage) -> None:
    subscriber = await stage.client.start_workflow(
        SubscriberWorkflow.run, id="external-subscriber", task_queue=stage.task_queue
    )
    await stage.handle.signal(PublisherWorkflow.subscribe, subscriber.id)


SCENARIOS = (
    Scenario(
        name="external-publisher",
        workflow=PublisherWorkflow,
        drive=_subscribe,
        also=("external-subscriber",),
        shows=(
            "EXTERNAL_WORKFLOW_EXECUTION_SIGNALED",
            "EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED",
            "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED",
        ),
        workers=(
            WorkerSetup(task_queue="gallery-external", workflows=(PublisherWorkflow, SubscriberWorkflow)),
        ),
    ),
)
