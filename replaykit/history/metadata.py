"""What is known of a History beside its events: from the fixture's `replaykit` object, else from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history.events import STATUSES, status_of
from replaykit.history.faults import Fault, kind_of
from replaykit.history.model import Source

__all__ = ["FORMAT_VERSION", "inferred", "metadata_of", "true_run_id"]

FORMAT_VERSION = 1
"""The fixture format that this replaykit writes, and the newest one that it reads."""

_TEXTS = {
    "workflowId": "workflow_id",
    "runId": "run_id",
    "workflowType": "workflow_type",
    "namespace": "namespace",
    "taskQueue": "task_queue",
    "sdk": "sdk",
    "buildId": "build_id",
}
_WRAPPER_KEYS = {"workflow_id": ("workflowId", "workflow_id"), "run_id": ("runId", "run_id")}
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:[Zz]|\+00:00)")


def metadata_of(document: Mapping[str, Any], events: Sequence[HistoryEvent]) -> dict[str, Any]:
    """Arguments of `History` beside `events` and `path`.

    Args:
        document: The JSON object around the events; empty where there is none.
        events: The events that were read from it, sound or not.

    Raises:
        Fault: The `replaykit` object is not one that this replaykit can read.
    """
    known = {key: value for key, value in inferred(events).items() if value is not None}
    known = {**_of_wrapper(document), **known}
    written = document.get("replaykit")
    if written is None:
        return known
    try:
        return {**known, **_of_fixture(written)}
    except Fault as fault:
        raise fault.at("replaykit")  # noqa: B904 - the same fault, on its way out


def inferred(events: Sequence[HistoryEvent]) -> dict[str, Any]:
    """What the events themselves hold of it; None for what they do not."""
    known: dict[str, Any] = {
        "workflow_id": None,
        "run_id": true_run_id(events),
        "workflow_type": None,
        "status": status_of(events),
        "task_queue": None,
        "sdk": None,
        "build_id": None,
    }
    for event in events:
        if event.HasField("workflow_execution_started_event_attributes"):
            started = event.workflow_execution_started_event_attributes
            known["workflow_id"] = started.workflow_id or None
            known["workflow_type"] = started.workflow_type.name or None
            known["task_queue"] = started.task_queue.name or None
            break
    for event in events:
        if event.HasField("workflow_task_completed_event_attributes"):
            completed = event.workflow_task_completed_event_attributes
            if completed.sdk_metadata.sdk_name or completed.sdk_metadata.sdk_version:
                name = f"{completed.sdk_metadata.sdk_name} {completed.sdk_metadata.sdk_version}"
                known["sdk"] = name.strip()
            known["build_id"] = (
                completed.deployment_version.build_id
                or completed.worker_version.build_id
                or known["build_id"]
            )
    return known


def true_run_id(events: Sequence[HistoryEvent]) -> str | None:
    """The run's own id.

    A reset run keeps the id of the run that it was reset from in its started event; its own is the `newRunId`
    of the last workflow task that failed with the cause RESET_WORKFLOW.
    """
    run_id = ""
    for event in events:
        if event.HasField("workflow_execution_started_event_attributes") and not run_id:
            run_id = event.workflow_execution_started_event_attributes.original_execution_run_id
        elif event.HasField("workflow_task_failed_event_attributes"):
            failed = event.workflow_task_failed_event_attributes
            if failed.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
                run_id = failed.new_run_id or run_id
    return run_id or None


def _of_wrapper(document: Mapping[str, Any]) -> dict[str, str]:
    """Ids that exporters other than ours put beside the events."""
    found: dict[str, str] = {}
    for holder in (document.get("workflowExecution"), document):
        if not isinstance(holder, Mapping):
            continue
        for name, keys in _WRAPPER_KEYS.items():
            for value in map(holder.get, keys):
                if isinstance(value, str) and value:
                    found.setdefault(name, value)
    return found


def _of_fixture(written: object) -> dict[str, Any]:
    if not isinstance(written, dict):
        raise Fault(f"expected an object, got {kind_of(written)}")
    version = written.get("formatVersion")
    if isinstance(version, bool) or not isinstance(version, int):
        raise Fault(f"expected an integer, got {kind_of(version)}").at("formatVersion")
    if version != FORMAT_VERSION:
        raise Fault(
            f"this is fixture format {version}; this replaykit reads format {FORMAT_VERSION}",
            cure=f"Upgrade to a temporal-replaykit that reads fixture format {version}",
        ).at("formatVersion")
    known: dict[str, Any] = {}
    for key, name in _TEXTS.items():
        value = written.get(key)
        if value is not None:
            if not isinstance(value, str):
                raise Fault(f"expected a string or null, got {kind_of(value)}").at(key)
            known[name] = value
    status = written.get("status")
    if status is not None:
        known["status"] = _one_of(status, STATUSES, "status")
    source = written.get("source")
    if source is not None:
        known["source"] = Source(_one_of(source, {item.value for item in Source}, "source"))
    captured_at = written.get("capturedAt")
    if captured_at is not None:
        known["captured_at"] = _time(captured_at)
    redacted = written.get("redacted", False)
    if not isinstance(redacted, bool):
        raise Fault(f"expected true or false, got {kind_of(redacted)}").at("redacted")
    known["redacted"] = redacted
    known["requires"] = _requires(written.get("requires", []))
    return known


def _requires(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Fault(f"expected a list of strings, got {kind_of(value)}").at("requires")
    for entry in value:
        if not isinstance(entry, str):
            raise Fault(f"expected a list of strings, got {kind_of(entry)} in it").at("requires")
    return tuple(value)


def _one_of(value: object, choices: set[str] | frozenset[str], key: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise Fault(f"expected one of {', '.join(sorted(choices))}, got {kind_of(value)}").at(key)
    return value


def _time(value: object) -> datetime:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        if match is not None:
            return datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=timezone.utc)
    except ValueError:
        pass
    raise Fault(f'expected a UTC time such as "2026-01-01T00:00:00Z", got {kind_of(value)}').at("capturedAt")
