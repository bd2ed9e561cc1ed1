"""Workflows in the sandbox, which refuses what they do: apart, since their module is imported in there."""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta

from temporalio import workflow

__all__ = ["ReadsTheClock", "ReadsTheEnvironment", "Tosses"]

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="ReadsTheClock")
class ReadsTheClock:
    @workflow.run
    async def run(self, source: str) -> None:
        time.time()


@workflow.defn(name="Tosses")
class Tosses:
    @workflow.run
    async def run(self, source: str) -> None:
        random.random()


@workflow.defn(name="ReadsTheEnvironment")
class ReadsTheEnvironment:
    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        os.getpid()
