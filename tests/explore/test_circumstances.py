"""What a run is started with besides its input: varied where the code reads it, and only there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from temporalio.client import WorkflowHistory
from temporalio.common import SearchAttributeKey, SearchAttributePair
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import Info

from replaykit.capture import quiet_runtime
from replaykit.config import StrictPolicy
from replaykit.explore import Values
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.grow import Grown, Scripted, grow
from replaykit.explore.growing.openings import Openings, mentioned_by, plainer_openings
from replaykit.explore.growing.service import BY_OPERATORS
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Failure, Opening, Step, StepKind, Subject, Target
from replaykit.explore.searching.choices import Choices
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import GrownJudge
from replaykit.explore.searching.search import Budget, Exploration, Search
from replaykit.explore.values.choosers import Sampled, Simplest
from replaykit.explore.values.constants import with_constants
from replaykit.explore.values.signatures import workflow_name
from replaykit.history import event_name, validate
from replaykit.replay.session import ReplaySession
from tests.conftest import RunReplaykit
from tests.explore import reading_workflows as reading
from tests.explore.gallery_workflows import ROOT
from tests.gate.repository import Repository

UNSANDBOXED = UnsandboxedWorkflowRunner()
AT = datetime(2026, 1, 2, tzinfo=timezone.utc)

PAIRS: Mapping[str, tuple[type, type, str]] = {
    "suggested": (reading.Suggested, reading.SuggestedNew, "with continue-as-new suggested from"),
    **(
        {
            "another target version": (
                reading.Redeployed,
                reading.RedeployedNew,
                "with another target version deployed from",
            )
        }
        if hasattr(Info, "is_target_worker_deployment_version_changed")
        else {}
    ),
    "attempt": (reading.Attempt, reading.AttemptNew, "as attempt 2 after Error('it failed')"),
    "parent": (reading.Parent, reading.ParentNew, "as a child of 'explored-parent'"),
    "last result": (reading.LastResult, reading.LastResultNew, "after a run that answered 0"),
    "last failure": (reading.LastFailure, reading.LastFailureNew, "as attempt 2"),
    "cron": (reading.Cron, reading.CronNew, "by the cron schedule '0 * * * *'"),
    "memo": (reading.Memo, reading.MemoNew, "with the memo tier='gold'"),
    "search attribute": (
        reading.SearchAttribute,
        reading.SearchAttributeNew,
        "with search attributes Region='eu'",
    ),
    "inline search attribute": (
        reading.InlineAttribute,
        reading.InlineAttributeNew,
        "with search attributes Count=",
    ),
    "schedule": (
        reading.Scheduled,
        reading.ScheduledNew,
        "with search attributes TemporalScheduledStartTime=",
    ),
    "signal-with-start": (reading.SignalledAtStart, reading.SignalledAtStartNew, "starts with ()"),
    "dynamic": (reading.Dynamic, reading.DynamicNew, "Dynamic starts with ()"),
}


def _session(workflow: type, *, strict: bool = False) -> ReplaySession:
    worker = worker_of([workflow], workflow_runner=UNSANDBOXED)
    return ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy() if strict else None)


def _explored(old: type, new: type, *, scenarios: int, findings: int = 1) -> Exploration:
    engine = Warm(worker_of([old], workflow_runner=UNSANDBOXED), root=ROOT)
    engine.lines.is_wanted = True
    with closing(engine), _session(new, strict=old is new) as session:
        judge = GrownJudge(session, old=None if old is new else engine.cold.session)
        grower = FromStart(engine, old, with_constants(Values(), old), old.__name__)
        budget = Budget(seconds=600, scenarios=scenarios, findings=findings)
        return Search(grower, judge).run(budget, workflow_type=old.__name__)


def _some(*in_each_run: str) -> list[Any]:
    return [
        pytest.param(*pair, id=name, marks=() if name in in_each_run else pytest.mark.exhaustive)
        for name, pair in PAIRS.items()
    ]


@pytest.mark.exhaustive
@pytest.mark.sampled(7)
@pytest.mark.parametrize(("old", "new", "started"), _some("memo", "schedule"))
@pytest.mark.thinned(3)
def test_a_break_that_shows_only_then_is_found_and_the_story_names_it(
    old: type, new: type, started: str
) -> None:
    exploration = _explored(old, new, scenarios=200)
    assert exploration.findings, exploration.statuses
    grown = exploration.findings[0].grown
    assert started in str(grown.scenario.opening)
    assert _plain_failure(old, grown) is None
    assert _plain_failure(new, grown) is not None


@pytest.mark.exhaustive
@pytest.mark.parametrize(("old", "new", "started"), _some("attempt"))
@pytest.mark.thinned(12)
def test_code_alarms_nobody_against_itself(old: type, new: type, started: str) -> None:
    exploration = _explored(old, old, scenarios=60)
    assert exploration.findings == []
    assert exploration.started


def _plain_failure(workflow: type, grown: Grown) -> Exception | None:
    async def replayed() -> Exception | None:
        replayer = Replayer(
            workflows=[workflow], build_id="reading", runtime=quiet_runtime(), workflow_runner=UNSANDBOXED
        )
        history = WorkflowHistory(grown.history.workflow_id or "", grown.history.events)
        result = await asyncio.wait_for(replayer.replay_workflow(history, raise_on_replay_failure=False), 20)
        return result.replay_failure

    return asyncio.run(replayed())


# What a run reads


OPENINGS: tuple[dict[str, Any], ...] = (
    {},
    {"attempt": 3, "last_failure": Failure(message="no stock", type="Stock")},
    {"parent": "order-1"},
    {"cron": "@daily"},
    {"cron": "@daily", "last_result": (7,)},
    {"last_result": (7,)},
    {"memo": {"tier": "gold", "count": 3}},
    {
        "search_attributes": (
            SearchAttributePair(reading.REGION, "eu"),
            SearchAttributePair(reading.SCHEDULED, AT),
        )
    },
    {"suggested_from": 2},
    {"suggested_from": 1, "predates": ("x",)},
    {"redeployed_from": 2},
)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Warm, Cold]]:
    worker = worker_of([reading.Everything], workflow_runner=UNSANDBOXED)
    warm, cold = Warm(worker, root=ROOT), Cold(worker, root=ROOT)
    yield warm, cold
    warm.close()
    cold.close()


@pytest.mark.parametrize("fields", OPENINGS, ids=lambda fields: "+".join(fields) or "nothing")
def test_warm_and_cold_read_the_same_and_core_agrees(
    engines: tuple[Warm, Cold], fields: dict[str, Any]
) -> None:
    warm, cold = engines
    opening = Opening(workflow_type="Everything", **fields)
    one = _grown(cold, opening)
    assert one.history.status in ("COMPLETED", "CONTINUED_AS_NEW"), one.problem or one.failure
    for _ in range(2):  # the first run of a warm engine is a cold one
        assert _grown(warm, opening).history.events == one.history.events
    validate(one.history)
    with _session(reading.Everything, strict=True) as session:
        assert str(session.judge(one.history, name="grown").outcome) == "consistent"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, "1 None None None None None {} {}"),
        (
            {"attempt": 3, "last_failure": Failure(type="Stock")},
            "3 None None None None Stock: it failed {} {}",
        ),
        ({"parent": "order-1"}, "1 order-1 order-1 None None None {} {}"),
        ({"cron": "@daily"}, "1 None None @daily None None {} {}"),
        ({"last_result": (7,)}, "1 None None None 7 None {} {}"),
        ({"memo": {"tier": "gold"}}, "1 None None None None None {'tier': 'gold'} {}"),
        (
            {"search_attributes": (SearchAttributePair(reading.REGION, "eu"),)},
            "1 None None None None None {} {'Region': 'eu'}",
        ),
    ],
    ids=lambda value: "+".join(value) or "nothing" if isinstance(value, dict) else "",
)
def test_the_code_reads_what_the_opening_has(
    engines: tuple[Warm, Cold], fields: dict[str, Any], shown: str
) -> None:
    for engine in engines:
        grown = _grown(engine, Opening(workflow_type="Everything", **fields))
        scheduled = grown.history.events[4].activity_task_scheduled_event_attributes
        assert scheduled.activity_id == shown


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (
            StepKind.PAUSED,
            ["WorkflowExecutionPaused", "WorkflowExecutionUnpaused", "WorkflowTaskScheduled"],
        ),
        (StepKind.REASSIGNED, ["WorkflowExecutionOptionsUpdated", "ActivityTaskStarted"]),
    ],
)
def test_what_operators_do_is_written_and_the_code_hears_nothing(
    engines: tuple[Warm, Cold], kind: StepKind, written: list[str]
) -> None:
    if kind not in BY_OPERATORS:
        pytest.skip(f"this temporalio does not know {written[0]}")
    warm, cold = engines
    opening = Opening(workflow_type="Everything")
    one = _grown(cold, opening, Step(kind=kind))
    assert one.history.status == "COMPLETED", one.problem or one.failure
    names = [event_name(event) for event in one.history.events]
    place = names.index(written[0])
    assert names[place : place + len(written)] == written
    assert all(
        event.worker_may_ignore == ("WorkflowExecution" in name)
        for name, event in (
            (event_name(event), event) for event in one.history.events[place : place + len(written)]
        )
    )
    for _ in range(2):
        assert _grown(warm, opening, Step(kind=kind)).history.events == one.history.events
    validate(one.history)
    with _session(reading.Everything, strict=True) as session:
        assert str(session.judge(one.history, name="grown").outcome) == "consistent"


@pytest.mark.parametrize("workflow", [reading.Lengthy, reading.Parent])
def test_a_search_comes_upon_what_operators_do_where_the_code_can_notice(workflow: type) -> None:
    engine = Warm(worker_of([workflow], workflow_runner=UNSANDBOXED), root=ROOT)
    with closing(engine):
        grower = FromStart(engine, workflow, Values(), workflow.__name__)
        rng = random.Random(1)
        kinds = {step.kind for _ in range(80) for step in grower.fresh(Choices((), rng)).scenario.steps}
    assert kinds & set(BY_OPERATORS) == (set(BY_OPERATORS) if workflow is reading.Lengthy else set())


@pytest.mark.parametrize(("suggested_from", "pages"), [(0, 3), (1, 1), (2, 1), (3, 2), (4, 3)])
def test_it_is_suggested_from_that_task_on(suggested_from: int, pages: int) -> None:
    opening = Opening(workflow_type="Suggested", suggested_from=suggested_from)
    with closing(Cold(worker_of([reading.Suggested], workflow_runner=UNSANDBOXED), root=ROOT)) as cold:
        grown = _grown(cold, opening)
    names = [e.activity_task_scheduled_event_attributes.activity_type.name for e in grown.history.events]
    assert names.count("page") == pages
    suggested = [
        event.workflow_task_started_event_attributes.suggest_continue_as_new
        for event in grown.history.events
        if event.HasField("workflow_task_started_event_attributes")
    ]
    expected = [bool(suggested_from) and nth >= suggested_from for nth in range(1, len(suggested) + 1)]
    assert suggested == expected


def _grown(engine: Warm | Cold, opening: Opening, *first: Step) -> Grown:
    name = {"Suggested": "page"}.get(opening.workflow_type, "read")
    steps = [
        Step(
            kind=StepKind.COMPLETES,
            target=Target(subject=Subject.ACTIVITY, name=name, nth=nth),
            values=("done",),
        )
        for nth in (1, 2, 3)
    ]
    return grow(engine, opening, Scripted([*first, *steps]))


# What is varied


def _openings(workflow: type, values: Values, count: int = 80) -> list[Opening]:
    openings = Openings(workflow=workflow, values=values, mentions=mentioned_by(workflow))
    return [openings.chosen(Sampled(random.Random(seed))) for seed in range(count)]


_CIRCUMSTANCES = (
    "attempt",
    "last_failure",
    "parent",
    "cron",
    "memo",
    "search_attributes",
    "last_result",
    "suggested_from",
)


def _varied(workflow: type) -> set[str]:
    plain = Opening(workflow_type="plain")
    return {
        name
        for opening in _openings(workflow, Values())
        for name in _CIRCUMSTANCES
        if getattr(opening, name) != getattr(plain, name)
    }


@pytest.mark.parametrize(
    ("workflow", "fields"),
    [
        (reading.ReadsNothing, set()),
        (reading.Suggested, {"suggested_from"}),
        (reading.Attempt, {"attempt", "last_failure"}),
        (reading.LastFailure, {"attempt", "last_failure"}),
        (reading.Parent, {"parent"}),
        (reading.LastResult, {"last_result"}),
        (reading.Cron, {"cron"}),
        (reading.Memo, {"memo"}),
        (reading.SearchAttribute, {"search_attributes"}),
        (reading.Scheduled, {"search_attributes"}),
    ],
)
def test_only_what_the_code_reads_is_varied(workflow: type, fields: set[str]) -> None:
    assert _varied(workflow) == fields


def test_most_runs_are_plain_and_the_first_one_is() -> None:
    openings = _openings(reading.Attempt, Values())
    assert 5 < sum(opening.attempt > 1 for opening in openings) < 40
    first = Openings(workflow=reading.Attempt, values=Values(), mentions=mentioned_by(reading.Attempt))
    assert first.chosen(Simplest()) == Opening(workflow_type="Attempt")


@pytest.mark.exhaustive
def test_what_the_user_wrote_down_is_in_every_run() -> None:
    values = Values(
        memo={"tier": st.sampled_from(["silver", "gold"])},
        search_attributes={reading.REGION: "eu"},
    )
    for opening in _openings(reading.ReadsNothing, values, count=20):
        assert opening.memo["tier"] in ("silver", "gold")
        assert opening.search_attributes == (SearchAttributePair(reading.REGION, "eu"),)


def test_the_users_own_cron_and_last_result_are_used() -> None:
    values = Values(cron="@weekly", last_results={reading.LastResult: 99})
    assert {opening.cron for opening in _openings(reading.Cron, values)} == {"", "@weekly"}
    assert {o.last_result for o in _openings(reading.LastResult, values)} == {(), (99,)}
    by_name = Values(last_results={"LastResult": 98})
    assert {o.last_result for o in _openings(reading.LastResult, by_name)} == {(), (98,)}


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (SearchAttributeKey.for_bool("b"), bool),
        (SearchAttributeKey.for_int("i"), int),
        (SearchAttributeKey.for_float("f"), float),
        (SearchAttributeKey.for_text("t"), str),
        (SearchAttributeKey.for_keyword("k"), str),
        (SearchAttributeKey.for_keyword_list("l"), list),
        (SearchAttributeKey.for_datetime("d"), datetime),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_search_attribute_has_a_value_of_its_type(key: SearchAttributeKey[Any], kind: type) -> None:
    assert type(Values().search_attribute(key).make(Simplest())) is kind


# Less of it


def test_each_circumstance_can_be_left_out_and_each_key_of_one() -> None:
    opening = Opening(
        workflow_type="Everything",
        attempt=4,
        last_failure=Failure(),
        parent="p",
        cron="c",
        memo={"a": 1, "b": 2},
        search_attributes=(SearchAttributePair(reading.REGION, "eu"),),
        last_result=(1,),
        suggested_from=3,
        predates=("x", "y"),
    )
    plainer = list(plainer_openings(opening))
    left_out = [
        {name for name in _CIRCUMSTANCES if getattr(each, name) != getattr(opening, name)} for each in plainer
    ]
    assert left_out == [
        set(),  # the patches
        {"attempt", "last_failure"},
        {"parent"},
        {"cron"},
        {"last_result"},
        {"memo"},
        {"search_attributes"},
        {"suggested_from"},
        {"attempt"},
        {"suggested_from"},
        set(),
        set(),
        {"memo"},
        {"memo"},
    ]
    assert [each.memo for each in plainer[-2:]] == [{"b": 2}, {"a": 1}]
    assert list(plainer_openings(Opening(workflow_type="Everything"))) == []


def test_the_story_names_each() -> None:
    opening = Opening(
        workflow_type="Order",
        attempt=2,
        last_failure=Failure(),
        parent="order-1",
        cron="@daily",
        memo={"tier": "gold"},
        search_attributes=(SearchAttributePair(reading.REGION, "eu"),),
        last_result=(7,),
        suggested_from=3,
    )
    assert str(opening) == (
        "Order starts with (), as attempt 2 after Error('it failed'), as a child of 'order-1', "
        "by the cron schedule '@daily', after a run that answered 7, with the memo tier='gold', "
        "with search attributes Region='eu', with continue-as-new suggested from its 3rd task on"
    )


def test_pairs_are_of_one_name() -> None:
    for old, new, _ in PAIRS.values():
        assert workflow_name(old) == workflow_name(new)
    assert len(PAIRS) >= 12


# The command


@pytest.mark.weekly
@pytest.mark.parametrize(("old", "new", "started"), list(PAIRS.values()), ids=list(PAIRS))
def test_the_command_finds_it(
    tmp_path: Path, run_replaykit: RunReplaykit, old: type, new: type, started: str
) -> None:
    repository = Repository(tmp_path)
    repository.code(Path(reading.__file__).read_text(encoding="utf-8"))
    for workflow in (old, new):
        text = f'[tool.replaykit]\nworkflows = ["flows:{workflow.__name__}"]\n'
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        repository.commit(workflow.__name__)
    result = run_replaykit("explore", "--base", "HEAD~1", "--scenarios", "250", "--time", "60", cwd=tmp_path)
    assert result.returncode == 1, result.stdout
    assert started in result.stdout
