"""Payloads that the SDK makes itself around a message with payloads of the code inside."""

from __future__ import annotations

import temporalio.api.workflowservice.v1  # noqa: F401  the messages that an envelope can hold
from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from temporalio.api.common.v1 import Payload

__all__ = ["answer_to", "opened"]

_MARK = "__temporal_system_payload"


def opened(payload: Payload) -> Message | None:
    """The message in an envelope; None for any other payload, and for a message that is not known here.

    Without it the input of a system Nexus operation is one payload that no codec has seen, with payloads
    inside that one has: unchanged code would drift wherever a codec encrypts.
    """
    if payload.metadata.get(_MARK) != b"true":
        return None
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(payload.metadata["messageType"].decode())
        message: Message = GetMessageClass(descriptor).FromString(payload.data)
    except (KeyError, DecodeError):
        return None
    return message


def answer_to(request: Payload, run_id: str) -> Payload | None:
    """What the service answers to the request in an envelope; None for any other payload.

    Without it the code of a grown history is given a value in an answer's place, and fails to read it.

    Args:
        request: The input of the operation.
        run_id: Of the workflow that it started, for an answer that has one.
    """
    message = opened(request)
    if message is None:
        return None
    name = f"{message.DESCRIPTOR.full_name.removesuffix('Request')}Response"
    try:
        answer = GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))()
    except KeyError:
        return None
    if "run_id" in answer.DESCRIPTOR.fields_by_name:
        answer.run_id = run_id  # type: ignore[attr-defined]  # a message whose class is not known before
    metadata = {**request.metadata, "messageType": name.encode()}
    return Payload(metadata=metadata, data=answer.SerializeToString())
