"""The table of subjects: every kind of command and of step has its rule, and no two rows claim the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest

from replaykit.explore.growing.service.subjects import (
    COMMANDS,
    FOLLOWS,
    JOBS,
    OPEN,
    OUTSIDE_STEPS,
    SILENT,
    SUBJECTS,
)
from replaykit.explore.growing.service.subjects.rules import SubjectRules
from replaykit.explore.scenario import StepKind, Subject
from replaykit.history.events import EVENT_NAMES
from replaykit.replay.kinds import BY_FIELD

_OF_NO_TARGET = frozenset(
    {
        StepKind.SIGNAL,
        StepKind.UPDATE,
        StepKind.QUERY,
        StepKind.CANCEL,
        StepKind.PAUSED,
        StepKind.REASSIGNED,
        StepKind.TASK_FAILS,
        StepKind.TASK_TIMES_OUT,
        StepKind.RUN_TIMES_OUT,
        StepKind.RUN_TERMINATED,
    }
)


def test_every_command_that_code_can_ask_for_has_a_rule() -> None:
    assert set(COMMANDS) == set(BY_FIELD.values())


def test_what_is_written_is_what_leaves_an_event() -> None:
    # Core keeps a local activity's start to itself too: its marker comes with its end.
    kept = {kind for kind, rules in COMMANDS.items() if rules.write is None}
    assert {kind for kind in BY_FIELD.values() if not kind.leaves_event} == {
        kind for kind in kept if kind.cancels is not None
    }
    assert {kind.name for kind in kept if kind.cancels is None} == {"ScheduleLocalActivity"}


def test_every_step_has_a_rule() -> None:
    assert set(OUTSIDE_STEPS) == _OF_NO_TARGET
    assert set(OPEN) == set(Subject) - {Subject.LOCAL_ACTIVITY}  # those end inside the workflow task


@pytest.mark.parametrize("member", [field.name for field in fields(SubjectRules)])
def test_no_two_rows_claim_the_same(member: str) -> None:
    counts = Counter(key for subject in SUBJECTS for key in getattr(subject, member))
    assert counts
    assert max(counts.values()) == 1


def test_event_types_are_spelled_as_temporal_does() -> None:
    assert (set(FOLLOWS) | set(JOBS) | SILENT) <= set(EVENT_NAMES.values())
