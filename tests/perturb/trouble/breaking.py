"""Ends the process, never comes to an end, or is sound."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from temporalio import workflow

_SOON = timedelta(seconds=10)


@workflow.defn(name="HostName", sandboxed=False)
class EndsTheProcess:
    @workflow.run
    async def run(self) -> None:
        if socket.gethostname().startswith("replaykit-"):
            os._exit(7)
        await workflow.execute_activity("work", start_to_close_timeout=_SOON)


@workflow.defn(name="IsReplaying", sandboxed=False)
class NeverEnds:
    @workflow.run
    async def run(self) -> None:
        while not workflow.unsafe.is_replaying():
            pass
        await workflow.execute_activity("work", start_to_close_timeout=_SOON)


@workflow.defn(name="Uuid4", sandboxed=False)
class Sound:
    @workflow.run
    async def run(self) -> None:
        key = str(workflow.uuid4())
        await workflow.execute_activity("charge", key, start_to_close_timeout=_SOON)
