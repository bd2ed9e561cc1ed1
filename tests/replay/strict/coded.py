"""Stories of a worker with a codec: every payload of their histories is scrambled, and never twice alike."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)
from temporalio.exceptions import ApplicationError

from tests.replay.strict.stories import HAS_SIGNAL_WITH_START, run, seconds

TASK_QUEUE = "strict-coded"
NAMES = ("Coded", "CodedFailure", *(("CodedSignal",) if HAS_SIGNAL_WITH_START else ()))


class Scramble(PayloadCodec, WithSerializationContext):
    """Stands in for encryption; a payload opens in the context that closed it and in no other."""

    def __init__(self, context: SerializationContext | None = None) -> None:
        self.context = context

    def with_context(self, context: SerializationContext) -> Scramble:
        return Scramble(context)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encoded(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decoded(payload) for payload in payloads]

    def _encoded(self, payload: Payload) -> Payload:
        nonce = os.urandom(1)
        data = bytes(byte ^ nonce[0] for byte in payload.SerializeToString())
        return Payload(metadata={"encoding": b"binary/scrambled", "for": self._name()}, data=nonce + data)

    def _decoded(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != b"binary/scrambled":
            return payload
        if payload.metadata["for"] != self._name():
            raise ValueError(f"closed for {payload.metadata['for']!r}, opened by {self._name()!r}")
        return Payload.FromString(bytes(byte ^ payload.data[0] for byte in payload.data[1:]))

    def _name(self) -> bytes:
        """Type and id of what the payload belongs to; both sides of an activity know these."""
        values = dataclasses.asdict(self.context) if self.context is not None else {}  # type: ignore[call-overload]
        known = (values.get("workflow_id"), values.get("activity_type"))
        return repr((type(self.context).__name__, *known)).encode()


CONVERTER = DataConverter(
    payload_codec=Scramble(), failure_converter_class=DefaultFailureConverterWithEncodedAttributes
)


def story(name: str, **changed: Any) -> type:
    """The workflow class of a coded story, some of its options changed."""
    options = {"amount": 10, "child": "x", "result": "charged", "text": "no", "detail": 1, "summary": "s"}
    made = {"Coded": _coded, "CodedFailure": _failure, "CodedSignal": _signal}[name]
    assert changed.keys() <= options.keys()
    return made(**{**options, **changed})


def _coded(**options: Any) -> type:
    @workflow.defn(name="Coded", sandboxed=False)
    class Coded:
        @run
        async def run(self) -> Any:
            await workflow.execute_activity(
                "charge",
                {"amount": options["amount"]},
                start_to_close_timeout=seconds(9),
                summary=options["summary"],
            )
            await workflow.execute_child_workflow("Idle", options["child"], id="coded-child")
            workflow.upsert_memo({"note": "first"})
            return options["result"]

    return Coded


def _failure(**options: Any) -> type:
    @workflow.defn(name="CodedFailure", sandboxed=False)
    class CodedFailure:
        @run
        async def run(self) -> None:
            raise ApplicationError(options["text"], options["detail"], type="Fatal")

    return CodedFailure


def _signal(**options: Any) -> type:
    @workflow.defn(name="CodedSignal", sandboxed=False)
    class CodedSignal:
        """Signals a workflow that it starts, in an event group: payloads inside others, and beside them."""

        @run
        async def run(self) -> None:
            with workflow.create_event_group("paying", label=options["text"]).scope():
                await workflow.signal_with_start_workflow(
                    "Idle",
                    {"amount": options["amount"]},
                    id="coded-signalled",
                    task_queue=TASK_QUEUE,
                    signal="greet",
                    signal_args=[options["child"], options["detail"]],
                    memo={"note": options["result"]},
                    static_summary=options["summary"],
                )

    return CodedSignal
