"""Same or new, unstable or not: Verdicts of two codes on one History."""

from __future__ import annotations

import pytest

from replaykit.gate.sameness import is_the_same, is_unsteady
from replaykit.verdict import Divergence, Drift, Outcome, Reason, Severity, SourceLine, Verdict


def raised(
    error: str, *, line: int = 7, code: str = "total = rows[0]", reason: Reason = Reason.WORKFLOW_TASK_FAILED
) -> Verdict:
    source = SourceLine(file="flows.py", line=line, function="run")
    return Verdict(
        history="a.json",
        outcome=Outcome.UNJUDGED,
        reason=reason,
        message=f"the code raised {error} at flows.py:{line} in run",
        detail=f'Traceback:\n  File "/somewhere/flows.py", line {line}, in run\n    {code}\n{error}',
        source=source,
    )


def diverged(produced: str, *, event: int = 5, recorded: str = "ActivityTaskScheduled a") -> Verdict:
    divergence = Divergence(event_id=event, recorded=recorded, produced=produced, message="differs", raw="")
    return Verdict(history="a.json", outcome=Outcome.DIVERGED, divergence=divergence)


def drifted(**produced: object) -> Verdict:
    drifts = tuple(
        Drift(event_id=5, field=field, recorded="x", produced=value, severity=Severity.BEHAVIOURAL)
        for field, value in produced.items()
    )
    return Verdict(history="a.json", outcome=Outcome.DRIFTED, drifts=drifts)


WELL = Verdict(history="a.json", outcome=Outcome.CONSISTENT)


@pytest.mark.parametrize(
    ("now", "same"),
    [
        pytest.param(raised("ValueError: x"), True, id="the same"),
        pytest.param(raised("ValueError: x", line=70), True, id="lines moved"),
        pytest.param(raised("KeyError: x"), False, id="another error"),
        pytest.param(raised("ValueError: y"), False, id="another message"),
        pytest.param(raised("ValueError: x", code="int(rows)"), False, id="another line"),
        pytest.param(raised("ValueError: x", reason=Reason.UNDECODABLE_PAYLOAD), False, id="another reason"),
    ],
)
def test_an_error_is_the_same_by_its_cause_and_its_line(now: Verdict, same: bool) -> None:
    assert is_the_same(raised("ValueError: x"), now) is same


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (diverged("ScheduleActivity b"), True),
        (diverged("ScheduleActivity c"), False),
        (diverged("ScheduleActivity b", event=9), False),
        (diverged("ScheduleActivity b", recorded="TimerStarted"), False),
    ],
)
def test_a_divergence_is_the_same_at_one_event_with_the_same_sides(now: Verdict, same: bool) -> None:
    assert is_the_same(diverged("ScheduleActivity b"), now) is same


def test_drifts_are_the_same_where_no_new_one_is_among_them() -> None:
    before = drifted(a=1, b=2)
    assert is_the_same(before, drifted(b=2))
    assert not is_the_same(before, drifted(a=1, c=2))
    assert not is_the_same(before, drifted(a=2))


@pytest.mark.parametrize(
    ("runs", "now", "unsteady"),
    [
        pytest.param(
            ["StartTimer (id 1)", "StartTimer (id 2)"],
            "StartTimer (id 3)",
            True,
            id="other values",
        ),
        pytest.param(
            ["StartTimer (id 1)", "StartTimer (id 2)"], "ScheduleActivity b", False, id="another command"
        ),
        pytest.param(["StartTimer (id 1)"] * 2, "StartTimer (id 3)", False, id="the base is steady"),
    ],
)
def test_a_divergence_of_values_that_the_base_does_not_give_twice(
    runs: list[str], now: str, unsteady: bool
) -> None:
    assert is_unsteady([diverged(each) for each in runs], diverged(now)) is unsteady


def test_a_base_that_diverges_now_and_then() -> None:
    assert is_unsteady([WELL, diverged("ScheduleActivity b")], diverged("ScheduleActivity b"))
    assert not is_unsteady([WELL, WELL], diverged("ScheduleActivity b"))


def test_drifts_that_the_base_does_not_give_twice() -> None:
    runs = [drifted(a=1), drifted(a=2)]
    assert is_unsteady(runs, drifted(a=3))
    assert not is_unsteady(runs, drifted(a=3, b=1)), "one drift is the change's own"
    assert not is_unsteady([drifted(a=1), drifted(a=1)], drifted(a=3))


def test_errors_that_the_base_does_not_give_twice() -> None:
    runs = [raised("ValueError: 1"), raised("ValueError: 2")]
    assert is_unsteady(runs, raised("ValueError: 3"))
    assert not is_unsteady(runs, raised("KeyError: 3"))
    assert not is_unsteady(runs, raised("ValueError: 3", code="int(rows)"))
    assert not is_unsteady([raised("ValueError: 1")] * 2, raised("ValueError: 3"))


@pytest.mark.parametrize("reason", [Reason.TIMED_OUT, Reason.CRASHED])
def test_a_slow_or_dead_process_of_the_base_excuses_nothing(reason: Reason) -> None:
    assert not is_unsteady([WELL, raised("x", reason=reason)], raised("x", reason=reason))
