"""A workflow whose type hints do not show what it reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn
class Tiered:
    """Goes on only with an answer as a service once gave it."""

    @workflow.run
    async def run(self, order: dict) -> str:  # type: ignore[type-arg]  # as people write it
        answer: Any = await workflow.execute_activity(
            "lookup", order["customer"], start_to_close_timeout=timedelta(seconds=5)
        )
        if answer["account"]["tier"] == "gold":
            await workflow.sleep(timedelta(seconds=7))
        return str(answer["account"]["id"])
