"""What strict mode ignores, or calls cosmetic, is no finding of an exploration."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import Config, StrictPolicy, StrictRules, WorkerConfig
from replaykit.explore.searching.itself import explore_itself
from replaykit.explore.searching.judging import key_of
from replaykit.explore.searching.search import Budget
from replaykit.explore.searching.summary import Explored
from replaykit.explore.workflows import workflows_of
from replaykit.verdict import Divergence, Drift, Outcome, Reason, Severity, Verdict
from tests.explore.reading_workflows import TIMEOUT

RUNNER = UnsandboxedWorkflowRunner()
counted = itertools.count()


def _another() -> str:
    """Another value each time, as a process has it that keeps something."""
    return f"number {next(counted)}"


@workflow.defn
class InAnArgument:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("act", _another(), start_to_close_timeout=TIMEOUT)


@workflow.defn
class InASummary:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("act", start_to_close_timeout=TIMEOUT, summary=_another())


@workflow.defn
class InATimersSummary:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(5, summary=_another())


@workflow.defn
class InItsResult:
    @workflow.run
    async def run(self) -> str:
        return _another()


@workflow.defn
class InAMemo:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_memo({"note": _another()})
        await workflow.sleep(5)


def _explored(code: type, rules: StrictRules) -> Explored:
    here = __name__
    worker = WorkerConfig(workflows=(f"{here}:{code.__name__}",), workflow_runner=f"{here}:RUNNER")
    config = Config(
        root=Path(__file__).parents[2], workers=(worker,), strict_policy=StrictPolicy(rules=rules)
    )
    (only,) = workflows_of(config)
    return explore_itself(config, only, Budget(scenarios=3), seed=0)


def _rules(*ignore: str, fail_on: Severity = Severity.BEHAVIOURAL) -> StrictRules:
    return StrictRules(ignore=ignore, fail_on=fail_on)


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        (InAnArgument, _rules("activity.arguments")),
        (InItsResult, _rules("workflow.result")),
        (InAMemo, _rules("memo")),
        (InAMemo, _rules("memo.note")),
        (InASummary, _rules()),
        (InATimersSummary, _rules()),
        (InASummary, _rules("*.summary", fail_on=Severity.COSMETIC)),
    ],
)
def test_it_is_left_out(code: type, rules: StrictRules) -> None:
    explored = _explored(code, rules)
    assert explored.verdicts == {}
    assert explored.summary.started == 3


@pytest.mark.parametrize(
    ("code", "rules", "field"),
    [
        (InAnArgument, _rules(), "activity.arguments[0]"),
        (InItsResult, _rules("activity.*"), "workflow.result"),
        (InAMemo, _rules("memo.other"), "memo.note"),
        (InASummary, _rules(fail_on=Severity.COSMETIC), "activity.summary"),
    ],
)
def test_all_else_is_a_finding(code: type, rules: StrictRules, field: str) -> None:
    verdicts: Iterable[Verdict] = _explored(code, rules).verdicts.values()
    (verdict,) = verdicts
    assert verdict.outcome is Outcome.DRIFTED
    assert [drift.field for drift in verdict.drifts] == [field]


def _drift(field: str, severity: Severity) -> Drift:
    return Drift(event_id=5, field=field, recorded=1, produced=2, severity=severity)


def test_a_finding_is_named_by_what_counts() -> None:
    cosmetic, heavy = (
        _drift("activity.summary", Severity.COSMETIC),
        _drift("activity.arguments[0]", Severity.BEHAVIOURAL),
    )
    verdict = Verdict(history="grown", outcome=Outcome.DRIFTED, drifts=(cosmetic, heavy))
    assert key_of(verdict) == "drift of activity.arguments[0] at None"
    failed = Verdict(
        history="grown",
        outcome=Outcome.UNJUDGED,
        reason=Reason.WORKFLOW_TASK_FAILED,
        message="KeyError",
        drifts=(cosmetic,),
    )
    assert key_of(failed) == "workflow_task_failed | KeyError"
    assert key_of(Verdict(history="grown", outcome=Outcome.CONSISTENT, drifts=(cosmetic,))) is None


def test_arguments_that_show_a_change_do_not_make_another_finding_of_it() -> None:
    keys = {
        key_of(
            Verdict(
                history="grown",
                outcome=Outcome.DIVERGED,
                divergence=Divergence(
                    event_id=5,
                    recorded=f"ActivityTaskScheduled item ({value})",
                    produced=f"ScheduleActivity item ({value + 1})",
                    message="",
                    stopped_at=23,
                    raw="",
                ),
            )
        )
        for value in (1, 2)
    }
    assert keys == {"ActivityTaskScheduled item | ScheduleActivity item | "}
