"""The blocks of perturbed replays."""

from __future__ import annotations

from dataclasses import replace

from replaykit.report.perturbation_rows import perturbation_block
from replaykit.report.rows import plain_lines
from replaykit.verdict import BrokenRun, Instability, Perturbation, SourceLine

UNSTABLE = Instability(
    history="histories/Order/order-17.json",
    workflow_type="Order",
    axis="hash seed",
    changed="PYTHONHASHSEED, and with it the order of sets of strings",
    command=2,
    event_id=11,
    field=None,
    usual="ScheduleActivity charge",
    perturbed="ScheduleActivity ship",
    source=SourceLine(file="app/workflows.py", line=18, function="run"),
    cure="Go over `sorted(...)`, or keep a list or dict in place of the set.",
)


def lines_of(answer: Perturbation) -> list[str]:
    return plain_lines(perturbation_block(answer).whole)


def test_a_finding_is_a_block() -> None:
    answer = Perturbation(histories=3, rounds=8, duration_s=4.2, instabilities=(UNSTABLE,))
    assert lines_of(answer) == [
        "perturbed: 1 of 3 histories in 8 rounds did not come out the same; 4.2 s",
        "",
        "histories/Order/order-17.json: depends on: hash seed",
        "  workflow  Order",
        "  changed   PYTHONHASHSEED, and with it the order of sets of strings",
        "  at        command 2 (event 11)",
        "  line      app/workflows.py:18 in run",
        "  before    ScheduleActivity charge",
        "  then      ScheduleActivity ship",
        "  hint      Go over `sorted(...)`, or keep a list or dict in place of the set.",
    ]


def test_one_line_that_many_histories_show_is_reported_once() -> None:
    others = [replace(UNSTABLE, history=f"histories/Order/order-{number}.json") for number in range(5)]
    answer = Perturbation(histories=9, rounds=8, duration_s=4.2, instabilities=(UNSTABLE, *others))
    lines = lines_of(answer)
    assert lines[0].startswith("perturbed: 6 of 9 histories in 8 rounds did not")
    assert sum("depends on" in line for line in lines) == 1
    assert lines[-2:] == [
        "  also in   histories/Order/order-0.json, histories/Order/order-1.json,",
        "            histories/Order/order-2.json, and 2 more",
    ]


def test_nothing_different_is_one_line() -> None:
    answer = Perturbation(histories=1, rounds=1, duration_s=1)
    assert lines_of(answer) == ["perturbed: 1 history in 1 round, all came out the same; 1.0 s"]


def test_a_replay_without_an_answer_is_reported() -> None:
    broken = BrokenRun(axis="host name", history="order.json", message="the process ended with 7")
    answer = Perturbation(histories=2, rounds=8, duration_s=1, broken=(broken,))
    assert answer.exit_code == 2
    assert lines_of(answer) == [
        "perturbed: 2 histories in 8 rounds, but 1 replay gave no answer; 1.0 s",
        "",
        "order.json: no answer, changed: host name",
        "  why       the process ended with 7",
    ]


def test_no_history_at_all_is_reported() -> None:
    answer = Perturbation(histories=0, rounds=8)
    assert answer.exit_code == 2
    assert lines_of(answer)[0].startswith("perturbed: nothing")
