"""Commands that a Temporal service refuses: it fails the workflow task, and the run is stuck there.

Each row was tried on a real service (server 1.32, its default limits). What is not known here, such as which
search attributes and Nexus endpoints are registered, is taken to be in order. What the SDK itself refuses
before (a timer of negative length, an activity without any timeout) is raised at the code's own line.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Memo, Payload, Payloads
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause

from replaykit.replay import kinds
from replaykit.replay.commands import Command
from replaykit.replay.cron_schedules import what_is_wrong
from replaykit.verdict import SourceLine

__all__ = ["Refusal", "refusal_of", "too_many"]

_MOST_BYTES = 1_000
"""Of an id, a type or a task queue's name."""
_MOST_FAIRNESS_BYTES = 64
_MOST_PAYLOAD_BYTES = 2 * 1024 * 1024
_MOST_ATTRIBUTE_BYTES = 2 * 1024
_MOST_NEXUS_HEADER_BYTES = 8 * 1024
_TIMEOUT_NAME = "TemporalTimeout:"
_TIMEOUT_NAMES = frozenset({"StartToClose", "ScheduleToStart", "ScheduleToClose", "Heartbeat"})
_SYSTEM_ATTRIBUTES = frozenset(
    {
        "CloseTime",
        "ExecutionDuration",
        "ExecutionStatus",
        "ExecutionTime",
        "HistoryLength",
        "HistorySizeBytes",
        "ParentRunId",
        "ParentWorkflowId",
        "RootRunId",
        "RootWorkflowId",
        "RunId",
        "StartTime",
        "StateTransitionCount",
        "TaskQueue",
        "WorkflowId",
        "WorkflowType",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A command that a service refuses."""

    event: str
    """The event that would have recorded it, such as `ActivityTaskScheduled`."""
    what: str
    """What is wrong with it, to follow the event's name: "without an activity type"."""
    cause: str
    """Name of the cause that WorkflowTaskFailed gives, without its prefix."""
    source: SourceLine | None = None
    """The line that asked for the command, its file as the interpreter knows it."""

    def __str__(self) -> str:
        return f"a service refuses it: {self.event} {self.what}"

    @property
    def cause_number(self) -> WorkflowTaskFailedCause.ValueType:
        """The cause as events hold it; a bad command of the worker where this release knows no such one."""
        name = f"WORKFLOW_TASK_FAILED_CAUSE_{self.cause}"
        if name not in WorkflowTaskFailedCause.keys():  # noqa: SIM118  # an enum, no dictionary
            name = "WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE"
        return WorkflowTaskFailedCause.Value(name)


_Check = Callable[[Any], "str | None"]
"""What is wrong with a command, from the SDK's message of its kind; None for nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rules:
    """What a service checks of one kind of command."""

    cause: str
    checks: Sequence[_Check]


def _required(field: str, word: str) -> _Check:
    return lambda m: None if _text(m, field) else f"without {word}"


def _short(field: str, word: str) -> _Check:
    def check(message: Any) -> str | None:
        size = len(_text(message, field).encode())
        return _too_large(word, size, _MOST_BYTES) if size > _MOST_BYTES else None

    return check


def _too_large(word: str, size: int, most: int) -> str:
    return f"with {word} of {size:,} bytes; a service takes {most:,} at most"


def _text(message: Any, field: str) -> str:
    for name in field.split("."):
        message = getattr(message, name)
    return str(message)


def _task_queue(message: Any) -> str | None:
    if message.task_queue.startswith("/_sys/"):
        return f"on the task queue {message.task_queue!r}: names that begin with /_sys/ are the service's own"
    return _short("task_queue", "the name of a task queue")(message)


def _not_negative(*fields: str) -> _Check:
    def check(message: Any) -> str | None:
        for field in fields:
            if not hasattr(message, field):  # of a newer release
                continue
            length = getattr(message, field)
            if length.seconds < 0 or length.nanos < 0:
                seconds = length.seconds + length.nanos / 1e9
                return f"with a negative {field.removeprefix('workflow_').replace('_', ' ')} ({seconds:g} s)"
        return None

    return check


def _retry_policy(message: Any) -> str | None:
    for name in message.retry_policy.non_retryable_error_types:
        kind = name.removeprefix(_TIMEOUT_NAME)
        if name.startswith(_TIMEOUT_NAME) and kind not in _TIMEOUT_NAMES:
            known = ", ".join(sorted(_TIMEOUT_NAMES))
            return f"with a retry policy that names no kind of timeout in {name!r}; there are {known}"
    return None


def _priority(message: Any) -> str | None:
    if not hasattr(message, "priority") or not hasattr(message.priority, "fairness_key"):
        return None  # not before temporalio 1.16
    size = len(message.priority.fairness_key.encode())
    return _too_large("a fairness key", size, _MOST_FAIRNESS_BYTES) if size > _MOST_FAIRNESS_BYTES else None


def _cron(message: Any) -> str | None:
    wrong = what_is_wrong(message.cron_schedule)
    return f"with the cron schedule {message.cron_schedule!r}: {wrong}" if wrong else None


def _search_attributes(message: Any) -> str | None:
    fields: Mapping[str, Payload] = getattr(
        message.search_attributes, "indexed_fields", message.search_attributes
    )
    for name in sorted(fields):
        if name in _SYSTEM_ATTRIBUTES:
            return f"with the search attribute {name}, which only the service itself sets"
        size = len(fields[name].data)
        if size > _MOST_ATTRIBUTE_BYTES:
            return _too_large(f"a value of search attribute {name}", size, _MOST_ATTRIBUTE_BYTES)
    return None


def _execution(message: Any) -> str | None:
    """Of another workflow, unless the message goes to a child."""
    if message.HasField("workflow_execution"):
        execution = message.workflow_execution
        if not execution.workflow_id:
            return "without a workflow id"
        wrong = _short("workflow_execution.workflow_id", "a workflow id")(message)
        if wrong is None and execution.run_id and not _is_uuid(execution.run_id):
            wrong = f"with {execution.run_id!r} for a run id, which is no UUID"
        return wrong
    return None


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _nexus_header(message: Any) -> str | None:
    size = 0
    for name, value in message.nexus_header.items():
        size += len(name.encode()) + len(value.encode())
        if name.lower() == "request-timeout":
            return f"with the header {name!r}, which only the service itself sets"
    return _too_large("headers", size, _MOST_NEXUS_HEADER_BYTES) if size > _MOST_NEXUS_HEADER_BYTES else None


_RULES: Mapping[kinds.CommandKind, _Rules] = {
    kinds.SCHEDULE_ACTIVITY: _Rules(
        cause="BAD_SCHEDULE_ACTIVITY_ATTRIBUTES",
        checks=(
            _required("activity_type", "an activity type"),
            _short("activity_type", "an activity type"),
            _short("activity_id", "an activity id"),
            _task_queue,
            _not_negative(
                "schedule_to_close_timeout",
                "schedule_to_start_timeout",
                "start_to_close_timeout",
                "heartbeat_timeout",
            ),
            _retry_policy,
            _priority,
        ),
    ),
    kinds.START_CHILD_WORKFLOW: _Rules(
        cause="BAD_START_CHILD_EXECUTION_ATTRIBUTES",
        checks=(
            _required("workflow_type", "a workflow type"),
            _short("workflow_type", "a workflow type"),
            _short("workflow_id", "a workflow id"),
            _task_queue,
            _not_negative("workflow_execution_timeout", "workflow_run_timeout", "workflow_task_timeout"),
            _cron,
            _retry_policy,
            _priority,
            _search_attributes,
        ),
    ),
    kinds.SIGNAL_EXTERNAL_WORKFLOW: _Rules(
        cause="BAD_SIGNAL_WORKFLOW_EXECUTION_ATTRIBUTES",
        checks=(_execution, _required("signal_name", "a signal name")),
    ),
    kinds.REQUEST_CANCEL_EXTERNAL_WORKFLOW: _Rules(
        cause="BAD_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_ATTRIBUTES",
        checks=(_execution,),
    ),
    kinds.SCHEDULE_NEXUS_OPERATION: _Rules(
        cause="BAD_SCHEDULE_NEXUS_OPERATION_ATTRIBUTES",
        checks=(
            _required("endpoint", "an endpoint"),
            _short("service", "the name of a service"),
            _short("operation", "the name of an operation"),
            _not_negative("schedule_to_close_timeout", "schedule_to_start_timeout", "start_to_close_timeout"),
            _nexus_header,
        ),
    ),
    kinds.UPSERT_SEARCH_ATTRIBUTES: _Rules(cause="BAD_SEARCH_ATTRIBUTES", checks=(_search_attributes,)),
    kinds.CONTINUE_AS_NEW_WORKFLOW: _Rules(
        cause="BAD_CONTINUE_AS_NEW_ATTRIBUTES",
        checks=(
            _short("workflow_type", "a workflow type"),
            _task_queue,
            _not_negative("workflow_run_timeout", "workflow_task_timeout", "backoff_start_interval"),
            _retry_policy,
            _search_attributes,
        ),
    ),
}
_PAYLOADS: Mapping[kinds.CommandKind, Mapping[str, str]] = {
    kinds.SCHEDULE_ACTIVITY: {"arguments": "arguments"},
    kinds.START_CHILD_WORKFLOW: {"input": "arguments", "memo": "a memo"},
    kinds.SIGNAL_EXTERNAL_WORKFLOW: {"args": "arguments"},
    kinds.SCHEDULE_NEXUS_OPERATION: {"input": "an argument"},
    kinds.MODIFY_WORKFLOW_PROPERTIES: {"upserted_memo": "a memo"},
    kinds.CONTINUE_AS_NEW_WORKFLOW: {"arguments": "arguments", "memo": "a memo"},
    kinds.COMPLETE_WORKFLOW: {"result": "a result"},
    kinds.FAIL_WORKFLOW: {"failure": "a failure"},
}
"""By kind, its fields that hold payloads, and what they are called."""
_MOST_OPEN: Mapping[kinds.CommandKind, tuple[int, str, str]] = {
    kinds.SCHEDULE_ACTIVITY: (2_000, "activities", "PENDING_ACTIVITIES_LIMIT_EXCEEDED"),
    kinds.START_CHILD_WORKFLOW: (2_000, "child workflows", "PENDING_CHILD_WORKFLOWS_LIMIT_EXCEEDED"),
    kinds.SIGNAL_EXTERNAL_WORKFLOW: (2_000, "signals to other workflows", "PENDING_SIGNALS_LIMIT_EXCEEDED"),
    kinds.SCHEDULE_NEXUS_OPERATION: (30, "Nexus operations", "PENDING_NEXUS_OPERATIONS_LIMIT_EXCEEDED"),
}
"""By kind, how many a service lets a run have open, in words, and the cause."""


def refusal_of(command: Command, *, is_coded: bool = False) -> Refusal | None:
    """Why a service refuses a command by itself; None where it takes it.

    Args:
        command: What the code asked for.
        is_coded: Whether a codec changes its payloads before they are sent: then their size is not known.
    """
    what = None if is_coded else _too_large_a_payload(command)
    if what is not None:
        return _refused(command, what, "PAYLOADS_TOO_LARGE")
    rules = _RULES.get(command.kind)
    for check in rules.checks if rules is not None else ():
        what = check(command.body)
        if what is not None:
            assert rules is not None
            return _refused(command, what, rules.cause)
    return None


def too_many(command: Command, already_open: int, ids: Collection[str] = ()) -> Refusal | None:
    """Why a service refuses a command for what else is open in its run; None where it takes it.

    Args:
        command: What the code asked for.
        already_open: How many of its kind are open.
        ids: Those of the activities that are open.
    """
    if command.kind is kinds.SCHEDULE_ACTIVITY and command.body.activity_id in ids:
        return _refused(
            command,
            f"with the id {command.body.activity_id!r} of one that is open",
            "SCHEDULE_ACTIVITY_DUPLICATE_ID",
        )
    most, things, cause = _MOST_OPEN.get(command.kind, (0, "", ""))
    if cause and already_open >= most:
        return _refused(command, f"while {most:,} {things} are open, which is the most", cause)
    return None


def _refused(command: Command, what: str, cause: str) -> Refusal:
    name = EventType.DESCRIPTOR.values_by_number[command.kind.events[0]].name.removeprefix("EVENT_TYPE_")
    event = "".join(word.capitalize() for word in name.split("_"))
    return Refusal(event=event, what=what, cause=cause, source=command.source)


def _too_large_a_payload(command: Command) -> str | None:
    for field, word in _PAYLOADS.get(command.kind, {}).items():
        size = sum(message.ByteSize() for message in _messages(getattr(command.body, field)))
        if size > _MOST_PAYLOAD_BYTES:
            return _too_large(word, size, _MOST_PAYLOAD_BYTES)
    return None


def _messages(value: Any) -> Iterator[Message]:
    """A field of any form as messages that have a size."""
    if isinstance(value, Message):
        yield value
    elif hasattr(value, "items"):
        yield Memo(fields=value)
    else:
        yield Payloads(payloads=value)
