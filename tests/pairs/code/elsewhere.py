"""A module of coroutines that workflows of other modules use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


async def audit() -> None:
    await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here: placed.InOtherModule


async def audits() -> AsyncIterator[str]:
    yield "before"
    await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here: placed.InGenerator
    yield "after"
