"""The benchmarks still run. Nothing is timed here: what they measure is for a quiet machine."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import load_config
from replaykit.explore.classes import worker_of
from replaykit.history import find_fixtures, read_history
from tests.benchmarks import explore, fix, speed
from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.flows import FiveActivities
from tests.benchmarks.measuring import Measured, table
from tests.benchmarks.replay import ROOT, compared, corpus_of


@pytest.mark.exhaustive
def test_one_round_of_replay_over_two_histories() -> None:
    config = load_config(ROOT)
    folder = ROOT / "histories"
    paths = [*find_fixtures([folder / "NapWorkflow"]), *find_fixtures([folder / "LabelWorkflow"])]
    lines = compared(corpus_of(config, map(read_history, paths)), rounds=1).splitlines()
    assert lines[0] == "replay: 2 histories, 1 round"
    assert [re.split(r"  +", line)[0] for line in lines[2:]] == [
        "the SDK's own loop",
        "replaykit without source lines",
        "replaykit",
        "replaykit, strict",
    ]


@pytest.mark.exhaustive
def test_one_round_of_exploring() -> None:
    worker = worker_of([FiveActivities], workflow_runner=UnsandboxedWorkflowRunner())
    lines = explore.compared("explore", worker, count=2, rounds=1).splitlines()
    assert lines[0] == "explore: 2 histories of 35 events, 1 round"
    assert [line.partition(":")[0] for line in lines[-3:]] == [
        "grown",
        "grown and judged, strict",
        "grown by replays",
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("case", fix.CASES, ids=lambda case: case.name)
def test_one_round_of_fixing(tmp_path: Path, case: fix.Case) -> None:
    histories = fix.recorded(tmp_path / "base", count=6)
    lines = fix.compared(case, fix.project(tmp_path / "project", case, histories), rounds=1).splitlines()
    shown = {
        "all diverge": "6 of 6 histories break",
        "half diverge": "[1-5] of 6 histories break",
        "none diverges": "nothing to fix: 6 histories replay",
    }
    assert re.fullmatch(f"fix, {case.name}: {shown[case.name]}, 1 round", lines[0]), lines[0]
    assert [re.split(r"  +", line)[0] for line in lines[2:]] == [
        "the SDK's own loop",
        "replaykit replay --strict",
        "replaykit fix",
    ]


def test_a_ratio_is_that_of_one_round() -> None:
    """A machine that was slow for a round slows both ways."""
    one = Measured(name="one", cpu=(1.0, 5.0, 1.0), wall=(1.0, 5.0, 1.0))
    other = Measured(name="other", cpu=(1.1, 5.5, 1.1), wall=(2.0, 10.0, 2.0))
    *_, line = table("title", [one, other]).splitlines()
    assert line.split() == ["other", "1100", "ms", "1.100", "1100", "ms", "1.100", "2000", "ms", "2.000"]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_name_is_a_module_that_runs(name: str) -> None:
    assert callable(importlib.import_module(f"tests.benchmarks.{name}").run)


@pytest.mark.exhaustive
def test_one_round_of_speed(tmp_path: Path) -> None:
    corpus = speed.Corpus(name="three", count=3, rounds=2, classes=5, loops=False)
    lines = speed.compared(corpus, tmp_path / "project", rounds=1).splitlines()
    assert lines[0] == "speed, three, 1 round"
    assert [re.split(r"  +", line)[0] for line in lines[2:-1]] == [
        "SDK, batch",
        "SDK, one Replayer",
        "replaykit replay",
        "replaykit replay --sandbox fresh",
        "replaykit replay --strict",
        "floor",
    ]
    assert lines[-1].startswith("floor, the work alone: ")
    (history,) = {len(read_history(path).events) for path in find_fixtures([tmp_path])}
    assert history == 5 + 12 * corpus.rounds
