"""A workflow whose module the sandbox cannot import."""

from __future__ import annotations

from pathlib import Path

from temporalio import workflow

__all__ = ["Located"]

_FOLDER = Path(__file__).resolve().parent


@workflow.defn(name="Located")
class Located:
    @workflow.run
    async def run(self, source: str) -> str:
        return _FOLDER.name
