"""Workflows that the sandbox refuses something, in the first task or in a later one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from temporalio import workflow

from tests.replay.trouble import TIMEOUT

__all__ = ["AsksTheClock", "ReadsAFile", "ReadsLater"]


@workflow.defn(name="AsksTheClock")
class AsksTheClock:
    @workflow.run
    async def run(self, source: str) -> str:
        return datetime.now().isoformat()


@workflow.defn(name="ReadsAFile")
class ReadsAFile:
    @workflow.run
    async def run(self, source: str) -> str:
        return Path(source).read_text(encoding="utf-8")  # noqa: ASYNC240


@workflow.defn(name="ReadsLater")
class ReadsLater:
    """Fits the first task of the data-processing History."""

    @workflow.run
    async def run(self, source: str) -> str:
        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        with open(source, encoding="utf-8") as file:  # noqa: ASYNC230, PTH123
            return file.read()
