"""Workflows with patches, and what becomes of the runs from before those."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


async def act(name: str) -> None:
    await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)


@workflow.defn
class Guarded:
    @workflow.run
    async def run(self) -> None:
        await act("tax" if workflow.patched("tax") else "old-tax")
        await act("ship")


@workflow.defn(name="Guarded")
class DeprecatedTooSoon:
    @workflow.run
    async def run(self) -> None:
        workflow.deprecate_patch("tax")
        await act("tax")
        await act("ship")


@workflow.defn(name="Guarded")
class OldPathGone:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("tax"):
            await act("tax")
        await act("ship")


@workflow.defn(name="Guarded")
class OldPathChanged:
    @workflow.run
    async def run(self) -> None:
        await act("tax" if workflow.patched("tax") else "older-tax")
        await act("ship")


@workflow.defn
class TwoPatches:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("first"):
            await act("check")
        await act("charge")
        if workflow.patched("second"):
            await act("mail")


@workflow.defn(name="TwoPatches")
class TwoPatchesOneGone:
    """Runs from before the second patch go on."""

    @workflow.run
    async def run(self) -> None:
        workflow.deprecate_patch("first")
        await act("check")
        await act("charge")
        if workflow.patched("second"):
            await act("mail")


@workflow.defn
class AsksLate:
    @workflow.run
    async def run(self) -> None:
        await act("reserve")
        if workflow.patched("late"):
            await act("insure")
        await act("ship")


@workflow.defn
class AsksInLoop:
    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            await act("new" if workflow.patched("loop") else "old")


@workflow.defn
class AskedAndDeprecated:
    @workflow.run
    async def run(self) -> None:
        await act("new" if workflow.patched("both") else "old")
        workflow.deprecate_patch("both")
        await act("end")


@workflow.defn
class NoPatch:
    @workflow.run
    async def run(self) -> None:
        await act("ship")
