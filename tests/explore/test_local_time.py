"""What the clock shows after a local activity is the same in growth and in a replay."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import StrictPolicy
from replaykit.explore import Values
from replaykit.explore.classes import worker_of
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.choices import Choices
from replaykit.explore.searching.growers import FromStart
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome
from tests.explore.gallery_workflows import ROOT

TIMEOUT = timedelta(seconds=5)


@workflow.defn
class Stamps:
    @workflow.run
    async def run(self) -> None:
        began = workflow.now()
        for name in ("one", "two"):
            await workflow.execute_local_activity(name, start_to_close_timeout=TIMEOUT)
            took = (workflow.now() - began).total_seconds()
            await workflow.execute_activity("note", took, start_to_close_timeout=TIMEOUT)
            await workflow.execute_local_activity(name, start_to_close_timeout=TIMEOUT)
            at = workflow.now().isoformat()
            await workflow.execute_activity("stamp", at, start_to_close_timeout=TIMEOUT)


@pytest.mark.parametrize("kind", [Warm, Cold])
def test_a_replay_gives_the_commands_the_same_times(kind: type[Warm] | type[Cold]) -> None:
    worker = worker_of([Stamps], workflow_runner=UnsandboxedWorkflowRunner())
    engine = kind(worker, root=ROOT)
    session = ReplaySession(worker, root=ROOT, timeout_s=20, strict=StrictPolicy())
    grower = FromStart(engine, Stamps, Values(failures=0))
    with session:
        grown = [grower.fresh(Choices((0,) * 400, random.Random(0))) for _ in range(2)]
        verdicts = [session.judge(each.history, name="grown") for each in grown]
    engine.close()
    assert [each.history.status for each in grown] == ["COMPLETED"] * 2
    assert [(verdict.outcome, verdict.drifts) for verdict in verdicts] == [(Outcome.CONSISTENT, ())] * 2
