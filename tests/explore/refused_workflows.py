"""What code can ask a service for that it takes, and that it refuses: both sides of each limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import (
    Priority,
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)

__all__ = ["ENDPOINT", "REFUSED", "TAKEN", "AsksFor"]

ENDPOINT = "explored"
"""A Nexus endpoint that the real service is to have."""
_SOON = timedelta(seconds=5)
_BEFORE = timedelta(seconds=-2)
_LONG = "x" * 1001
_HUGE = "x" * 2_100_000


def _activity(name: str = "work", *args: Any, **options: Any) -> Awaitable[Any]:
    return workflow.execute_activity(name, args=args, **{"start_to_close_timeout": _SOON, **options})


def _child(name: str = "Child", *args: Any, **options: Any) -> Awaitable[Any]:
    return workflow.execute_child_workflow(name, args=args, **options)


async def _twice(**options: Any) -> None:
    await asyncio.gather(_activity(activity_id="one"), _activity(activity_id="one", **options))


def _other(workflow_id: str = "other", run_id: str | None = None) -> Any:
    return workflow.get_external_workflow_handle(workflow_id, run_id=run_id)


async def _again(**options: Any) -> None:
    workflow.continue_as_new("waits", **options)


def _nexus(
    argument: str = "x", *, endpoint: str = ENDPOINT, operation: str = "do", **options: Any
) -> Awaitable[Any]:
    client = workflow.create_nexus_client(service=options.pop("service", "shop"), endpoint=endpoint)
    return client.execute_operation(operation, argument, **options)


async def _many_nexus(count: int) -> None:
    await asyncio.gather(*(_nexus() for _ in range(count)))


def _attributes(name: str, value: str) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_keyword(name), value)])


async def _upsert(name: str, value: str) -> None:
    workflow.upsert_search_attributes([SearchAttributeKey.for_keyword(name).value_set(value)])
    await workflow.sleep(60)


async def _memo(text: str) -> None:
    workflow.upsert_memo({"note": text})
    await workflow.sleep(60)


async def _result(text: str) -> str:
    return text


def _policy(name: str) -> RetryPolicy:
    return RetryPolicy(non_retryable_error_types=[name])


_Ask = Callable[[], Awaitable[Any]]
_ACTIVITY = "ActivityTaskScheduled"
_CHILD = "StartChildWorkflowExecutionInitiated"
_SIGNAL = "SignalExternalWorkflowExecutionInitiated"
_CANCEL = "RequestCancelExternalWorkflowExecutionInitiated"
_NEXUS = "NexusOperationScheduled"
_UPSERT = "UpsertWorkflowSearchAttributes"
_NEXT = "WorkflowExecutionContinuedAsNew"

REFUSED: Mapping[str, tuple[_Ask, str]] = {
    "no activity type": (lambda: _activity(""), f"{_ACTIVITY} without an activity type"),
    "long activity type": (
        lambda: _activity(_LONG),
        f"{_ACTIVITY} with an activity type of 1,001 bytes; a service takes 1,000 at most",
    ),
    "activity type of letters that take two bytes": (
        lambda: _activity("\N{LATIN SMALL LETTER E WITH ACUTE}" * 501),
        f"{_ACTIVITY} with an activity type of 1,002 bytes",
    ),
    "long activity id": (
        lambda: _activity(activity_id=_LONG),
        f"{_ACTIVITY} with an activity id of 1,001 bytes",
    ),
    "activity id twice": (_twice, f"{_ACTIVITY} with the id 'one' of one that is open"),
    "long task queue": (
        lambda: _activity(task_queue=_LONG),
        f"{_ACTIVITY} with the name of a task queue of 1,001 bytes",
    ),
    "task queue of the service": (
        lambda: _activity(task_queue="/_sys/mine"),
        f"{_ACTIVITY} on the task queue '/_sys/mine'",
    ),
    "start to close": (
        lambda: _activity(start_to_close_timeout=_BEFORE),
        f"{_ACTIVITY} with a negative start to close timeout (-2 s)",
    ),
    "schedule to close": (
        lambda: _activity(schedule_to_close_timeout=_BEFORE),
        f"{_ACTIVITY} with a negative schedule to close timeout",
    ),
    "schedule to start": (
        lambda: _activity(schedule_to_start_timeout=_BEFORE),
        f"{_ACTIVITY} with a negative schedule to start timeout",
    ),
    "heartbeat": (
        lambda: _activity(heartbeat_timeout=timedelta(milliseconds=-500)),
        f"{_ACTIVITY} with a negative heartbeat timeout (-0.5 s)",
    ),
    "activity's retry policy": (
        lambda: _activity(retry_policy=_policy("TemporalTimeout:Never")),
        f"{_ACTIVITY} with a retry policy that names no kind of timeout in 'TemporalTimeout:Never'",
    ),
    "fairness key": (
        lambda: _activity(priority=Priority(fairness_key="x" * 65)),
        f"{_ACTIVITY} with a fairness key of 65 bytes",
    ),
    "large arguments": (
        lambda: _activity("work", _HUGE),
        f"{_ACTIVITY} with arguments of 2,100,036 bytes; a service takes 2,097,152 at most",
    ),
    "no child type": (lambda: _child(""), f"{_CHILD} without a workflow type"),
    "long child type": (lambda: _child(_LONG), f"{_CHILD} with a workflow type of 1,001 bytes"),
    "long child id": (lambda: _child(id=_LONG), f"{_CHILD} with a workflow id of 1,001 bytes"),
    "child's task queue": (lambda: _child(task_queue="/_sys/x"), f"{_CHILD} on the task queue '/_sys/x'"),
    "child's execution timeout": (
        lambda: _child(execution_timeout=_BEFORE),
        f"{_CHILD} with a negative execution timeout",
    ),
    "child's run timeout": (lambda: _child(run_timeout=_BEFORE), f"{_CHILD} with a negative run timeout"),
    "child's task timeout": (lambda: _child(task_timeout=_BEFORE), f"{_CHILD} with a negative task timeout"),
    "child's cron": (
        lambda: _child(cron_schedule="every morning"),
        f"{_CHILD} with the cron schedule 'every morning': it has 2 fields, and takes five",
    ),
    "child's retry policy": (
        lambda: _child(retry_policy=_policy("TemporalTimeout:")),
        f"{_CHILD} with a retry policy",
    ),
    "child's search attribute": (
        lambda: _child(search_attributes=_attributes("CustomKeywordField", "x" * 3000)),
        f"{_CHILD} with a value of search attribute CustomKeywordField of 3,002 bytes",
    ),
    "child's memo": (lambda: _child(memo={"note": _HUGE}), f"{_CHILD} with a memo of 2,100,"),
    "no signal name": (lambda: _other().signal(""), f"{_SIGNAL} without a signal name"),
    "signal to nobody": (lambda: _other("").signal("go"), f"{_SIGNAL} without a workflow id"),
    "signal to a long id": (
        lambda: _other(_LONG).signal("go"),
        f"{_SIGNAL} with a workflow id of 1,001 bytes",
    ),
    "signal to no run": (
        lambda: _other(run_id="last").signal("go"),
        f"{_SIGNAL} with 'last' for a run id, which is no UUID",
    ),
    "large signal": (lambda: _other().signal("go", _HUGE), f"{_SIGNAL} with arguments of 2,100,036 bytes"),
    "cancel of nobody": (lambda: _other("").cancel(), f"{_CANCEL} without a workflow id"),
    "cancel of a long id": (lambda: _other(_LONG).cancel(), f"{_CANCEL} with a workflow id of 1,001 bytes"),
    "cancel of no run": (lambda: _other(run_id="x").cancel(), f"{_CANCEL} with 'x' for a run id"),
    "no endpoint": (lambda: _nexus(endpoint=""), f"{_NEXUS} without an endpoint"),
    "long operation": (
        lambda: _nexus(operation=_LONG),
        f"{_NEXUS} with the name of an operation of 1,001 bytes",
    ),
    "long service": (lambda: _nexus(service=_LONG), f"{_NEXUS} with the name of a service of 1,001 bytes"),
    "operation's timeout": (
        lambda: _nexus(schedule_to_close_timeout=_BEFORE),
        f"{_NEXUS} with a negative schedule to close timeout",
    ),
    "large header": (lambda: _nexus(headers={"a": "x" * 9000}), f"{_NEXUS} with headers of 9,001 bytes"),
    "header of the service": (
        lambda: _nexus(headers={"Request-Timeout": "1s"}),
        f"{_NEXUS} with the header 'Request-Timeout'",
    ),
    "large operation": (lambda: _nexus(_HUGE), f"{_NEXUS} with an argument of 2,100,03"),
    "many operations": (
        lambda: _many_nexus(31),
        f"{_NEXUS} while 30 Nexus operations are open, which is the most",
    ),
    "system attribute": (
        lambda: _upsert("WorkflowType", "x"),
        f"{_UPSERT} with the search attribute WorkflowType, which only the service itself sets",
    ),
    "large attribute": (
        lambda: _upsert("CustomKeywordField", "x" * 3000),
        f"{_UPSERT} with a value of search attribute CustomKeywordField of 3,002 bytes",
    ),
    "large memo": (lambda: _memo(_HUGE), "WorkflowPropertiesModified with a memo of 2,100,"),
    "next type": (lambda: _again(workflow=_LONG), f"{_NEXT} with a workflow type of 1,001 bytes"),
    "next task queue": (lambda: _again(task_queue="/_sys/x"), f"{_NEXT} on the task queue '/_sys/x'"),
    "next run timeout": (lambda: _again(run_timeout=_BEFORE), f"{_NEXT} with a negative run timeout"),
    "next task timeout": (lambda: _again(task_timeout=_BEFORE), f"{_NEXT} with a negative task timeout"),
    "large next": (lambda: _again(memo={"note": _HUGE}), f"{_NEXT} with a memo of 2,100,"),
    "large result": (lambda: _result(_HUGE), "WorkflowExecutionCompleted with a result of 2,100,03"),
}
"""By name, what to ask for, and what the refusal says."""

TAKEN: Mapping[str, _Ask] = {
    "activity type of 1,000": lambda: _activity("x" * 1000),
    "blank activity type": lambda: _activity(" "),
    "no activity id": lambda: _activity(activity_id=""),
    "no task queue": lambda: _activity(task_queue=""),
    "long timeout": lambda: _activity(start_to_close_timeout=timedelta(days=146_000)),
    "large enough arguments": lambda: _activity("work", "x" * 1_900_000),
    "retry policy": lambda: _activity(retry_policy=_policy("TemporalTimeout:Heartbeat")),
    "no child id": lambda: _child(id=""),
    "long signal name": lambda: _other().signal(_LONG),
    "operation of no service": lambda: _nexus(service=""),
    "operations": lambda: _many_nexus(30),
    "no timer": lambda: workflow.sleep(0),
    "long timer": lambda: workflow.sleep(timedelta(days=146_000)),
}
_WAITS: Mapping[str, _Ask] = {"waits": lambda: workflow.sleep(3600)}


@workflow.defn(sandboxed=False)
class AsksFor:
    @workflow.run
    async def run(self, name: str) -> Any:
        asks = {**{key: ask for key, (ask, _) in REFUSED.items()}, **TAKEN, **_WAITS}
        return await asks[name]()
