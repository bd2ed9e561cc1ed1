"""Sound code under a temporalio whose workflow instances have other private names.

The host imports it before the sandbox does, which passes `temporalio` through.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from tests.replay.another_sdk import runtime_without

setattr(workflow, "_Runtime", runtime_without("_register_task", "workflow_is_replaying"))  # noqa: B010  # private


@workflow.defn(name="Uuid4", sandboxed=False)
class Sound:
    @workflow.run
    async def run(self) -> None:
        key = str(workflow.uuid4())
        await workflow.execute_activity("charge", key, start_to_close_timeout=timedelta(seconds=10))
