"""Python values as the payloads that a client or an activity worker would have sent."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, Payloads, SearchAttributes
from temporalio.api.failure.v1 import Failure as FailureMessage
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter, PayloadConverter
from temporalio.exceptions import ApplicationError

from replaykit.errors import ValuesError
from replaykit.explore.scenario import Failure
from replaykit.loops import run_in_own_loop
from replaykit.replay.raised import text_of
from replaykit.replay.recorder import has_codec
from replaykit.replay.sdk.envelopes import opened

__all__ = ["Encoder"]

_T = TypeVar("_T")
_DEADLINE_S = 30.0
_CODED = ("input", "memo", "upserted_memo", "result", "failure", "details", "outcome")
"""Attributes that hold payloads of the code, which the worker's codec has seen."""


class Encoder:
    """Writes values with a worker's data converter, its codec included."""

    def __init__(self, converter: DataConverter) -> None:
        self._converter = converter

    @property
    def has_codec(self) -> bool:
        """Whether payloads are sent in another form than the code makes them."""
        return has_codec(self._converter)

    @property
    def payload_converter(self) -> PayloadConverter:
        """What writes and reads values, past the codec."""
        return self._converter.payload_converter

    def payloads(self, values: Sequence[Any]) -> Payloads:
        """Values as one message."""
        return Payloads(payloads=self.coded(self.plain_payloads(values)))

    def payload(self, value: Any) -> Payload:
        """One value as one payload."""
        return self.payloads([value]).payloads[0]

    def failure(self, failure: Failure) -> FailureMessage:
        """An application error as the SDK of an activity worker writes it, without its stack trace."""
        message = self.plain_failure(failure)
        self.code(message)
        return message

    def plain_payloads(self, values: Sequence[Any]) -> Sequence[Payload]:
        """Values as the code gets to see them, past the codec.

        Raises:
            ValuesError: The converter cannot carry one of them.
        """
        try:
            return self._converter.payload_converter.to_payloads(values)
        except Exception as error:
            kinds = ", ".join(dict.fromkeys(type(value).__name__ for value in values))
            why = f"{type(error).__name__}: {text_of(error)}"
            raise ValuesError(
                f"values of type {kinds} do not encode with this data converter ({why})",
                cure='Name the one that your worker is given: data_converter = "module:attribute" in '
                "[tool.replaykit], or `data_converter=` in a test.",
            ) from error

    def plain_failure(self, failure: Failure) -> FailureMessage:
        """An application error as the code gets to see it, past the codec."""
        error = ApplicationError(
            failure.message, *failure.details, type=failure.type, non_retryable=not failure.retryable
        )
        message = FailureMessage()
        self._converter.failure_converter.to_failure(error, self._converter.payload_converter, message)
        message.stack_trace = ""
        return message

    def coded(self, payloads: Sequence[Payload]) -> Sequence[Payload]:
        """Payloads of the code's own commands, as its codec hands them to the service."""
        codec = self._converter.payload_codec
        return _awaited(codec.encode(payloads)) if codec is not None and payloads else payloads

    def decoded(self, every: Sequence[Sequence[Payload]]) -> Sequence[tuple[Payload, ...] | None]:
        """Recorded payloads as the code gets to see them; None where the codec cannot read them."""
        codec = self._converter.payload_codec
        if codec is None or not every:
            return [tuple(payloads) for payloads in every]

        async def read(payloads: Sequence[Payload]) -> tuple[Payload, ...] | None:
            try:
                return tuple(await codec.decode(payloads))
            except Exception:  # whatever the codec raises at what is of another key, or not coded at all
                return None

        async def read_all() -> Sequence[tuple[Payload, ...] | None]:
            return [await read(payloads) for payloads in every]

        return _awaited(read_all())

    def code(self, message: Message) -> None:
        """The same for every payload inside a message, in place."""
        if self._converter.payload_codec is None:
            return
        for field, value in message.ListFields():
            if field.message_type is None or isinstance(value, SearchAttributes):
                continue
            if field.message_type.GetOptions().map_entry:
                for key in value:
                    self._code_one(value[key])
            elif isinstance(value, Message):
                self._code_one(value)
            else:
                for entry in value:
                    self._code_one(entry)

    def code_attributes(self, event: HistoryEvent) -> None:
        """The same for what a command event holds of the code's own."""
        if self._converter.payload_codec is None:
            return
        attributes = getattr(event, event.WhichOneof("attributes") or "")
        for name in _CODED:
            value = getattr(attributes, name, None)
            if isinstance(value, Message) and attributes.HasField(name):
                self._code_one(value)

    def _code_one(self, value: Any) -> None:
        if isinstance(value, Payload) and (message := opened(value)) is not None:
            self.code(message)
            value.data = message.SerializeToString()
        elif isinstance(value, Payload):
            value.CopyFrom(self.coded([value])[0])
        elif isinstance(value, Message):
            self.code(value)


def _awaited(work: Awaitable[_T]) -> _T:
    """The answer of a codec, in a loop of its own: the caller may be inside one."""

    async def run() -> _T:
        return await asyncio.wait_for(work, _DEADLINE_S)

    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run_in_own_loop, run()).result()
