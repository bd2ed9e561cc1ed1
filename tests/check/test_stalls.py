"""A worker whose code answers nothing any more is not waited for without end."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from replaykit.check import Check
from replaykit.check.stalls import IN_A_ROW, Stalls
from replaykit.config import load_config
from replaykit.verdict import Outcome, Reason, Verdict
from tests.plugin.project import UNCHANGED, write_project

TIMED_OUT = Verdict(history="h", outcome=Outcome.UNJUDGED, reason=Reason.TIMED_OUT)
FAILED = Verdict(history="h", outcome=Outcome.UNJUDGED, reason=Reason.WORKFLOW_TASK_FAILED)
GREEN = Verdict(history="h", outcome=Outcome.CONSISTENT)


def test_only_deadlines_in_a_row_stop_a_worker() -> None:
    for answer in (GREEN, FAILED):
        stalls = Stalls(60.0)
        for verdict in [TIMED_OUT] * (IN_A_ROW - 1) + [answer] + [TIMED_OUT] * (IN_A_ROW - 1):
            stalls.note("eu", verdict)
        assert stalls.verdict("eu", name="next") is None
        stalls.note("eu", TIMED_OUT)
        stopped = stalls.verdict("eu", name="next")
        assert stopped is not None
        assert (stopped.history, stopped.reason) == ("next", Reason.TIMED_OUT)


def test_one_workers_stalls_are_its_own() -> None:
    stalls = Stalls(60.0)
    for _ in range(IN_A_ROW):
        stalls.note("eu", TIMED_OUT)
    assert stalls.verdict("us", name="h") is None
    stopped = stalls.verdict("eu", name="h")
    assert stopped is not None
    assert (stopped.message or "").startswith(
        "not replayed: 3 histories of worker 'eu' in a row gave no answer within 60 s"
    )


def test_another_process_goes_on_from_the_same_count() -> None:
    one, other = Stalls(60.0), Stalls(60.0)
    for _ in range(IN_A_ROW - 1):
        one.note("eu", TIMED_OUT)
    other.take(one.counts)
    other.note("eu", TIMED_OUT)
    assert other.verdict("eu", name="h") is not None
    assert one.verdict("eu", name="h") is None


def test_the_rest_of_a_stuck_worker_is_unjudged_at_once(tmp_path: Path) -> None:
    stuck = UNCHANGED.replace("@workflow.defn\n", "@workflow.defn(sandboxed=False)\n")
    stuck = "import time\n" + stuck.replace("        rows =", "        time.sleep(600)\n        rows =", 1)
    fixtures = write_project(tmp_path, code=stuck, copies=IN_A_ROW + 3)
    (tmp_path / "flows.py").rename(tmp_path / "stuck_flows.py")
    config = load_config(tmp_path).with_workflows(["stuck_flows"])
    with Check(dataclasses.replace(config, timeout_s=0.2)) as judge:
        verdicts = list(judge.judge_all(fixtures))
    assert [verdict.reason for verdict in verdicts] == [Reason.TIMED_OUT] * len(fixtures)
    waited = [verdict for verdict in verdicts if "not replayed" not in (verdict.message or "")]
    assert waited == verdicts[:IN_A_ROW]
    assert all(verdict.workflow_type == "DataProcessingWorkflow" for verdict in verdicts)
    assert all(verdict.duration_s == 0 for verdict in verdicts[IN_A_ROW:])
