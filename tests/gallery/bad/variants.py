"""BadWorkflow in seven variants: each asks the world outside instead of Temporal.

They ran on a worker without the sandbox, which lets everything pass. Under the sandbox, which is the
default of workers and of replays, each is stopped at its call.
"""
# ruff: noqa: ASYNC210, ASYNC230, ASYNC251  what this module is there to do wrong

from __future__ import annotations

import os
import random
import time
import urllib.request
import uuid
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import RED_FIXTURES, Scenario, WorkerSetup, workflow_type_of


@activity.defn
async def report(finding: str) -> str:
    return finding


async def _report(finding: object) -> str:
    return await workflow.execute_activity(report, str(finding), start_to_close_timeout=timedelta(seconds=10))


@workflow.defn(name="BadWorkflow.random")
class BadRandomWorkflow:
    @workflow.run
    async def run(self) -> str:
        return await _report(random.randint(1, 6))


@workflow.defn(name="BadWorkflow.clock")
class BadClockWorkflow:
    @workflow.run
    async def run(self) -> str:
        return await _report(datetime.now())


@workflow.defn(name="BadWorkflow.file")
class BadFileWorkflow:
    @workflow.run
    async def run(self) -> str:
        with open(__file__, encoding="utf-8") as file:  # noqa: PTH123  the builtin is the point
            return await _report(file.readline())


@workflow.defn(name="BadWorkflow.http")
class BadHttpWorkflow:
    @workflow.run
    async def run(self) -> str:
        with urllib.request.urlopen("data:text/plain,42") as answer:
            return await _report(answer.read())


@workflow.defn(name="BadWorkflow.sleep")
class BadSleepWorkflow:
    @workflow.run
    async def run(self) -> str:
        time.sleep(0.01)
        return await _report("slept")


@workflow.defn(name="BadWorkflow.uuid")
class BadUuidWorkflow:
    @workflow.run
    async def run(self) -> str:
        return await _report(uuid.uuid4())


@workflow.defn(name="BadWorkflow.environment")
class BadEnvironmentWorkflow:
    @workflow.run
    async def run(self) -> str:
        return await _report(os.environ["PATH"][:0])


CALLS: dict[type[Any], str] = {
    BadRandomWorkflow: "random.randint",
    BadClockWorkflow: "datetime.datetime.now",
    BadFileWorkflow: "open",
    BadHttpWorkflow: "urllib.request.urlopen",
    BadSleepWorkflow: "time.sleep",
    BadUuidWorkflow: "uuid.uuid4",
    BadEnvironmentWorkflow: "os.environ.PATH",
}
"""What the sandbox names when it stops each."""

_WORKER = WorkerSetup(task_queue="bad", workflows=tuple(CALLS), activities=(report,), sandboxed=False)

SCENARIOS = tuple(
    Scenario(
        name=workflow_type_of(bad).replace("BadWorkflow.", "bad-"),
        workflow=bad,
        workers=(_WORKER,),
        folder=RED_FIXTURES,
    )
    for bad in CALLS
)
