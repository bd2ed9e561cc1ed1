"""A command that a service refuses ends the scenario as the service would end it: the run is stuck there."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import IndexedValueType, WorkflowTaskFailedCause
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, CreateNexusEndpointRequest
from temporalio.client import Client
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.service import RPCError
from temporalio.worker import Worker

from replaykit.config import StrictPolicy
from replaykit.explore import Counterexample, NothingExplored, assert_deterministic, compatible
from replaykit.explore.growing.engine import Engine
from replaykit.explore.growing.grow import Grown, Scripted, grow
from replaykit.explore.growing.warm import Warm
from replaykit.explore.plan import engine_of, session_of, values_for
from replaykit.explore.rows import rows_of_explored
from replaykit.explore.scenario import Opening, Step, StepKind, Subject, Target
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.summary import Explored, summary_of
from replaykit.history import event_name, validate
from replaykit.replay.cron_schedules import what_is_wrong
from replaykit.replay.session import quiet_sdk
from replaykit.report.rows import plain_lines
from replaykit.verdict import Outcome, Reason
from tests.conftest import RunReplaykit
from tests.explore.refused_workflows import ENDPOINT, REFUSED, TAKEN, AsksFor
from tests.gate.repository import Repository
from tests.report.json_reports import checked

HERE = Path(__file__).name
HERE_FOLDER = Path(__file__).parent
SOON = timedelta(seconds=5)
Ask = Callable[[], Awaitable[Any]]


@pytest.fixture(scope="module")
def engine() -> Iterator[Warm]:
    with closing(engine_of(AsksFor, {})) as made:
        yield made


def _asked(engine: Engine, name: str) -> Grown:
    return grow(engine, Opening(workflow_type="AsksFor", values=(name,)), Scripted([]))


@pytest.mark.parametrize("name", REFUSED)
def test_a_service_refuses_it(engine: Warm, name: str) -> None:
    grown = _asked(engine, name)
    assert f"a service refuses it: {REFUSED[name][1]}" in str(grown.refused)
    last = grown.history.events[-1]
    assert event_name(last) == "WorkflowTaskFailed"
    assert last.workflow_task_failed_event_attributes.failure.message == str(grown.refused)
    assert grown.is_stuck
    assert not grown.is_started
    assert grown.failure is None
    assert not grown.problem
    validate(grown.history)


@pytest.mark.parametrize("name", TAKEN)
def test_a_service_takes_it(engine: Warm, name: str) -> None:
    grown = _asked(engine, name)
    assert grown.refused is None
    assert grown.is_started


def test_the_line_is_the_workflows() -> None:
    with closing(engine_of(NoType, {})) as engine:
        grown = grow(engine, Opening(workflow_type="NoType"), Scripted([]))
    assert grown.refused is not None
    source = grown.refused.source
    assert source is not None
    assert Path(source.file).name == HERE
    assert "without an activity type" in str(grown.refused)


@pytest.mark.parametrize(
    ("schedule", "wrong"),
    [
        ("", None),
        ("0 12 * * MON-FRI", None),
        ("*/5 1-3/2,5 1,15 jan ?", None),
        ("5/15 * * * *", None),
        (" 0 0 * * * ", None),
        ("0,,1 0 * * *", None),
        ("0 0 29 2 *", None),
        ("@daily", None),
        ("@every 1h30m", None),
        ("@every -5s", None),
        ("CRON_TZ=Europe/Berlin 0 0 * * *", None),
        ("99 * * * *", "'99' is no minute (0 to 59)"),
        ("* 24 * * *", "'24' is no hour (0 to 23)"),
        ("0 0 0 * *", "'0' is no day of month (1 to 31)"),
        ("0 0 * * 7", "'7' is no day of week (0 to 6)"),
        ("0 0 * * sunday", "'sunday' is no day of week"),
        ("0 0 L * *", "'L' is no day of month"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("5-1 * * * *", "'5-1' is no minute"),
        ("0 0 * *", "it has 4 fields"),
        ("0 0 * * * *", "it has 6 fields"),
        (" ", "it has 0 fields"),
        ("@often", "'@often' is none of"),
        ("@Daily", "'@Daily' is none of"),
        ("@every day", "'day' is no duration"),
        ("CRON_TZ=Nowhere/Town 0 * * * *", "there is no time zone 'Nowhere/Town'"),
        ("0 0 30 2 *", "no day of any year fits it"),
        ("0 0 31 4,6 *", "no day of any year fits it"),
    ],
)
def test_cron_schedules(schedule: str, wrong: str | None) -> None:
    """Each was tried on a real service."""
    found = what_is_wrong(schedule)
    assert found is None if wrong is None else found is not None and wrong in found, found


@workflow.defn(sandboxed=False)
class NoType:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("", start_to_close_timeout=SOON)


@workflow.defn(sandboxed=False)
class NobodySignalled:
    def __init__(self) -> None:
        self.receiver = ""

    @workflow.run
    async def run(self) -> None:
        await workflow.get_external_workflow_handle(self.receiver).signal("go")


@workflow.defn(sandboxed=False)
class NoChildType:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow("", id="child")


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (NoType, "ActivityTaskScheduled without an activity type"),
        (NobodySignalled, "SignalExternalWorkflowExecutionInitiated without a workflow id"),
        (NoChildType, "StartChildWorkflowExecutionInitiated without a workflow type"),
    ],
)
def test_where_every_scenario_is_stuck_nothing_is_explored(code: type[object], what: str) -> None:
    with pytest.raises(NothingExplored) as caught:
        assert_deterministic(code, max_examples=5)
    text = str(caught.value)
    assert f"nothing of {code.__name__} was explored" in text
    assert f"the run was stuck at its task each time: a service refuses it: {what}" in text
    assert f"{HERE}:" in text


@workflow.defn(sandboxed=False)
class StuckSometimes:
    @workflow.run
    async def run(self, is_broken: bool) -> None:
        await workflow.execute_activity("" if is_broken else "work", start_to_close_timeout=SOON)


@workflow.defn(sandboxed=False)
class StuckLater:
    @workflow.run
    async def run(self) -> str:
        name: str = await workflow.execute_activity("name", start_to_close_timeout=SOON, result_type=str)
        await workflow.execute_activity(name, start_to_close_timeout=SOON)
        return name


@workflow.defn(sandboxed=False)
class StuckAtItsEnd:
    @workflow.run
    async def run(self, is_broken: bool) -> None:
        await workflow.sleep(1)
        workflow.continue_as_new(is_broken, task_queue="/_sys/mine" if is_broken else None)


@pytest.mark.exhaustive
@pytest.mark.parametrize("code", [StuckSometimes, StuckLater, StuckAtItsEnd])
@pytest.mark.thinned(3)
def test_where_some_are_it_is_no_divergence(code: type[object]) -> None:
    with closing(engine_of(code, {})) as engine, session_of(code, {}, strict=StrictPolicy()) as session:
        values = values_for(None, code, [])
        grower = FromStart(engine, code, values, code.__name__)
        search = Search(grower, GrownJudge(session), seed=1)
        exploration = search.run(Budget(seconds=30, scenarios=40), workflow_type=code.__name__)
    assert exploration.refused, "no scenario was stuck"
    assert 0 < exploration.unhindered < exploration.scenarios
    assert not exploration.findings
    summary = summary_of(exploration, HERE_FOLDER)
    assert summary.is_explored
    [story] = summary.refused.values()
    assert story.source is not None
    assert story.source.file == HERE
    shown = "\n".join(plain_lines(rows_of_explored(Explored(summary=summary, verdicts={}), HERE_FOLDER, {})))
    assert "note: stuck after " in shown
    assert "a service refuses it: " in shown
    assert f"{HERE}:{story.source.line} in run" in shown


@workflow.defn(sandboxed=False, name="Changed")
class Old:
    code: Ask

    @workflow.run
    async def run(self) -> Any:
        return await type(self).code()


@workflow.defn(sandboxed=False, name="Changed")
class New:
    code: Ask

    @workflow.run
    async def run(self) -> Any:
        return await type(self).code()


Change = Callable[[Ask, Ask], None]


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Change:
    """Whether runs of one code go on under another."""

    def compare(old: Ask, new: Ask) -> None:
        monkeypatch.setattr(Old, "code", staticmethod(old), raising=False)
        monkeypatch.setattr(New, "code", staticmethod(new), raising=False)
        compatible(old=Old, new=New, max_examples=10)

    return compare


def _work(**options: Any) -> Awaitable[Any]:
    return workflow.execute_activity("work", **{"start_to_close_timeout": SOON, **options})


def _other(workflow_id: str) -> Awaitable[Any]:
    return workflow.get_external_workflow_handle(workflow_id).signal("go")


def _kid(**options: Any) -> Awaitable[Any]:
    return workflow.execute_child_workflow("Kid", id="kid", **options)


CHANGES: Mapping[str, tuple[Ask, Ask, str]] = {
    "timeout": (_work, lambda: _work(heartbeat_timeout=-SOON), "with a negative heartbeat timeout"),
    "queue": (_work, lambda: _work(task_queue="/_sys/mine"), "on the task queue '/_sys/mine'"),
    "receiver": (lambda: _other("a"), lambda: _other(""), "without a workflow id"),
    "cron": (_kid, lambda: _kid(cron_schedule="daily"), "with the cron schedule 'daily'"),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.thinned(3)
def test_a_change_after_which_runs_are_stuck_is_a_finding(change: Change, name: str) -> None:
    old, new, what = CHANGES[name]
    with pytest.raises(Counterexample) as caught:
        change(old, new)
    verdict = caught.value.verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    message = verdict.message or ""
    assert message.startswith("a run that comes to this task is stuck: a service refuses it: ")
    assert what in message
    assert verdict.source is not None
    assert verdict.source.file.endswith(HERE)
    change(old, old)


def test_what_the_old_code_was_stuck_at_is_no_finding(change: Change) -> None:
    """Its runs wait at that task, and the new code comes past it."""
    change(_chosen(""), _chosen("second"))


def _chosen(default: str) -> Ask:
    async def both() -> None:
        name = await workflow.execute_activity("choose", start_to_close_timeout=SOON, result_type=str)
        await workflow.execute_activity(name or default, start_to_close_timeout=SOON)

    return both


def test_a_start_that_is_taken_back_is_never_sent(change: Change) -> None:
    async def taken_back() -> None:
        work = workflow.start_activity("", start_to_close_timeout=SOON)
        work.cancel()
        await workflow.sleep(1)

    change(taken_back, taken_back)
    change(_timer, taken_back)


async def _timer() -> None:
    await workflow.sleep(1)


def test_the_size_under_a_codec_is_not_known() -> None:
    """It may be one that compresses, or that keeps payloads elsewhere."""
    converter = DataConverter(payload_codec=_Codec())
    with closing(engine_of(AsksFor, {"data_converter": converter})) as engine:
        grown = _asked(engine, "large arguments")
        assert grown.refused is None
        assert _asked(engine, "no activity type").refused is not None


class _Codec(PayloadCodec):
    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        packed = [zlib.compress(payload.SerializeToString()) for payload in payloads]
        return [Payload(metadata={"encoding": b"zip"}, data=data) for data in packed]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload.FromString(zlib.decompress(p.data)) for p in payloads]


def test_a_recorded_run_that_is_stuck_there_is_not_consistent() -> None:
    with closing(engine_of(StuckLater, {})) as engine:
        name = Target(subject=Subject.ACTIVITY, name="name")
        ends = Step(kind=StepKind.COMPLETES, target=name, values=("",))
        grown = grow(engine, Opening(workflow_type="StuckLater"), Scripted([ends]))
        assert grown.refused is not None
        verdict = engine.cold.session.judge(grown.history, name="stuck")
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert "this code fails there too: a service refuses it: ActivityTaskScheduled without" in str(
        verdict.message
    )
    assert verdict.source is not None


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_a_real_service_agrees(dev_server: str, client: Client) -> None:
    await client.operator_service.create_nexus_endpoint(
        CreateNexusEndpointRequest(
            spec=EndpointSpec(
                name=ENDPOINT,
                target=EndpointTarget(worker=EndpointTarget.Worker(namespace="default", task_queue="nobody")),
            )
        )
    )
    attributes = {"CustomKeywordField": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
    with contextlib.suppress(RPCError):  # it has it already
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(search_attributes=attributes, namespace="default")
        )
    places = asyncio.Semaphore(12)
    with quiet_sdk(), closing(engine_of(AsksFor, {})) as engine:
        async with Worker(client, task_queue="refused", workflows=[AsksFor]):
            names = [*REFUSED, *TAKEN]
            answers = await asyncio.gather(*(_cause(client, name, places) for name in names))
        for name, cause in zip(names, answers, strict=True):
            refused = _asked(engine, name).refused
            assert (cause or None) == (refused.cause if refused is not None else None), name


async def _cause(client: Client, name: str, places: asyncio.Semaphore) -> str:
    """Why a real service failed the first workflow task; empty where it completed it."""
    async with places:
        handle = await client.start_workflow(
            "AsksFor", name, id=f"refused {name}", task_queue="refused", run_timeout=timedelta(seconds=120)
        )
        for _ in range(240):
            for event in (await handle.fetch_history()).events:
                if event_name(event) == "WorkflowTaskCompleted":
                    return ""
                if event_name(event) == "WorkflowTaskFailed":
                    cause = event.workflow_task_failed_event_attributes.cause
                    name = WorkflowTaskFailedCause.Name(cause)
                    return name.removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")
            await asyncio.sleep(0.25)
    return "no answer"


FLOWS = """\
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Order:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=timedelta(seconds=5))
"""


@pytest.mark.weekly
def test_the_command_reports_both(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    (tmp_path / "repo").mkdir()
    repository = Repository(tmp_path / "repo")
    repository.code(FLOWS)
    (repository.root / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n', "utf-8")
    repository.commit("base")
    repository.code(FLOWS.replace("seconds=5", "seconds=-5"))
    options = ("--scenarios", "5", "--json", "found.json")
    changed = run_replaykit("explore", "--base", "main", *options, cwd=repository.root)
    assert changed.returncode == 1, changed.stdout + changed.stderr
    assert "1 found (1 stuck); 5 scenarios" in changed.stdout
    alone = run_replaykit("explore", *options, cwd=repository.root)
    assert alone.returncode == 2, alone.stdout + alone.stderr
    assert "Order: nothing explored; in 5 scenarios the run was always stuck at a task" in alone.stdout
    assert "flows.py:10 in run" in alone.stdout
    assert alone.stderr.splitlines()[-1] == "Error: nothing was explored."
    document = checked((repository.root / "found.json").read_bytes(), "explore")
    (order,) = document["workflows"]
    assert order["explored"] is False
    (refused,) = order["refused_by_service"]
    assert "with a negative start to close timeout (-5 s)" in refused["message"]
