"""What a service makes of parts that commands of several kinds have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Header, Memo, Payload, Payloads, RetryPolicy, SearchAttributes

from replaykit.explore.growing.service.journal import SECOND, duration
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = ["as_json", "durations", "header", "indexed", "memo", "payloads", "retry_policy"]


def durations(timeouts: Mapping[str, Nanoseconds]) -> dict[str, Duration]:
    """Timeouts by the name of their field."""
    return {name: duration(value) for name, value in timeouts.items()}


def payloads(arguments: Sequence[Payload]) -> Payloads | None:
    """Arguments as one message; None for none at all."""
    return Payloads(payloads=arguments) if arguments else None


def header(fields: Mapping[str, Payload]) -> Header:
    """Headers as one message."""
    return Header(fields=fields)


def memo(fields: Mapping[str, Payload]) -> Memo | None:
    """A memo as one message; None for an empty one."""
    return Memo(fields=fields) if fields else None


def indexed(fields: Mapping[str, Payload]) -> SearchAttributes | None:
    """Search attributes as one message; None for none at all."""
    return SearchAttributes(indexed_fields=fields) if fields else None


def retry_policy(message: RetryPolicy) -> RetryPolicy:
    """A retry policy with its gaps filled."""
    initial = nanoseconds(message.initial_interval) or SECOND
    return RetryPolicy(
        initial_interval=duration(initial),
        backoff_coefficient=message.backoff_coefficient or 2.0,
        maximum_interval=duration(nanoseconds(message.maximum_interval) or 100 * initial),
        maximum_attempts=message.maximum_attempts,
        non_retryable_error_types=message.non_retryable_error_types,
    )


def as_json(value: object, **metadata: bytes) -> Payload:
    """A payload that Core writes itself, in a marker or a search attribute."""
    data = json.dumps(value, separators=(",", ":")).encode()
    return Payload(metadata={"encoding": b"json/plain", **metadata}, data=data)
