"""Something decorated of our own, to see what the decorators of this temporalio leave on it."""

from __future__ import annotations

from temporalio import activity, workflow

__all__ = ["Workflow", "an_activity"]


@workflow.defn
class Workflow:
    """Never run."""

    @workflow.run
    async def run(self) -> None:
        """Nothing."""


@activity.defn
def an_activity() -> None:
    """Nothing."""
