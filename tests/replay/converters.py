"""Data converters that block, or raise what is no Exception."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    DefaultFailureConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)
from temporalio.worker import Interceptor, WorkflowInterceptorClassInput

LONG_S = 600.0


class NoKeyFile(BaseException):
    """What a library raises that wants to be caught by nobody."""


class Plain(PayloadCodec):
    """A codec that changes nothing."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


class RaisesInDecode(Plain):
    """Raises that."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        raise self.error


class RaisesInEncode(RaisesInDecode):
    """Raises that, once there is something to encode."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        raise self.error

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


class RaisesOnce(RaisesInDecode):
    """Raises that for the first payload alone."""

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        error, self.error = self.error, GeneratorExit()
        if isinstance(error, GeneratorExit):
            return list(payloads)
        raise error


class InContext(Plain, WithSerializationContext):
    """Knows for which workflow it works, and then has no key."""

    def with_context(self, context: SerializationContext) -> Any:
        return RaisesInDecode(SystemExit(f"no key for {type(context).__name__}"))


class BlocksInDecode(Plain):
    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return _asked_of_key_service(payloads)


def _asked_of_key_service(payloads: Sequence[Payload]) -> list[Payload]:
    time.sleep(LONG_S)
    return list(payloads)


class WaitsInDecode(Plain):
    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        await asyncio.sleep(LONG_S)
        return list(payloads)


class GathersInDecode(Plain):
    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        async def one(payload: Payload) -> Payload:
            await asyncio.sleep(LONG_S)
            return payload

        return list(await asyncio.wait_for(asyncio.gather(*map(one, payloads)), LONG_S))


class LoopsInDecode(Plain):
    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        while True:
            pass


class WaitsInEncode(Plain):
    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        await asyncio.sleep(LONG_S)
        return list(payloads)


class ExitsOnReading(DefaultFailureConverter):
    def from_failure(self, failure: Failure, payload_converter: Any) -> BaseException:
        raise SystemExit(f"no class for {failure.message}")


class RefusesReading(DefaultFailureConverter):
    def from_failure(self, failure: Failure, payload_converter: Any) -> BaseException:
        raise LookupError(f"no class for {failure.message}")


class BlocksOnReading(DefaultFailureConverter):
    def from_failure(self, failure: Failure, payload_converter: Any) -> BaseException:
        time.sleep(LONG_S)
        return super().from_failure(failure, payload_converter)


class ExitsOnWriting(DefaultFailureConverter):
    def to_failure(self, exception: BaseException, payload_converter: Any, failure: Failure) -> None:
        raise SystemExit("no template")


class BlocksOnWriting(DefaultFailureConverter):
    def to_failure(self, exception: BaseException, payload_converter: Any, failure: Failure) -> None:
        time.sleep(LONG_S)


class BlocksAtStart(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> None:  # noqa: A002
        time.sleep(LONG_S)


class ExitsAtStart(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> None:  # noqa: A002
        raise SystemExit(0)
