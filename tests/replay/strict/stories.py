"""Small workflows whose every option can be changed: the old code of a drift case, and the new.

Each function makes a workflow class; what it is not given stands as in `OPTIONS`. They run without the
sandbox, which imports classes by name.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio import activity, workflow
from temporalio.common import (
    Priority,
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.workflow import ParentClosePolicy

TASK_QUEUE = "strict"
NOBODY = "nobody-polls-this"
ENDPOINT = "strict-bank"
CUSTOMER = SearchAttributeKey.for_keyword("Customer")
PRIORITY = SearchAttributeKey.for_int("Rank")

Factory = Callable[..., type]


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def run(function: Any) -> Any:
    """`@workflow.run` for a class that a function makes; the SDK takes none but those it can find by name."""
    function.__qualname__ = function.__qualname__.rpartition("<locals>.")[2]
    return workflow.run(function)


def attributes(**values: Any) -> TypedSearchAttributes:
    keys: dict[str, SearchAttributeKey[Any]] = {"Customer": CUSTOMER, "Rank": PRIORITY}
    return TypedSearchAttributes([SearchAttributePair(keys[name], value) for name, value in values.items()])


def retry(**changed: Any) -> RetryPolicy:
    options: dict[str, Any] = {
        "initial_interval": seconds(1),
        "backoff_coefficient": 2.0,
        "maximum_interval": seconds(10),
        "maximum_attempts": 3,
        "non_retryable_error_types": ["Fatal"],
    }
    return RetryPolicy(**{**options, **changed})


@activity.defn
async def charge(*_: Any) -> str:
    return "charged"


@nexusrpc.service
class Bank:
    balance: nexusrpc.Operation[dict[str, str], int]


@service_handler(service=Bank)
class BankHandler:
    @sync_operation
    async def balance(self, _ctx: StartOperationContext, _owner: dict[str, str]) -> int:
        return 3


OPTIONS: dict[str, dict[str, Any]] = {
    "Activity": {
        "activity": "charge",
        "args": [{"amount": 10, "to": {"iban": "X1"}}, ["a", "b"]],
        "task_queue": TASK_QUEUE,
        "schedule_to_close_timeout": seconds(60),
        "schedule_to_start_timeout": seconds(30),
        "start_to_close_timeout": seconds(20),
        "heartbeat_timeout": seconds(5),
        "retry_policy": retry(),
        "activity_id": "charge-1",
        "priority": Priority(priority_key=2),
        "summary": "charge the card",
    },
    "PlainActivity": {"activity": "charge", "args": ["x"], "start_to_close_timeout": seconds(20)},
    "LocalActivity": {
        "activity": "charge",
        "args": ["x"],
        "start_to_close_timeout": seconds(20),
        "activity_id": "local-1",
    },
    "Timer": {"duration": seconds(0.05), "summary": "a breath"},
    "Cancels": {"activity": 0, "timer": 0, "child": 0},
    "CancelsActivity": {"activity": 0},
    "Parent": {
        "workflow": "Idle",
        "arg": {"order": 17},
        "id": "strict-child",
        "task_queue": TASK_QUEUE,
        "execution_timeout": seconds(100),
        "run_timeout": seconds(50),
        "task_timeout": seconds(5),
        "retry_policy": retry(),
        "parent_close_policy": ParentClosePolicy.TERMINATE,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "memo": {"note": "first"},
        "search_attributes": attributes(Customer="ada"),
        "priority": Priority(priority_key=2),
        "static_summary": "the child",
        "static_details": "long text",
    },
    "Again": {
        "args": [{"round": 1}],
        "task_queue": TASK_QUEUE,
        "run_timeout": seconds(100),
        "task_timeout": seconds(5),
        "memo": {"note": "first"},
        "search_attributes": attributes(Customer="ada"),
    },
    "Signals": {"id": "strict-listener", "run": False, "signal": "greet", "args": [{"n": 1}, "x"]},
    "SignalsChild": {"external": False},
    "CancelsExternal": {"id": "strict-listener-2", "run": False},
    "Upserts": {
        "search_attributes": [CUSTOMER.value_set("ada"), PRIORITY.value_set(1)],
        "memo": {"note": "first", "more": {"pages": 2}},
    },
    "Nexus": {
        "endpoint": ENDPOINT,
        "input": {"owner": "ada"},
        "schedule_to_close_timeout": seconds(10),
        "headers": {"X-Trace": "no"},
    },
    "Updates": {
        "answer": {"paid": 10},
        "fails": False,
        "refusal": "Broke",
        "text": "no money",
        "details": [1],
    },
    "Result": {"result": {"total": 10, "lines": [1, 2]}},
    "Failure": {
        "message": "out of stock",
        "type": "OutOfStock",
        "non_retryable": True,
        "details": [{"sku": 1}],
        "cause": "empty shelf",
    },
    "Patched": {"deprecated": False},
    "Waiting": {"then": None},
    "Abandons": {"cancels": False},
    "ExecutionTimeout": {"execution_timeout": seconds(100), "run_timeout": None, "task_timeout": None},
    "ActivityTotal": {
        "schedule_to_close_timeout": seconds(60),
        "start_to_close_timeout": None,
        "heartbeat_timeout": None,
        "retry_policy": RetryPolicy(initial_interval=seconds(1)),
    },
}

HAS_SIGNAL_WITH_START = hasattr(workflow, "signal_with_start_workflow")
"""temporalio 1.35: so have child versions and event groups."""
if HAS_SIGNAL_WITH_START:
    OPTIONS |= {
        "SignalsWithStart": {
            "workflow": "Idle",
            "id": "strict-signalled",
            "arg": {"order": 17},
            "signal": "greet",
            "signal_args": [{"n": 1}, "x"],
            "memo": {"note": "first"},
            "search_attributes": attributes(Customer="ada"),
            "execution_timeout": seconds(100),
            "static_summary": "the other",
        },
        "Versions": {"override": "pinned", "version": "v1"},
        "Groups": {"id": "paying", "label": "Paying"},
    }


def story(name: str, **changed: Any) -> type:
    """The workflow class of a story, some of its options changed."""
    unknown = changed.keys() - OPTIONS[name].keys() - _MORE
    assert not unknown, unknown
    made: type = _FACTORIES[name](**{**OPTIONS[name], **changed})
    return made


_MORE = {"cron_schedule", "initial_versioning_behavior", "retry_policy", "workflow"}


def _activity(**options: Any) -> type:
    @workflow.defn(name="Activity", sandboxed=False)
    class Activity:
        @run
        async def run(self) -> str:
            return str(await workflow.execute_activity(**options))

    return Activity


def _plain_activity(**options: Any) -> type:
    @workflow.defn(name="PlainActivity", sandboxed=False)
    class PlainActivity:
        @run
        async def run(self) -> str:
            return str(await workflow.execute_activity(**options))

    return PlainActivity


def _local_activity(**options: Any) -> type:
    @workflow.defn(name="LocalActivity", sandboxed=False)
    class LocalActivity:
        @run
        async def run(self) -> str:
            return str(await workflow.execute_local_activity(**options))

    return LocalActivity


def _timer(**options: Any) -> type:
    @workflow.defn(name="Timer", sandboxed=False)
    class Timer:
        @run
        async def run(self) -> None:
            await workflow.sleep(options["duration"], summary=options["summary"])

    return Timer


def _cancels(**options: Any) -> type:
    @workflow.defn(name="Cancels", sandboxed=False)
    class Cancels:
        """Starts two of each, cancels one of each."""

        @run
        async def run(self) -> None:
            activities: list[Any] = [
                workflow.start_activity(
                    "charge", n, task_queue=NOBODY, start_to_close_timeout=seconds(9), activity_id=f"a{n}"
                )
                for n in range(2)
            ]
            timers: list[Any] = [asyncio.create_task(workflow.sleep(seconds(60 + n))) for n in range(2)]
            children: list[Any] = [
                await workflow.start_child_workflow("Idle", id=f"strict-idle-{n}", task_queue=NOBODY)
                for n in range(2)
            ]
            await workflow.sleep(seconds(0.01))
            activities[options["activity"]].cancel()
            timers[options["timer"]].cancel()
            children[options["child"]].cancel()
            for _ in range(3):
                await asyncio.sleep(0)  # the tasks see to it, and the workflow ends within the same task

    return Cancels


def _cancels_activity(**options: Any) -> type:
    @workflow.defn(name="CancelsActivity", sandboxed=False)
    class CancelsActivity:
        """Goes on after the cancellation, so that its end is recorded too."""

        @run
        async def run(self) -> None:
            activities: list[Any] = [
                workflow.start_activity("charge", n, task_queue=NOBODY, start_to_close_timeout=seconds(9))
                for n in range(2)
            ]
            await workflow.sleep(seconds(0.01))
            activities[options["activity"]].cancel()
            await workflow.sleep(seconds(0.05))

    return CancelsActivity


def _parent(**options: Any) -> type:
    @workflow.defn(name="Parent", sandboxed=False)
    class Parent:
        @run
        async def run(self) -> str:
            return str(await workflow.execute_child_workflow(**options))

    return Parent


def _again(**options: Any) -> type:
    @workflow.defn(name="Again", sandboxed=False)
    class Again:
        @run
        async def run(self, given: Any = None) -> str:
            if given is None:
                workflow.continue_as_new(**options)
            return "done"

    return Again


def _again_plainly(**options: Any) -> type:
    @workflow.defn(name="AgainPlainly", sandboxed=False)
    class AgainPlainly:
        """Asks for nothing but the next round: Core and the service fill in the rest."""

        @run
        async def run(self, given: Any = None) -> str:
            if given is None:
                workflow.upsert_search_attributes([PRIORITY.value_set(7), CUSTOMER.value_unset()])
                workflow.upsert_memo({"more": 1})
                workflow.patched("new-way")
                workflow.continue_as_new(1)
            return "done"

    return AgainPlainly


def _signals(**options: Any) -> type:
    @workflow.defn(name="Signals", sandboxed=False)
    class Signals:
        @run
        async def run(self, run_id: str) -> None:
            given = run_id if options["run"] else None
            handle = workflow.get_external_workflow_handle(options["id"], run_id=given)
            await handle.signal(options["signal"], args=options["args"])

    return Signals


def _signals_child(**options: Any) -> type:
    @workflow.defn(name="SignalsChild", sandboxed=False)
    class SignalsChild:
        @run
        async def run(self) -> None:
            child: Any = await workflow.start_child_workflow("Idle", id="strict-idle-s", task_queue=NOBODY)
            if options["external"]:
                child = workflow.get_external_workflow_handle("strict-idle-s")
            await child.signal("greet", 1)

    return SignalsChild


def _cancels_external(**options: Any) -> type:
    @workflow.defn(name="CancelsExternal", sandboxed=False)
    class CancelsExternal:
        @run
        async def run(self, run_id: str) -> None:
            given = run_id if options["run"] else None
            await workflow.get_external_workflow_handle(options["id"], run_id=given).cancel()

    return CancelsExternal


def _upserts(**options: Any) -> type:
    @workflow.defn(name="Upserts", sandboxed=False)
    class Upserts:
        @run
        async def run(self) -> None:
            workflow.upsert_search_attributes(options["search_attributes"])
            workflow.upsert_memo(options["memo"])

    return Upserts


def _nexus(**options: Any) -> type:
    @workflow.defn(name="Nexus", sandboxed=False)
    class Nexus:
        @run
        async def run(self) -> int:
            bank = workflow.create_nexus_client(service=Bank, endpoint=options["endpoint"])
            return await bank.execute_operation(
                Bank.balance,
                options["input"],
                schedule_to_close_timeout=options["schedule_to_close_timeout"],
                headers=options["headers"],
            )

    return Nexus


def _updates(**options: Any) -> type:
    @workflow.defn(name="Updates", sandboxed=False)
    class Updates:
        def __init__(self) -> None:
            self.done = False

        @run
        async def run(self) -> None:
            await workflow.wait_condition(lambda: self.done)

        @workflow.update
        async def pay(self) -> Any:
            if options["fails"]:
                raise ApplicationError("cannot")
            return options["answer"]

        @workflow.update
        async def refuse(self) -> None:
            self.done = True
            raise ApplicationError(options["text"], *options["details"], type=options["refusal"])

    return Updates


def _result(**options: Any) -> type:
    @workflow.defn(name="Result", sandboxed=False)
    class Result:
        @run
        async def run(self) -> Any:
            return options["result"]

    return Result


def _failure(**options: Any) -> type:
    @workflow.defn(name="Failure", sandboxed=False)
    class Failure:
        @run
        async def run(self) -> None:
            raise ApplicationError(
                options["message"],
                *options["details"],
                type=options["type"],
                non_retryable=options["non_retryable"],
            ) from ValueError(options["cause"])

    return Failure


def _patched(**options: Any) -> type:
    @workflow.defn(name="Patched", sandboxed=False)
    class Patched:
        @run
        async def run(self) -> None:
            if options["deprecated"]:
                workflow.deprecate_patch("new-way")
            else:
                workflow.patched("new-way")
            await workflow.sleep(seconds(0.01))

    return Patched


def _waiting(**options: Any) -> type:
    @workflow.defn(name="Waiting", sandboxed=False)
    class Waiting:
        """Never ends by itself: its history stays open."""

        @run
        async def run(self) -> Any:
            await workflow.execute_activity("charge", start_to_close_timeout=seconds(9))
            if options["then"] is not None:
                await options["then"]()
                return "over"
            return await workflow.wait_condition(lambda: False)

    return Waiting


def _abandons(**options: Any) -> type:
    @workflow.defn(name="Abandons", sandboxed=False)
    class Abandons:
        """Leaves an activity that no worker takes; to cancel it sends nothing to the service."""

        @run
        async def run(self) -> None:
            left: Any = workflow.start_activity(
                "charge",
                task_queue=NOBODY,
                schedule_to_close_timeout=timedelta(days=1),
                cancellation_type=workflow.ActivityCancellationType.ABANDON,
            )
            await workflow.execute_activity("charge", start_to_close_timeout=seconds(9))
            if options["cancels"]:
                left.cancel()
            await workflow.wait_condition(lambda: False)

    return Abandons


ACTIVITY_TIMEOUTS: list[dict[str, Any]] = [
    {"schedule_to_close_timeout": seconds(60)},
    {"start_to_close_timeout": seconds(60)},
    {
        "schedule_to_close_timeout": seconds(10),
        "schedule_to_start_timeout": seconds(15),
        "start_to_close_timeout": seconds(20),
    },
    {"schedule_to_start_timeout": seconds(50), "start_to_close_timeout": seconds(5)},
    {"start_to_close_timeout": seconds(20), "heartbeat_timeout": seconds(100)},
    {"schedule_to_close_timeout": seconds(3), "heartbeat_timeout": seconds(9)},
    {"start_to_close_timeout": seconds(2), "retry_policy": RetryPolicy()},
    {
        "start_to_close_timeout": seconds(2),
        "retry_policy": RetryPolicy(initial_interval=seconds(5), backoff_coefficient=1.5),
    },
    {"start_to_close_timeout": seconds(1.234567), "retry_policy": RetryPolicy(maximum_attempts=1)},
]
CHILD_TIMEOUTS: list[dict[str, Any]] = [
    {},
    {"execution_timeout": seconds(10)},
    {"run_timeout": seconds(20)},
    {"execution_timeout": seconds(10), "run_timeout": seconds(20)},
    {"execution_timeout": seconds(500), "task_timeout": seconds(300)},
    {"run_timeout": seconds(4), "task_timeout": seconds(9)},
    {"run_timeout": seconds(4)},
    {"retry_policy": RetryPolicy()},
    {"retry_policy": RetryPolicy(initial_interval=seconds(5), maximum_attempts=2)},
    {"memo": {}, "search_attributes": TypedSearchAttributes([])},
]


def _capped_activities(**_: Any) -> type:
    @workflow.defn(name="CappedActivities", sandboxed=False)
    class CappedActivities:
        """Asks for more than the run has, and leaves out what can be left out."""

        @run
        async def run(self) -> None:
            for options in ACTIVITY_TIMEOUTS:
                await workflow.execute_activity("charge", **options)

    return CappedActivities


def _capped_children(**_: Any) -> type:
    @workflow.defn(name="CappedChildren", sandboxed=False)
    class CappedChildren:
        @run
        async def run(self) -> None:
            for options in CHILD_TIMEOUTS:
                await workflow.execute_child_workflow("Idle", **options)

    return CappedChildren


def _capped_again(**_: Any) -> type:
    @workflow.defn(name="CappedAgain", sandboxed=False)
    class CappedAgain:
        """What is left of its execution is less than the next run is given."""

        @run
        async def run(self, given: Any = None) -> str:
            if given is None:
                await workflow.sleep(seconds(0.3))
                workflow.continue_as_new(1, run_timeout=seconds(90), task_timeout=seconds(300))
            return "done"

    return CappedAgain


def _capped_nexus(**_: Any) -> type:
    @workflow.defn(name="CappedNexus", sandboxed=False)
    class CappedNexus:
        @run
        async def run(self) -> None:
            bank = workflow.create_nexus_client(service=Bank, endpoint=ENDPOINT)
            await bank.execute_operation(Bank.balance, {"owner": "ada"})
            for timeout in (5, 500):
                await bank.execute_operation(
                    Bank.balance, {"owner": "ada"}, schedule_to_close_timeout=seconds(timeout)
                )

    return CappedNexus


def _execution_timeout(**options: Any) -> type:
    @workflow.defn(name="ExecutionTimeout", sandboxed=False)
    class ExecutionTimeout:
        """Its child's run timeout is for the service to fill in."""

        @run
        async def run(self) -> str:
            return str(await workflow.execute_child_workflow("Idle", 1, id="strict-timed", **options))

    return ExecutionTimeout


def _activity_total(**options: Any) -> type:
    @workflow.defn(name="ActivityTotal", sandboxed=False)
    class ActivityTotal:
        """Its activity's other timeouts are for the service to fill in."""

        @run
        async def run(self) -> str:
            return str(await workflow.execute_activity("charge", **options))

    return ActivityTotal


def _signals_with_start(**options: Any) -> type:
    @workflow.defn(name="SignalsWithStart", sandboxed=False)
    class SignalsWithStart:
        @run
        async def run(self) -> None:
            more = {key: value for key, value in options.items() if key not in ("workflow", "arg")}
            await workflow.signal_with_start_workflow(
                options["workflow"], options["arg"], task_queue=TASK_QUEUE, **more
            )

    return SignalsWithStart


def _versions(**options: Any) -> type:
    from temporalio.common import (
        AutoUpgradeVersioningOverride,
        PinnedVersioningOverride,
        WorkerDeploymentVersion,
    )

    version = WorkerDeploymentVersion(deployment_name="shop", build_id=options["version"])
    override = {
        "pinned": PinnedVersioningOverride(version),
        "auto_upgrade": AutoUpgradeVersioningOverride(),
        None: None,
    }[options["override"]]

    @workflow.defn(name="Versions", sandboxed=False)
    class Versions:
        @run
        async def run(self) -> None:
            with contextlib.suppress(FailureError):  # no worker has that version
                await workflow.start_child_workflow(
                    "Idle", 1, id="strict-versioned", versioning_override=override
                )

    return Versions


def _groups(**options: Any) -> type:
    @workflow.defn(name="Groups", sandboxed=False)
    class Groups:
        @run
        async def run(self) -> None:
            with workflow.create_event_group(options["id"], label=options["label"]).scope():
                await workflow.execute_activity("charge", start_to_close_timeout=seconds(9))
                workflow.upsert_memo({"note": "first"})

    return Groups


_FACTORIES: dict[str, Factory] = {
    "Activity": _activity,
    "PlainActivity": _plain_activity,
    "LocalActivity": _local_activity,
    "Timer": _timer,
    "Cancels": _cancels,
    "CancelsActivity": _cancels_activity,
    "Parent": _parent,
    "Again": _again,
    "AgainPlainly": _again_plainly,
    "Signals": _signals,
    "SignalsChild": _signals_child,
    "CancelsExternal": _cancels_external,
    "Upserts": _upserts,
    "Nexus": _nexus,
    "Updates": _updates,
    "Result": _result,
    "Failure": _failure,
    "Patched": _patched,
    "Waiting": _waiting,
    "Abandons": _abandons,
    "CappedActivities": _capped_activities,
    "CappedChildren": _capped_children,
    "CappedAgain": _capped_again,
    "CappedNexus": _capped_nexus,
    "ExecutionTimeout": _execution_timeout,
    "ActivityTotal": _activity_total,
    "SignalsWithStart": _signals_with_start,
    "Versions": _versions,
    "Groups": _groups,
}
OPTIONS["AgainPlainly"] = {}
OPTIONS |= {name: {} for name in ("CappedActivities", "CappedChildren", "CappedAgain", "CappedNexus")}


@workflow.defn(name="Idle", sandboxed=False)
class Idle:
    """A child that ends at once."""

    @workflow.run
    async def run(self, given: Any = None) -> str:
        return "idle"


@workflow.defn(name="Listener", sandboxed=False)
class Listener:
    """A workflow to signal and to cancel."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
