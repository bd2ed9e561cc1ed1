"""Cannot be imported where its settings are not what they are."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta

from temporalio import workflow

if os.environ["HOME"].endswith("-replaykit"):
    raise RuntimeError("no such home")


@workflow.defn(name="Uuid4", sandboxed=False)
class Particular:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            "charge", str(uuid.uuid4()), start_to_close_timeout=timedelta(seconds=10)
        )
