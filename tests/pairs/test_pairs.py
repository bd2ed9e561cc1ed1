"""Every pair: what replaykit reports, what the plain loop reports, and how the two compare."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from replaykit.config import Config, WorkerConfig
from replaykit.history import command_events, find_fixtures, read_history
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import load_worker
from replaykit.verdict import Outcome, Verdict
from tests.gallery.order.matrix import RELEASES
from tests.gallery.scenario import FIXTURES
from tests.pairs.judging import is_refused, judged, names_a_cure, names_a_line, plain_failure, plain_of, table
from tests.pairs.pair import ROOT, Pair, Plain
from tests.pairs.runs import HISTORIES, RUNS
from tests.pairs.table import PAIRS

UNSAFE = [pair for pair in PAIRS if pair.diverges]
SAFE = [pair for pair in PAIRS if not pair.diverges]
CODE = Path(__file__).parent / "code"


def _expected(pair: Pair) -> dict[str, Any]:
    return {
        "outcome": Outcome.DIVERGED,
        "event": pair.event_id,
        "recorded": pair.recorded,
        "produced": pair.produced,
        "line": pair.line,
        "suggestion": pair.suggestion,
        "stopped_at": pair.stopped_at,
        "disagreement": None,
    }


def _found(verdict: Verdict) -> dict[str, Any]:
    divergence = verdict.divergence
    if divergence is None:
        return {"outcome": verdict.outcome, "message": verdict.message}
    source = divergence.source
    return {
        "outcome": verdict.outcome,
        "event": divergence.event_id,
        "recorded": divergence.recorded,
        "produced": divergence.produced,
        "line": (source.file, source.line) if source is not None else None,
        "suggestion": divergence.suggestion_kind,
        "stopped_at": divergence.stopped_at,
        "disagreement": divergence.disagreement,
    }


def _skip_under_an_older_core(pair: Pair) -> None:
    if not is_refused(pair):
        pytest.skip("the Core of this temporalio does not compare that")


# What replaykit reports


@pytest.mark.parametrize("pair", UNSAFE, ids=lambda pair: pair.new)
def test_an_unsafe_change_is_named_with_event_sides_line_and_cure(pair: Pair) -> None:
    _skip_under_an_older_core(pair)
    assert _found(judged(pair)) == _expected(pair)


@pytest.mark.parametrize("pair", UNSAFE, ids=lambda pair: pair.new)
def test_the_story_of_an_unsafe_change_is_shown_in_full(pair: Pair) -> None:
    _skip_under_an_older_core(pair)
    divergence = judged(pair).divergence
    assert divergence is not None
    assert divergence.suggestion
    assert divergence.raw
    assert "\n" not in divergence.message
    matched = [event for event in command_events(pair.history) if event.event_id < (pair.event_id or 0)]
    assert judged(pair).commands_compared == len(matched)
    assert len(divergence.before) <= 3
    assert all(step.matches and (step.event_id or 0) < (pair.event_id or 0) for step in divergence.before)


@pytest.mark.parametrize("pair", SAFE, ids=lambda pair: pair.new)
def test_a_safe_change_alarms_nobody(pair: Pair) -> None:
    verdict = judged(pair)
    assert verdict.outcome is Outcome.CONSISTENT, verdict
    assert verdict.commands_compared == len(command_events(pair.history))


# What the plain loop reports


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.new)
@pytest.mark.exhaustive
def test_the_plain_loop_says_so_much_and_no_more(pair: Pair) -> None:
    _skip_under_an_older_core(pair)
    assert plain_of(pair) is pair.plain
    if pair.plain is not Plain.HANGS:
        failure = plain_failure(pair) or ""
        assert not names_a_line(failure, pair)
        assert not names_a_cure(failure)


@pytest.mark.weekly
def test_the_table_counts_every_pair() -> None:
    unsafe = [pair for pair in UNSAFE if is_refused(pair)]
    rows = [line.strip("| ").split(" | ") for line in table().splitlines()]
    assert rows[0][0] == f"of {len(unsafe)} changes that break a running workflow"
    counts = {name: (int(plain), int(ours)) for name, plain, ours in rows[2:]}
    with_a_line = sum(pair.line is not None for pair in unsafe)
    assert counts["names the line of your code"] == (0, with_a_line)
    assert counts["offers a cure"] == (0, len(unsafe))
    assert counts["names the event"][1] == len(unsafe)
    assert counts["hangs"] == (1, 0)
    assert counts[f"accepts the {len(SAFE)} safe changes"] == (len(SAFE), len(SAFE))


# Where Core and our own alignment part


def test_our_alignment_never_disagrees_with_core() -> None:
    verdicts = [judged(pair) for pair in PAIRS]
    for release, workflow in RELEASES.items():
        worker = WorkerConfig(workflows=(f"{workflow.__module__}:{workflow.__qualname__}",))
        config = Config(root=ROOT, workers=(worker,))
        with ReplaySession(load_worker(config, worker), root=ROOT, timeout_s=20) as session:
            verdicts += [
                session.judge(read_history(path), name=f"{path.stem} under {release}")
                for path in find_fixtures([FIXTURES / "OrderWorkflow"])
            ]
    diverged = [(verdict.history, verdict.divergence) for verdict in verdicts if verdict.divergence]
    assert len(diverged) > sum(map(is_refused, UNSAFE))
    assert [(name, divergence.disagreement) for name, divergence in diverged if divergence.disagreement] == []


# The suite itself


def test_the_suite_is_large_enough() -> None:
    assert len(UNSAFE) >= 60
    assert len(SAFE) >= 12
    assert max(Counter(pair.new for pair in PAIRS).values()) == 1


def test_every_changed_workflow_is_a_pair() -> None:
    defined = {
        f"{path.stem}.{name}"
        for path in CODE.glob("*.py")
        for name in re.findall(r"@workflow\.defn[^\n]*\nclass (\w+)", path.read_text(encoding="utf-8"))
    }
    recorded = {run.workflow for run in RUNS}
    old = {f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}" for cls in recorded}
    assert defined - old - {"children.Child", "externals.Neighbour"} == {pair.new for pair in PAIRS}


def test_every_kind_of_command_takes_part_on_both_sides() -> None:
    recorded = {(pair.recorded or "").partition(" ")[0].rstrip(":") for pair in UNSAFE}
    produced = {(pair.produced or "").partition(" ")[0] for pair in UNSAFE}
    assert recorded >= {
        "ActivityTaskScheduled",
        "ActivityTaskCancelRequested",
        "MarkerRecorded",
        "NexusOperationCancelRequested",
        "NexusOperationScheduled",
        "RequestCancelExternalWorkflowExecutionInitiated",
        "SignalExternalWorkflowExecutionInitiated",
        "StartChildWorkflowExecutionInitiated",
        "TimerCanceled",
        "TimerStarted",
        "UpsertWorkflowSearchAttributes",
        "WorkflowExecutionCanceled",
        "WorkflowExecutionCompleted",
        "WorkflowExecutionContinuedAsNew",
        "WorkflowExecutionFailed",
        "WorkflowExecutionUpdateAccepted",
        "WorkflowPropertiesModified",
    }
    assert produced >= {
        "CancelChildWorkflow",
        "CancelTimer",
        "CompleteWorkflow",
        "ContinueAsNewWorkflow",
        "FailWorkflow",
        "ModifyWorkflowProperties",
        "RequestCancelActivity",
        "RequestCancelExternalWorkflow",
        "RequestCancelNexusOperation",
        "ScheduleActivity",
        "ScheduleLocalActivity",
        "ScheduleNexusOperation",
        "SignalExternalWorkflow",
        "StartChildWorkflow",
        "StartTimer",
        "UpdateResponse",
        "UpsertSearchAttributes",
    }


def test_every_run_has_one_fixture_without_a_trace_of_where_it_was_recorded() -> None:
    fixtures = find_fixtures([HISTORIES])
    histories = [read_history(path) for path in fixtures]
    assert sorted((h.workflow_type or "", h.status or "") for h in histories) == sorted(
        (run.name, run.status) for run in RUNS
    )
    for path in fixtures:
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text
        assert "site-packages" not in text


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_the_old_code_is_consistent_with_its_own_history(run: Any) -> None:
    module = run.workflow.__module__.rpartition(".")[2]
    pair = Pair(new=f"{module}.{run.workflow.__name__}", diverges=False, has_line=False, plain=Plain.NOTHING)
    assert judged(pair).outcome is Outcome.CONSISTENT
