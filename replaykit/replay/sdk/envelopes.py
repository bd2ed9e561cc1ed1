"""Payloads that the SDK makes itself around a message with payloads of the code inside."""

from __future__ import annotations

import temporalio.api.workflowservice.v1  # noqa: F401  the messages that an envelope can hold
from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from temporalio.api.common.v1 import Payload

__all__ = ["opened"]

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
