"""The worker's data converter, as a Replayer is given it: nothing that it does ends a replay unseen.

What is no `Exception` would end the event loop of the Replayer, or its task without an answer, and the
replay would be waited for in vain. It is made an `Exception`, and kept.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, PayloadCodec, SerializationContext, WithSerializationContext

from replaykit.replay.converter_steps import STEPS, ConverterStep
from replaykit.replay.raised import text_of

__all__ = ["ConverterEnded", "ConverterError", "guarded"]

_T = TypeVar("_T")
_DEEPEST = 80
"""Causes below causes: of a failure with a hundred, Core cannot read the message, and never answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConverterError:
    """What a part of the data converter raised."""

    step: ConverterStep
    error: BaseException

    @property
    def is_exception(self) -> bool:
        """Whether the SDK goes on after it: it fails the task."""
        return isinstance(self.error, Exception)


class ConverterEnded(Exception):
    """Stands for what is no `Exception`, which is chained."""


def guarded(
    converter: DataConverter,
    *,
    keep: Callable[[BaseException], None],
    on_error: Callable[[ConverterError], None],
) -> DataConverter:
    """A data converter that does what the worker's own does, but for what would end the Replayer.

    Args:
        converter: The worker's own.
        keep: Given each exception before the failure converter makes a message of it; one that is only the
            cause of another is not among them.
        on_error: Given what its codec or its failure converter raises.
    """
    changes: dict[str, Any] = {}
    if converter.payload_codec is not None:
        changes["payload_codec"] = _guarded_codec(converter.payload_codec, on_error)
    failures: Any = converter.failure_converter_class
    if isinstance(failures, type):
        changes["failure_converter_class"] = _guarded_failures(failures, keep, on_error)
    return dataclasses.replace(converter, **changes) if changes else converter


class _GuardedCodec(PayloadCodec):
    def __init__(self, codec: PayloadCodec, on_error: Callable[[ConverterError], None]) -> None:
        self._codec = codec
        self._on_error = on_error

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._guarded(STEPS["encode"], self._codec.encode, payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._guarded(STEPS["decode"], self._codec.decode, payloads)

    async def encode_wrapper(self, payloads: Payloads) -> None:
        await self._guarded(STEPS["encode_wrapper"], self._codec.encode_wrapper, payloads)

    async def decode_wrapper(self, payloads: Payloads) -> None:
        await self._guarded(STEPS["decode_wrapper"], self._codec.decode_wrapper, payloads)

    async def encode_failure(self, failure: Failure) -> None:
        await self._guarded(STEPS["encode_failure"], self._codec.encode_failure, failure)

    async def decode_failure(self, failure: Failure) -> None:
        await self._guarded(STEPS["decode_failure"], self._codec.decode_failure, failure)

    async def _guarded(self, step: ConverterStep, call: Callable[[Any], Awaitable[_T]], given: Any) -> _T:
        task = asyncio.current_task()
        try:
            return await call(given)
        except BaseException as error:
            if not _is_from_outside(error, task):
                self._on_error(ConverterError(step=step, error=error))
                if not isinstance(error, Exception):
                    raise ConverterEnded from error
            raise


class _GuardedCodecWithContext(_GuardedCodec, WithSerializationContext):
    def with_context(self, context: SerializationContext) -> Any:  # a codec of any class
        codec: Any = self._codec
        return _guarded_codec(codec.with_context(context), self._on_error)


def _guarded_codec(codec: PayloadCodec, on_error: Callable[[ConverterError], None]) -> _GuardedCodec:
    is_with = isinstance(codec, WithSerializationContext)
    return (_GuardedCodecWithContext if is_with else _GuardedCodec)(codec, on_error)


def _is_from_outside(error: BaseException, task: asyncio.Task[Any] | None) -> bool:
    """Whether the event loop ends this task, rather than the codec."""
    if isinstance(error, GeneratorExit):
        return _current_task() is not task  # it is being closed, not run
    cancelling: Callable[[], int] | None = getattr(task, "cancelling", None)  # from Python 3.11 on
    return isinstance(error, asyncio.CancelledError) and cancelling is not None and cancelling() > 0


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop runs
        return None


class _FailureSteps:
    """Stands before the worker's own failure converter: a class of its own, so that its code is known."""

    _replaykit_depth = 0
    _replaykit_keep: Callable[[BaseException], None]
    _replaykit_on_error: Callable[[ConverterError], None]

    def to_failure(self, exception: BaseException, payload_converter: Any, failure: Failure) -> None:
        if self._replaykit_depth == 0:
            self._replaykit_keep(exception)
        if self._replaykit_depth == _DEEPEST:  # of a cycle, there is no end
            failure.message = text_of(exception)
            return
        self._replaykit_depth += 1
        converter: Any = super()
        try:
            converter.to_failure(exception, payload_converter, failure)
        except BaseException as error:
            self._replaykit_ended(STEPS["to_failure"], error)
            raise
        finally:
            self._replaykit_depth -= 1

    def from_failure(self, failure: Failure, payload_converter: Any) -> BaseException:
        converter: Any = super()
        try:
            made: BaseException = converter.from_failure(failure, payload_converter)
        except BaseException as error:
            self._replaykit_ended(STEPS["from_failure"], error)
            raise
        return made

    def _replaykit_ended(self, step: ConverterStep, error: BaseException) -> None:
        if type(error).__module__.startswith("temporalio.worker"):  # the deadlock detector's, or an eviction
            return
        self._replaykit_on_error(ConverterError(step=step, error=error))
        if not isinstance(error, Exception):
            raise ConverterEnded from error


def _guarded_failures(
    original: Any, keep: Callable[[BaseException], None], on_error: Callable[[ConverterError], None]
) -> type:
    class GuardedFailures(_FailureSteps, original):  # type: ignore[misc]  # a class that is known at run time
        _replaykit_keep = staticmethod(keep)
        _replaykit_on_error = staticmethod(on_error)

    GuardedFailures.__name__, GuardedFailures.__qualname__ = original.__name__, original.__qualname__
    return GuardedFailures
