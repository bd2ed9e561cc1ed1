"""The benchmarks still run. Nothing is timed here: what they measure is for a quiet machine."""

from __future__ import annotations

import importlib
import re

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.config import load_config
from replaykit.explore.classes import worker_of
from replaykit.history import find_fixtures, read_history
from tests.benchmarks import explore
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


def test_a_ratio_is_that_of_one_round() -> None:
    """A machine that was slow for a round slows both ways."""
    one = Measured(name="one", cpu=(1.0, 5.0, 1.0), wall=(1.0, 5.0, 1.0))
    other = Measured(name="other", cpu=(1.1, 5.5, 1.1), wall=(2.0, 10.0, 2.0))
    *_, line = table("title", [one, other]).splitlines()
    assert line.split() == ["other", "1100", "ms", "1.100", "1100", "ms", "1.100", "2000", "ms", "2.000"]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_name_is_a_module_that_runs(name: str) -> None:
    assert callable(importlib.import_module(f"tests.benchmarks.{name}").run)
