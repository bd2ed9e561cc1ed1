"""How often the base is asked again about what a change fails, and of which fixtures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from replaykit.config import Config, load_config
from replaykit.gate.against_base import Judged
from replaykit.gate.base_verdicts import Answer, Request, judged_elsewhere
from replaykit.gate.steadiness import with_unsteady
from replaykit.verdict import Outcome, Reason, Verdict
from tests.gate.test_sameness import WELL, diverged, raised
from tests.plugin.project import UNCHANGED, write_project

A, B, C = (diverged(f"StartTimer (id {number})") for number in (1, 2, 3))
OTHER = diverged("ScheduleActivity b")
GONE = Verdict(history="a.json", outcome=Outcome.UNJUDGED, reason=Reason.UNKNOWN_WORKFLOW)

Runs = list[tuple[str, list[str]]]


@pytest.fixture
def runs_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Runs]:
    """Has the base answer so in its later runs; the hash seed and the fixtures of each run are kept."""

    def given(*answers: Verdict) -> Runs:
        runs: Runs = []

        def judged_elsewhere(request: Request, *, what: str, env: Mapping[str, str]) -> Answer:
            answer = answers[len(runs)]
            runs.append((env["PYTHONHASHSEED"], sorted(request.files)))
            return Answer(verdicts=dict.fromkeys(request.files, answer))

        monkeypatch.setattr("replaykit.gate.steadiness.judged_elsewhere", judged_elsewhere)
        return runs

    return given


def of(head: Verdict, base: Verdict | None, key: str = "a.json", asked: str | None = None) -> Judged:
    return Judged(key=key, asked=asked or key, head=head, base=base)


def marked(*judged: Judged, added: tuple[str, ...] = ()) -> list[bool]:
    files = {each.asked: Path(each.asked) for each in judged}
    request = Request(root=Path(), head=Config(root=Path()), files=files)
    return [each.unsteady is not None for each in with_unsteady(judged, request, added)]


@pytest.mark.parametrize(
    ("head", "base"),
    [
        pytest.param(WELL, WELL, id="all is well"),
        pytest.param(A, A, id="the base has it"),
        pytest.param(A, None, id="no base"),
        pytest.param(GONE, WELL, id="a removed workflow"),
        pytest.param(raised("x", reason=Reason.TIMED_OUT), WELL, id="a slow change"),
    ],
)
def test_nothing_is_asked_where_no_answer_could_excuse_it(
    runs_of: Callable[..., Runs], head: Verdict, base: Verdict | None
) -> None:
    runs = runs_of()
    assert marked(of(head, base)) == [False]
    assert runs == []


def test_a_base_that_passes_is_asked_once_more(runs_of: Callable[..., Runs]) -> None:
    runs = runs_of(WELL)
    assert marked(of(A, WELL)) == [False]
    assert [seed for seed, _ in runs] == ["1"]


def test_fixtures_of_now_and_of_before_are_asked_together(runs_of: Callable[..., Runs]) -> None:
    runs = runs_of(WELL)
    assert marked(of(A, WELL), of(A, WELL, "b.json", "base:b.json")) == [False, False]
    assert runs == [("1", ["a.json", "base:b.json"])]


def test_what_came_with_the_change_is_not_asked_about(runs_of: Callable[..., Runs]) -> None:
    runs = runs_of(WELL)
    old = of(A, WELL, asked="base:a.json")
    assert marked(of(A, WELL), old, added=("a.json",)) == [False, False]
    assert runs == [("1", ["base:a.json"])], "the one that it took the place of is"


def test_a_base_of_random_values_needs_no_other_seed(runs_of: Callable[..., Runs]) -> None:
    runs = runs_of(B, C)
    assert marked(of(diverged("StartTimer (id 9)"), A)) == [True]
    assert [seed for seed, _ in runs] == ["1", "1"]


def test_a_base_that_is_the_same_under_one_seed_is_asked_under_another(
    runs_of: Callable[..., Runs],
) -> None:
    runs = runs_of(B, B, C)
    judged = of(diverged("StartTimer (id 9)"), A)
    (found,) = with_unsteady(
        [judged], Request(root=Path(), head=Config(root=Path()), files={"a.json": Path()})
    )
    assert found.unsteady is not None
    assert "PYTHONHASHSEED" in found.unsteady.changed
    assert [seed for seed, _ in runs] == ["1", "1", "2"]


def test_a_base_that_fails_steadily_excuses_nothing(runs_of: Callable[..., Runs]) -> None:
    runs = runs_of(A, A, A)
    assert marked(of(OTHER, A)) == [False]
    assert len(runs) == 3


@pytest.mark.parametrize(("env", "processes"), [({"PYTHONHASHSEED": "9"}, {"9"}), ({}, None)])
def test_a_run_under_one_hash_seed_is_one_process(
    tmp_path: Path, env: dict[str, str], processes: set[str] | None
) -> None:
    """Whatever the configuration has: its Verdicts are compared with those of another one."""
    slow = "import time\n" + UNCHANGED.replace(
        "@workflow.defn\n", "@workflow.defn(sandboxed=False)\n"
    ).replace("        rows =", "        time.sleep(0.1)\n        rows =", 1)
    note = "import os, pathlib\npathlib.Path(f\"seed-{os.environ['PYTHONHASHSEED']}\").touch()\n"
    fixtures = write_project(tmp_path, code=note + slow, copies=16)
    head = dataclasses.replace(load_config(tmp_path), jobs=2)
    files = {f"key {path.name}": path for path in fixtures}
    answer = judged_elsewhere(Request(root=tmp_path, head=head, files=files), what="the base", env=env)
    assert [verdict.outcome for verdict in answer.verdicts.values()] == [Outcome.CONSISTENT] * 16
    assert list(answer.verdicts) == [verdict.history for verdict in answer.verdicts.values()] == list(files)
    seeds = {path.name.removeprefix("seed-") for path in tmp_path.glob("seed-*")}
    assert seeds == processes if processes is not None else len(seeds) == 2
