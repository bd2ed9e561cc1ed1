"""Workflows whose types changed since a History was recorded, and converters that hide or break failures."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)
from temporalio.exceptions import ApplicationError

from tests.replay.trouble import TIMEOUT

__all__ = ["BreakingConverter", "Curt", "Flip", "Refusing"]


class Tier(enum.IntEnum):
    """Once it had a third."""

    SILVER = 1
    GOLD = 2


class Status(str, enum.Enum):
    OPEN = "open"


@dataclass
class Total:
    amount: int


@workflow.defn(name="TakesATier", sandboxed=False)
class TakesATier:
    @workflow.run
    async def run(self, tier: Tier) -> str:
        return str(tier)


@workflow.defn(name="TakesAStatus", sandboxed=False)
class TakesAStatus:
    @workflow.run
    async def run(self, source: str, status: Status) -> str:
        return status.value


@workflow.defn(name="TakesATotal", sandboxed=False)
class TakesATotal:
    @workflow.run
    async def run(self, total: Total) -> str:
        return str(total.amount)


@workflow.defn(name="TakesMore", sandboxed=False)
class TakesMore:
    """Has one parameter more, an optional one."""

    @workflow.run
    async def run(self, total: Total, note: str = "") -> str:
        return str(total.amount)


@workflow.defn(name="ResultIsATotal", sandboxed=False)
class ResultIsATotal:
    @workflow.run
    async def run(self, source: dict[str, str]) -> str:
        total: Total = await workflow.execute_activity(
            "extract_rows", source, result_type=Total, start_to_close_timeout=TIMEOUT
        )
        return str(total.amount)


@workflow.defn(name="HearsATier", sandboxed=False)
class HearsATier:
    """Fits the data-processing History, with or without its signal."""

    @workflow.signal
    async def promote(self, tier: Tier) -> None:
        await workflow.execute_activity("promote", tier, start_to_close_timeout=TIMEOUT)

    @workflow.run
    async def run(self, source: str) -> str:
        first = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="HearsATierElsewhere", sandboxed=False)
class HearsATierElsewhere:
    """Asks for something else than the data-processing History before its signal comes."""

    @workflow.signal
    def promote(self, tier: Tier) -> None:
        """Nothing depends on it."""

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_activity("validate", source, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="WaitsForAText", sandboxed=False)
class WaitsForAText:
    """Its signal took a number once."""

    def __init__(self) -> None:
        self.count = 0

    @workflow.signal
    def add(self, count: str) -> None:
        self.count += int(count)

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.wait_condition(lambda: self.count > 0)
        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="WaitsForATotal", sandboxed=False)
class WaitsForATotal:
    """A field of what its signal takes was a text once."""

    def __init__(self) -> None:
        self.count = 0

    @workflow.signal
    def add(self, total: Total) -> None:
        self.count += total.amount

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.wait_condition(lambda: self.count > 0)
        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="UpdatedByAText", sandboxed=False)
class UpdatedByAText:
    """Its update took a number once."""

    def __init__(self) -> None:
        self.count = 0

    @workflow.update
    async def add(self, count: str) -> None:
        self.count += int(count)
        await workflow.wait_condition(lambda: False)

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="BranchesOnMore", sandboxed=False)
class BranchesOnMore:
    """Has one parameter more, and looks at the type of the first."""

    @workflow.run
    async def run(self, total: Total, note: str = "") -> None:
        name = "extract_rows" if isinstance(total, Total) else "validate"
        await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="RaisesPlainly", sandboxed=False)
class RaisesPlainly:
    @workflow.run
    async def run(self, source: str) -> str:
        try:
            return {"a": source}["b"]
        except KeyError as error:
            raise ValueError("no such source") from error


@workflow.defn(name="FailsPlainly", sandboxed=False)
class FailsPlainly:
    @workflow.run
    async def run(self, source: str) -> str:
        raise ApplicationError("declined")


class Flip(PayloadCodec):
    """A codec that changes each payload."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(
                metadata={"encoding": b"binary/flip"},
                data=bytes(byte ^ 90 for byte in payload.SerializeToString()),
            )
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload.FromString(bytes(byte ^ 90 for byte in payload.data))
            if payload.metadata["encoding"] == b"binary/flip"
            else payload
            for payload in payloads
        ]


class Refusing(Flip):
    """Has lost its key."""

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        raise PermissionError("no key named blue")


class Sealed(Flip):
    """Reads, and cannot write."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        raise PermissionError("the key is read-only")


class Curt(DefaultFailureConverter):
    """A user's own, that shows nothing of a failure."""

    def to_failure(self, exception: BaseException, payload_converter: Any, failure: Failure) -> None:
        super().to_failure(exception, payload_converter, failure)
        failure.message, failure.stack_trace = "redacted", ""
        failure.ClearField("cause")


class BreakingConverter(DefaultFailureConverterWithEncodedAttributes):
    """A user's own, that breaks down over a failure."""

    def to_failure(self, exception: BaseException, payload_converter: Any, failure: Failure) -> None:
        if isinstance(exception, ValueError):
            raise LookupError("no template for this failure")
        super().to_failure(exception, payload_converter, failure)
