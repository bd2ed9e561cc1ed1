"""A sample of the differential test; the whole is `python -m tests.explore.differential`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.explore.growing.service import Ledger
from replaykit.explore.growing.service import subjects as service_subjects
from replaykit.explore.growing.service.subjects.rules import CommandRules, opens
from replaykit.explore.scenario import Subject
from replaykit.replay.kinds import START_TIMER
from tests.explore.differential.equality import differences
from tests.explore.differential.planning import planned
from tests.explore.differential.running import Case, Outcome, perform, service
from tests.explore.gallery_workflows import subjects
from tests.gallery.blocks.cancellation import NapWorkflow


async def _performed(seeds: Sequence[int]) -> list[Outcome]:
    cases = [Case(subject=subject, seed=seed) for seed in seeds for subject in subjects()]
    async with service() as client:
        return [outcome async for outcome in perform(client, cases, at_once=12)]


@pytest.mark.skipif(
    not hasattr(WorkflowCommand(), "event_group_markers"),
    reason="grown histories are as the Core of temporalio 1.35 writes them",
)
@pytest.mark.parametrize("seeds", [[1], [2, 3, 4]])
@pytest.mark.exhaustive
@pytest.mark.thinned(2)
def test_a_service_writes_what_was_grown(seeds: list[int]) -> None:
    outcomes = asyncio.run(_performed(seeds))
    different = [str(outcome) for outcome in outcomes if not outcome.is_equal and not outcome.left_out]
    assert not different, "\n\n".join(different)
    assert sum(outcome.is_equal for outcome in outcomes) > len(outcomes) * 0.9


def test_a_wrong_rule_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: what is grown by one wrong rule differs from what a service wrote."""
    subject = next(subject for subject in subjects() if subject.workflow is NapWorkflow)
    right = planned(subject, 1)
    assert differences(right, right.events) == []
    wrong_rules = CommandRules(write=_started_for_nothing, opens=opens(Subject.TIMER, lambda command: "0 s"))
    monkeypatch.setitem(service_subjects.COMMANDS, START_TIMER, wrong_rules)
    wrong = planned(subject, 1)
    assert [line for line in differences(wrong, right.events) if "start_to_fire_timeout" in line]


def _started_for_nothing(ledger: Ledger, command: Any, task: int) -> HistoryEvent:
    return ledger.write("TimerStarted", timer_id=str(command.seq), workflow_task_completed_event_id=task)
