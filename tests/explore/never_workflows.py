"""Workflows that wait for what never answers."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address
from typing import NoReturn

from temporalio import activity, workflow
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError
from typing_extensions import Never

SOON = timedelta(seconds=10)


@activity.defn
async def always_fails(item: str) -> NoReturn:
    raise RuntimeError(item)


@activity.defn
async def polls() -> Never:
    while True:
        activity.heartbeat()


@workflow.defn
class Compensates:
    @workflow.run
    async def run(self, item: str) -> str:
        try:
            await workflow.execute_activity(always_fails, item, start_to_close_timeout=SOON)
        except ActivityError:
            return "compensated"


@workflow.defn
class CompensatesLocally:
    @workflow.run
    async def run(self, item: str) -> str:
        try:
            await workflow.execute_local_activity(always_fails, item, start_to_close_timeout=SOON)
        except ApplicationError:  # as the SDK raises it there
            return "compensated"


@workflow.defn
class Polls:
    @workflow.run
    async def run(self) -> str:
        try:
            await workflow.execute_activity(polls, start_to_close_timeout=SOON)
        except ActivityError:
            return "stopped"


@workflow.defn
class ForEver:
    @workflow.run
    async def run(self) -> NoReturn:
        while True:
            await workflow.sleep(SOON)


@workflow.defn
class Watches:
    @workflow.run
    async def run(self) -> str:
        try:
            await workflow.execute_child_workflow(ForEver.run)
        except ChildWorkflowError:
            return "it ended"


@workflow.defn
class Connects:
    @workflow.run
    async def run(self, host: IPv4Address) -> str:
        return str(host)
