"""Same or new, unstable or not: Verdicts of two codes on one History."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from replaykit.gate.against_base import Judged, Levels, Unsteady, compared
from replaykit.gate.sameness import is_the_same, is_unsteady
from replaykit.issue import Level
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
HEAVY, LIGHT = Severity.BEHAVIOURAL, Severity.COSMETIC


def of_both(base: Verdict, head: Verdict, fail_on: Severity, unsteady: Unsteady | None = None) -> Judged:
    return Judged(key="a.json", asked="a.json", head=head, base=base, fail_on=fail_on, unsteady=unsteady)


def found(judged: Judged) -> list[str]:
    """The rules that a gate reports of one History."""
    return [issue.rule for issue in compared([judged], Levels())]


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
    assert is_the_same(raised("ValueError: x"), now, LIGHT) is same


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
    assert is_the_same(diverged("ScheduleActivity b"), now, LIGHT) is same


DRIFTS: dict[str, Drift] = {
    "A": Drift(event_id=5, field="activity.arguments[0]", recorded=1, produced=2, severity=HEAVY),
    "a": Drift(event_id=5, field="activity.arguments[0]", recorded=1, produced=3, severity=HEAVY),
    "B": Drift(event_id=9, field="timer.start_to_fire_timeout", recorded=1, produced=2, severity=HEAVY),
    "c": Drift(event_id=5, field="activity.summary", recorded="x", produced="y", severity=LIGHT),
    "d": Drift(event_id=9, field="timer.summary", recorded="x", produced="y", severity=LIGHT),
    "T": Drift(event_id=None, field="tail.activity", recorded=None, produced="n", severity=HEAVY),
    "U": Drift(event_id=None, field="tail.activity", recorded=None, produced="m", severity=HEAVY),
}
"""By a letter, behavioural ones in capitals but for `a`: the attribute of `A` with another value."""


def with_drifts(letters: str, fail_on: Severity, like: Verdict | None = None) -> Verdict:
    """A Verdict with these drifts: another one's, or what strict mode makes of them."""
    drifts = tuple(DRIFTS[letter] for letter in letters)
    if like is not None:
        return replace(like, drifts=drifts)
    is_failing = any(drift.severity is HEAVY or fail_on is LIGHT for drift in drifts)
    return replace(WELL, drifts=drifts, outcome=Outcome.DRIFTED if is_failing else Outcome.CONSISTENT)


@pytest.mark.parametrize(
    ("base", "head", "if_heavy_fail", "if_all_fail"),
    [
        pytest.param("", "", "well", "well", id="none"),
        pytest.param("", "A", "new", "new", id="the first"),
        pytest.param("", "c", "well", "new", id="the first, cosmetic"),
        pytest.param("c", "c", "well", "known", id="a known cosmetic one"),
        pytest.param("c", "d", "well", "new", id="another cosmetic one"),
        pytest.param("c", "Ac", "new", "new", id="a behavioural one beside a known cosmetic one"),
        pytest.param("A", "A", "known", "known", id="a known one"),
        pytest.param("A", "", "well", "well", id="one that is gone"),
        pytest.param("A", "c", "well", "new", id="a cosmetic one in place of a behavioural one"),
        pytest.param("A", "a", "new", "new", id="another value"),
        pytest.param("A", "B", "new", "new", id="another place"),
        pytest.param("A", "AB", "new", "new", id="a behavioural one beside a known one"),
        pytest.param("AB", "A", "known", "known", id="one of two that are known"),
        pytest.param("A", "Ac", "known", "new", id="a cosmetic one beside a known one"),
        pytest.param("Ac", "A", "known", "known", id="a cosmetic one that is gone"),
        pytest.param("Ac", "Ad", "known", "new", id="another cosmetic one beside a known one"),
        pytest.param("Ac", "Bc", "new", "new", id="a new one beside a known cosmetic one"),
        pytest.param("Ac", "ABc", "new", "new", id="a new one beside known ones of both kinds"),
        pytest.param("T", "T", "known", "known", id="a known one of the tail"),
        pytest.param("T", "TT", "new", "new", id="a second one like the known one of the tail"),
        pytest.param("TT", "T", "known", "known", id="one of two equal ones of the tail"),
        pytest.param("T", "TU", "new", "new", id="another one of the tail"),
    ],
)
@pytest.mark.parametrize("fail_on", [HEAVY, LIGHT])
def test_drifts_are_the_same_where_none_that_fails_is_new(
    base: str, head: str, if_heavy_fail: str, if_all_fail: str, fail_on: Severity
) -> None:
    expected = if_heavy_fail if fail_on is HEAVY else if_all_fail
    rules = {"well": [], "known": ["inherited"], "new": ["new-drift"]}
    judged = of_both(with_drifts(base, fail_on), with_drifts(head, fail_on), fail_on)
    assert found(judged) == rules[expected]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(lambda: diverged("ScheduleActivity b", event=12), id="diverged"),
        pytest.param(lambda: raised("KeyError: x"), id="raised"),
    ],
)
@pytest.mark.parametrize("fail_on", [HEAVY, LIGHT])
def test_a_known_failure_hides_no_new_drift(failure: Callable[[], Verdict], fail_on: Severity) -> None:
    def rules(base: str, head: str) -> list[str]:
        before, now = (with_drifts(letters, fail_on, like=failure()) for letters in (base, head))
        return found(of_both(before, now, fail_on))

    both = ["inherited", "new-drift"]
    assert rules("A", "A") == ["inherited"]
    assert rules("AB", "A") == ["inherited"]
    assert rules("", "A") == both
    assert rules("A", "AB") == both
    assert rules("A", "a") == both
    assert rules("A", "Ac") == (["inherited"] if fail_on is HEAVY else both)


def test_a_new_drift_beside_a_known_divergence_is_named_with_its_values() -> None:
    base, head = (replace(diverged("ScheduleActivity b", event=12), drifts=d) for d in ((), (DRIFTS["A"],)))
    inherited, new = compared([of_both(base, head, HEAVY)], Levels())
    assert "event 12" not in new.title
    assert "event 5: activity.arguments[0] was 1, is 2 (beside what the base has)" in new.title
    assert (inherited.level, new.level) == (Level.NOTE, Level.FAIL)


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
    assert is_unsteady([diverged(each) for each in runs], diverged(now), LIGHT) is unsteady


def test_a_base_that_diverges_now_and_then() -> None:
    assert is_unsteady([WELL, diverged("ScheduleActivity b")], diverged("ScheduleActivity b"), LIGHT)
    assert not is_unsteady([WELL, WELL], diverged("ScheduleActivity b"), LIGHT)


def test_drifts_that_the_base_does_not_give_twice() -> None:
    runs = [drifted(a=1), drifted(a=2)]
    assert is_unsteady(runs, drifted(a=3), LIGHT)
    assert not is_unsteady(runs, drifted(a=3, b=1), LIGHT), "one drift is the change's own"
    assert not is_unsteady([drifted(a=1), drifted(a=1)], drifted(a=3), LIGHT)


def test_a_drift_that_fails_nothing_needs_no_explanation() -> None:
    runs, now = [drifted(a=1), drifted(a=2)], drifted(a=3)
    now = replace(now, drifts=(*now.drifts, DRIFTS["c"]))
    assert is_unsteady(runs, now, HEAVY)
    assert not is_unsteady(runs, now, LIGHT)


def test_a_second_command_of_the_tail_is_not_explained_by_a_first_that_varies() -> None:
    runs = [with_drifts("T", HEAVY), with_drifts("U", HEAVY)]
    assert is_unsteady(runs, with_drifts("T", HEAVY), HEAVY)
    assert not is_unsteady(runs, with_drifts("TU", HEAVY), HEAVY)
    assert is_unsteady([with_drifts("TT", HEAVY), with_drifts("UU", HEAVY)], with_drifts("UT", HEAVY), HEAVY)


def test_a_drift_beside_a_divergence_that_varies_is_new() -> None:
    runs = [diverged("StartTimer (id 1)"), diverged("StartTimer (id 2)")]
    now = diverged("StartTimer (id 3)")
    assert is_unsteady(runs, now, HEAVY)
    assert not is_unsteady(runs, replace(now, drifts=(DRIFTS["A"],)), HEAVY)


def test_errors_that_the_base_does_not_give_twice() -> None:
    runs = [raised("ValueError: 1"), raised("ValueError: 2")]
    assert is_unsteady(runs, raised("ValueError: 3"), LIGHT)
    assert not is_unsteady(runs, raised("KeyError: 3"), LIGHT)
    assert not is_unsteady(runs, raised("ValueError: 3", code="int(rows)"), LIGHT)
    assert not is_unsteady([raised("ValueError: 1")] * 2, raised("ValueError: 3"), LIGHT)


@pytest.mark.parametrize("reason", [Reason.TIMED_OUT, Reason.CRASHED])
def test_a_slow_or_dead_process_of_the_base_excuses_nothing(reason: Reason) -> None:
    assert not is_unsteady([WELL, raised("x", reason=reason)], raised("x", reason=reason), LIGHT)
