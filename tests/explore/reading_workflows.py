"""Workflows whose way depends on how they were started, each before and after a change to that way alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, SearchAttributeKey

TIMEOUT = timedelta(seconds=10)
REGION = SearchAttributeKey.for_keyword("Region")
SCHEDULED = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")


async def act(name: str) -> None:
    await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)


@workflow.defn
class Suggested:
    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            await act("page")
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new()


@workflow.defn(name="Suggested")
class SuggestedNew:
    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            await act("page")
            if workflow.info().is_continue_as_new_suggested():
                await act("save")
                workflow.continue_as_new()


@workflow.defn
class Redeployed:
    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            await act("page")
            if workflow.info().is_target_worker_deployment_version_changed():
                workflow.continue_as_new()


@workflow.defn(name="Redeployed")
class RedeployedNew:
    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            await act("page")
            if workflow.info().is_target_worker_deployment_version_changed():
                await act("save")
                workflow.continue_as_new()


@workflow.defn
class Lengthy:
    @workflow.run
    async def run(self) -> None:
        await act("page")
        if workflow.info().get_current_history_length() > 9:
            await act("save")


@workflow.defn
class Attempt:
    @workflow.run
    async def run(self) -> None:
        if workflow.info().attempt > 1:
            await act("clean")
        await act("work")


@workflow.defn(name="Attempt")
class AttemptNew:
    @workflow.run
    async def run(self) -> None:
        if workflow.info().attempt > 1:
            await act("clean up")
        await act("work")


@workflow.defn
class Parent:
    @workflow.run
    async def run(self) -> None:
        await act("work")
        parent = workflow.info().parent
        if parent is not None:
            await workflow.get_external_workflow_handle(parent.workflow_id).signal("done")


@workflow.defn(name="Parent")
class ParentNew:
    @workflow.run
    async def run(self) -> None:
        await act("work")


@workflow.defn
class LastResult:
    @workflow.run
    async def run(self) -> int:
        last = workflow.get_last_completion_result(type_hint=int)
        if last is not None:
            await act("since")
        await act("work")
        return 1


@workflow.defn(name="LastResult")
class LastResultNew:
    @workflow.run
    async def run(self) -> int:
        last = workflow.get_last_completion_result(type_hint=int)
        if last is not None:
            await act("from")
        await act("work")
        return 1


@workflow.defn
class LastFailure:
    @workflow.run
    async def run(self) -> None:
        if workflow.get_last_failure() is not None:
            await act("repair")
        await act("work")


@workflow.defn(name="LastFailure")
class LastFailureNew:
    @workflow.run
    async def run(self) -> None:
        await act("work")


@workflow.defn
class Cron:
    @workflow.run
    async def run(self) -> None:
        if workflow.info().cron_schedule:
            await act("window")
        await act("work")


@workflow.defn(name="Cron")
class CronNew:
    @workflow.run
    async def run(self) -> None:
        if workflow.info().cron_schedule:
            await workflow.sleep(5)
        await act("work")


@workflow.defn
class Memo:
    @workflow.run
    async def run(self) -> None:
        if workflow.memo_value("tier", default="", type_hint=str) == "gold":
            await act("gift")
        await act("work")


@workflow.defn(name="Memo")
class MemoNew:
    @workflow.run
    async def run(self) -> None:
        await act("work")
        if workflow.memo_value("tier", default="", type_hint=str) == "gold":
            await act("gift")


@workflow.defn
class SearchAttribute:
    @workflow.run
    async def run(self) -> None:
        if workflow.info().typed_search_attributes.get(REGION) == "eu":
            await act("tax")
        await act("work")


@workflow.defn(name="SearchAttribute")
class SearchAttributeNew:
    @workflow.run
    async def run(self) -> None:
        if workflow.info().typed_search_attributes.get(REGION) == "eu":
            await act("taxes")
        await act("work")


@workflow.defn
class InlineAttribute:
    @workflow.run
    async def run(self) -> None:
        count = workflow.info().typed_search_attributes.get(SearchAttributeKey.for_int("Count"))
        if count is not None and count > 3:
            await act("split")
        await act("work")


@workflow.defn(name="InlineAttribute")
class InlineAttributeNew:
    @workflow.run
    async def run(self) -> None:
        await act("work")


@workflow.defn
class Scheduled:
    @workflow.run
    async def run(self) -> None:
        at = workflow.info().typed_search_attributes.get(SCHEDULED)
        if at is None:
            raise RuntimeError("only a schedule may start this")
        await act("a")
        await act("b")


@workflow.defn(name="Scheduled")
class ScheduledNew:
    @workflow.run
    async def run(self) -> None:
        at = workflow.info().typed_search_attributes.get(SCHEDULED)
        if at is None:
            raise RuntimeError("only a schedule may start this")
        await act("a")
        await act("check")
        await act("b")


@workflow.defn
class SignalledAtStart:
    def __init__(self) -> None:
        self.early = False
        self.began = False

    @workflow.run
    async def run(self) -> None:
        self.began = True
        if self.early:
            await act("early")
        await act("work")

    @workflow.signal
    def hurry(self) -> None:
        self.early = not self.began


@workflow.defn(name="SignalledAtStart")
class SignalledAtStartNew:
    def __init__(self) -> None:
        self.early = False
        self.began = False

    @workflow.run
    async def run(self) -> None:
        self.began = True
        await act("work")

    @workflow.signal
    def hurry(self) -> None:
        self.early = not self.began


@workflow.defn(dynamic=True)
class Dynamic:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None:
        await act(workflow.info().workflow_type)


@workflow.defn(dynamic=True)
class DynamicNew:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None:
        await act(workflow.info().workflow_type.lower())


@workflow.defn
class ReadsNothing:
    @workflow.run
    async def run(self) -> None:
        await act("work")


@workflow.defn
class Everything:
    """Names its activities by all that it can read, so that no difference goes unseen."""

    @workflow.run
    async def run(self) -> None:
        for again in ("", " again"):
            info = workflow.info()
            parts = (
                info.attempt,
                info.parent.workflow_id if info.parent is not None else None,
                info.root.workflow_id if info.root is not None else None,
                info.cron_schedule,
                workflow.get_last_completion_result(),
                workflow.get_last_failure(),
                dict(sorted(workflow.memo().items())),  # Core keeps no order of it
                dict(sorted((pair.key.name, pair.value) for pair in info.typed_search_attributes)),
            )
            await workflow.execute_activity(
                "read",
                info.continued_run_id,
                activity_id=" ".join(map(str, parts)) + again,
                start_to_close_timeout=TIMEOUT,
            )
            if info.is_continue_as_new_suggested():
                workflow.continue_as_new()
