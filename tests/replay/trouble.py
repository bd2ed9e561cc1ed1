"""Workflows that make a hand-written loop around the Replayer hang, crash or lie."""

from __future__ import annotations

import sys
import time
import warnings
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from temporalio import workflow
from temporalio.exceptions import ApplicationError

__all__ = ["TIMEOUT"]

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Endless")
class Endless:
    """Never yields."""

    @workflow.run
    async def run(self, source: str) -> str:
        while True:
            pass


def _loop_on(until: float, *, layers: int) -> None:
    """Loop, whatever is raised into it.

    Python 3.13 also raises at the jump back out of a handler, where that handler no longer catches: so there
    are more layers of them than anybody raises exceptions.
    """
    while time.monotonic() < until:
        try:
            if layers:
                _loop_on(until, layers=layers - 1)
        except BaseException:
            continue


@workflow.defn(name="Stubborn", sandboxed=False)
class Stubborn:
    """Never yields and swallows what would stop it; ends by itself, so that the test process survives it."""

    @workflow.run
    async def run(self, source: str) -> str:
        _loop_on(time.monotonic() + 5, layers=4)
        return source


@workflow.defn(name="Exits")
class Exits:
    @workflow.run
    async def run(self, source: str) -> str:
        sys.exit(3)


@workflow.defn(name="Interrupts")
class Interrupts:
    @workflow.run
    async def run(self, source: str) -> str:
        raise KeyboardInterrupt


@workflow.defn(name="Tolerant", failure_exception_types=[Exception])
class Tolerant:
    """Asks for another activity, under failure exception types that make Core fail the workflow for it."""

    @workflow.run
    async def run(self, source: str) -> str:
        return str(await workflow.execute_activity("somebody_else", source, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Differs")
class Differs:
    """As Tolerant; the worker holds the failure exception types."""

    @workflow.run
    async def run(self, source: str) -> str:
        return str(await workflow.execute_activity("somebody_else", source, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="SendsADecimal")
class SendsADecimal:
    """The standard converter has no JSON for one; that of pydantic has."""

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_activity("extract_rows", Decimal("1.5"), start_to_close_timeout=TIMEOUT)


@workflow.defn(name="AnswersADecimal")
class AnswersADecimal:
    @workflow.run
    async def run(self, source: str) -> Decimal:
        return Decimal("1.5")


@workflow.defn(name="Raises")
class Raises:
    @workflow.run
    async def run(self, source: str) -> str:
        return {"a": source}["b"]


@workflow.defn(name="Fails")
class Fails:
    """Fails the workflow, where the History has an activity."""

    @workflow.run
    async def run(self, source: str) -> str:
        raise ApplicationError("no such source")


@workflow.defn(name="WantsAnInteger")
class WantsAnInteger:
    @workflow.run
    async def run(self, source: int) -> str:
        return str(await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT))


@dataclass
class Order:
    sku: str
    currency: str


@dataclass(kw_only=True)
class Parcel:
    orders: list[Order]
    weight: int
    sender: str


@workflow.defn(name="WantsAnOrder", sandboxed=False)
class WantsAnOrder:
    @workflow.run
    async def run(self, order: Order) -> str:
        return order.sku


@workflow.defn(name="WantsAParcel", sandboxed=False)
class WantsAParcel:
    @workflow.run
    async def run(self, parcel: Parcel) -> str:
        return parcel.sender


@workflow.defn(name="IsGivenAnOrder", sandboxed=False)
class IsGivenAnOrder:
    """Takes another class for the result of its activity."""

    @workflow.run
    async def run(self, source: dict[str, str]) -> str:
        order: Order = await workflow.execute_activity(
            "extract_rows", source, result_type=Order, start_to_close_timeout=TIMEOUT
        )
        return order.sku


@workflow.defn(name="Follows")
class Follows:
    """Fits the data-processing History."""

    @workflow.run
    async def run(self, source: str) -> str:
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Warns", sandboxed=False)
class Warns:
    """Warns, as a deprecated call does."""

    @workflow.run
    async def run(self, source: str) -> str:
        warnings.warn("use the other one", DeprecationWarning, stacklevel=1)
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="Unfinished")
class Unfinished:
    """Ends while a signal's handler still waits: the SDK warns of it."""

    @workflow.run
    async def run(self, source: str) -> str:
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))

    @workflow.signal
    async def go(self) -> None:
        await workflow.wait_condition(lambda: False)
