"""A failure as a value: what its reader acts upon, without stack traces and without what differs by run."""

from __future__ import annotations

from typing import Any

from temporalio.api.enums.v1 import TimeoutType

from replaykit.replay.strict.defaults import nanoseconds, time_span

__all__ = ["ENCODED", "failure_values"]

ENCODED = "encoded_attributes"
"""Key of the payload that holds message and stack trace where the failure converter hides them."""

_INFO = "failure_info"


def failure_values(failure: Any) -> dict[str, Any]:
    """Message, kind, attributes of the kind, and the causes below; payloads stay payloads.

    Args:
        failure: A `temporal.api.failure.v1.Failure`.
    """
    values: dict[str, Any] = {"message": failure.message}
    if failure.HasField("encoded_attributes"):
        values[ENCODED] = failure.encoded_attributes
    kind = failure.WhichOneof(_INFO)
    if kind is not None:
        values["kind"] = kind.removesuffix("_failure_info")
        values.update(_info_values(kind, getattr(failure, kind)))
    if failure.HasField("cause"):
        values["cause"] = failure_values(failure.cause)
    return values


def _info_values(kind: str, info: Any) -> dict[str, Any]:
    if kind == "application_failure_info":
        return {
            "type": info.type or None,
            "non_retryable": info.non_retryable,
            "details": list(info.details.payloads),
            "next_retry_delay": time_span(nanoseconds(info.next_retry_delay)),
            "category": getattr(info, "category", 0) or None,
        }
    if kind == "canceled_failure_info":
        return {"details": list(info.details.payloads)}
    if kind == "timeout_failure_info":
        return {"timeout_type": TimeoutType.Name(info.timeout_type).removeprefix("TIMEOUT_TYPE_")}
    if kind == "activity_failure_info":
        return {"activity_type": info.activity_type.name}
    if kind == "child_workflow_execution_failure_info":
        return {"workflow_type": info.workflow_type.name}
    if kind == "server_failure_info":
        return {"non_retryable": info.non_retryable}
    if kind == "nexus_handler_failure_info":
        return {"type": info.type, "retry_behavior": info.retry_behavior}
    if kind == "nexus_operation_execution_failure_info":
        return {"endpoint": info.endpoint, "service": info.service, "operation": info.operation}
    return {}
