"""What two hash seeds make of one History, and what processes are given to judge, without any process."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from pathlib import Path

import pytest

from replaykit.check.hash_seeds import LARGEST, Conclusion, Trial, concluded, seeds
from replaykit.check.sharing import Sharing, Task
from replaykit.processes.cores import usable_cores
from replaykit.report.corpus_rows import finding_blocks
from replaykit.report.rows import plain_lines
from replaykit.verdict import Divergence, Drift, Outcome, Reason, Severity, Verdict

GREEN = Verdict(history="h", outcome=Outcome.CONSISTENT, workflow_type="Order", worker="default")
RED = dataclasses.replace(
    GREEN,
    outcome=Outcome.DIVERGED,
    divergence=Divergence(
        event_id=5,
        recorded="ActivityTaskScheduled a",
        produced="ScheduleActivity b",
        suggestion="guard it",
        message="",
        raw="",
    ),
)
assert RED.divergence is not None
OTHER_RED = dataclasses.replace(
    RED, divergence=dataclasses.replace(RED.divergence, produced="ScheduleActivity c")
)
DRIFTED = dataclasses.replace(
    GREEN,
    outcome=Outcome.DRIFTED,
    drifts=(
        Drift(event_id=5, field="activity.input", recorded="a", produced="b", severity=Severity.BEHAVIOURAL),
    ),
)
RAISED = dataclasses.replace(GREEN, outcome=Outcome.UNJUDGED, reason=Reason.WORKFLOW_TASK_FAILED)
CRASHED = dataclasses.replace(GREEN, outcome=Outcome.UNJUDGED, reason=Reason.CRASHED)
UNREADABLE = dataclasses.replace(GREEN, outcome=Outcome.UNJUDGED, reason=Reason.UNREADABLE)


def trials(*verdicts: Verdict, first: int = 1) -> list[Trial]:
    numbers = (first, 0, first)
    return [
        Trial(number=number, seed=100 + number, verdict=verdict)
        for number, verdict in zip(numbers, verdicts, strict=False)
    ]


@pytest.mark.parametrize("verdict", [GREEN, RED, DRIFTED, RAISED, CRASHED], ids=lambda v: str(v.outcome))
def test_the_usual_seed_has_the_last_word_at_once(verdict: Verdict) -> None:
    assert concluded(trials(verdict, first=0)) == Conclusion(verdict=verdict)


@pytest.mark.parametrize(("verdict", "once_more"), [(RED, True), (DRIFTED, True), (RAISED, True)])
@pytest.mark.parametrize("is_steady", [False, True])
def test_what_fails_under_another_is_judged_under_the_usual_one(
    verdict: Verdict, once_more: bool, is_steady: bool
) -> None:
    expected = Conclusion(verdict=verdict) if is_steady else 0
    assert concluded(trials(verdict), is_steady=is_steady) == expected


@pytest.mark.parametrize("verdict", [GREEN, CRASHED, UNREADABLE], ids=lambda v: str(v.reason))
def test_what_no_order_can_bring_about_is_not_judged_again(verdict: Verdict) -> None:
    assert concluded(trials(verdict)) == Conclusion(verdict=verdict)


def test_one_answer_under_both_is_that_of_the_usual_one() -> None:
    usual = dataclasses.replace(RED, duration_s=7.0)
    found = concluded(trials(RED, usual))
    assert found == Conclusion(verdict=usual)


def test_no_answer_under_the_usual_one_leaves_the_first() -> None:
    assert concluded(trials(RED, CRASHED)) == Conclusion(verdict=RED)


@pytest.mark.parametrize(
    ("first", "usual", "failing"),
    [(RED, GREEN, RED), (DRIFTED, GREEN, DRIFTED), (RAISED, GREEN, RAISED), (DRIFTED, RED, RED)],
)
def test_two_answers_are_one_that_fails_and_a_finding_with_its_seed(
    first: Verdict, usual: Verdict, failing: Verdict
) -> None:
    assert concluded(trials(first, usual)) == 1
    found = concluded(trials(first, usual, first))
    assert isinstance(found, Conclusion)
    assert found.finding is not None
    assert found.verdict.outcome is failing.outcome
    seed = 101 if failing is first else 100
    assert f"{failing.outcome} under seed {seed}, " in found.finding.message
    assert f"--jobs 1 --seed {seed} h" in found.finding.cure
    assert "sorted" in found.finding.cure
    suggestions = [each.suggestion for each in found.verdict.drifts]
    suggestions += [found.verdict.divergence.suggestion] if found.verdict.divergence else []
    assert all("for name in sorted(names)" in (each or "") for each in suggestions)


def test_the_finding_as_it_is_read() -> None:
    found = concluded(trials(RED, GREEN, RED))
    assert isinstance(found, Conclusion)
    assert found.finding is not None
    (block,) = finding_blocks([found.finding])
    assert list(plain_lines(block.whole)) == [
        "1 history depends on the hash seed, and so on which process a worker happens to have:",
        "  h: diverged under seed 101, consistent under 100",
        "  The code walks over a set of texts, whose order differs from process to process.",
        "  Go over `sorted(...)`, or keep a list or dict in place of the set.",
        "  The same once more: replaykit replay --jobs 1 --seed 101 h",
    ]


def test_what_differs_from_run_to_run_is_no_matter_of_seeds() -> None:
    assert concluded(trials(RED, GREEN, GREEN)) == Conclusion(verdict=RED)
    assert concluded(trials(RED, GREEN, OTHER_RED)) == Conclusion(verdict=RED)
    assert concluded(trials(OTHER_RED, RED, RED)) == Conclusion(verdict=RED)


def test_seeds_follow_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = itertools.islice(seeds(7), 50)
    assert first == 7
    assert [7, *others] == list(itertools.islice(seeds(7), 50))
    assert len({first, *others}) == 50
    assert all(1 <= seed <= LARGEST for seed in others)
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    assert next(seeds()) == 0
    for word in ("random", "", "-1", "4294967296"):
        monkeypatch.setenv("PYTHONHASHSEED", word)
        assert len({next(seeds()) for _ in range(20)}) > 15


def task(index: int, weight: int) -> Task:
    return Task(index=index, path=Path(f"{index}.json"), name=f"{index}", weight=weight)


def test_the_longest_is_handed_out_first() -> None:
    sharing = Sharing([task(0, 5), task(1, 9), task(2, 5), task(3, 7)])
    taken = [sharing.take(number) for number in (0, 1, 0, 1)]
    assert [each.index for each in taken if each is not None] == [1, 3, 0, 2]


def answered(sharing: Sharing, number: int, verdict: Verdict) -> Task | None:
    taken = sharing.take(number)
    if taken is not None:
        sharing.answer(taken, Trial(number=number, seed=100 + number, verdict=verdict))
    return taken


def test_a_cause_is_judged_under_both_seeds_once() -> None:
    sharing = Sharing([task(0, 9), task(1, 8), task(2, 7)])
    answered(sharing, 1, RED)
    assert sharing.next(0) is None
    again = answered(sharing, 0, RED)
    assert again is not None
    assert again.index == 0
    answered(sharing, 1, RED)
    answered(sharing, 1, RED)
    done = [sharing.next(0) for _ in range(3)]
    assert [each.index for each in done if each is not None] == [0, 1, 2]
    assert sharing.take(0) is None
    assert sharing.findings == ()


def test_who_has_nothing_to_do_waits_for_what_another_one_may_want_of_it() -> None:
    sharing = Sharing([task(0, 9)])
    taken = sharing.take(1)
    assert taken is not None
    found: list[Task | None] = []
    waiting = threading.Thread(target=lambda: found.append(sharing.take(0)))
    waiting.start()
    sharing.answer(taken, Trial(number=1, seed=101, verdict=RED))
    waiting.join(10)
    assert found == [taken]


def test_nothing_is_handed_out_once_it_is_over() -> None:
    sharing = Sharing([task(0, 9), task(1, 9)])
    assert sharing.take(0) is not None
    sharing.stop()
    assert sharing.take(0) is None


def test_what_is_left_is_estimated_by_what_was_handed_out() -> None:
    sharing = Sharing([task(0, 30), task(1, 10), task(2, 10), task(3, 10)])
    assert sharing.waiting_s() == 0
    sharing.take(0)
    before = sharing.spent_s()
    assert before <= sharing.waiting_s() <= sharing.spent_s()  # as much again as is begun
    sharing.take(1)
    assert sharing.waiting_s() <= sharing.spent_s()
    assert sharing.busy == [0, 1]


@pytest.mark.parametrize(
    ("text", "most"), [("100000 100000\n", 1), ("150000 100000", 2), ("max 100000", None), ("nonsense", None)]
)
def test_a_container_has_a_share_of_the_cores(tmp_path: Path, text: str, most: int | None) -> None:
    unlimited = usable_cores(tmp_path / "none")
    quota = tmp_path / "cpu.max"
    quota.write_text(text, encoding="ascii")
    assert usable_cores(quota) == (unlimited if most is None else min(most, unlimited))
