"""Workflows of agent frameworks: their recorded runs replay strictly, with the presets that are for them.

Two need the extra `agents`, which `.ci/run` installs, the others `more-agents`, which the weekly job has.
One that is named in the environment variable AGENTS, or any where that is `all`, fails where it is missing.
"""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from replaykit.check import Check
from replaykit.config import PRESETS, Config, StrictPolicy, load_config
from replaykit.history import History, find_fixtures, read_history
from replaykit.replay.strict.severity import preset_of
from replaykit.verdict import Outcome, Verdict
from tests.agents.frameworks import FRAMEWORKS, HISTORIES, Framework

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that are not ours

_HERE = Path(__file__).parent
NAMES = [framework.name for framework in FRAMEWORKS]


@pytest.fixture(params=FRAMEWORKS, ids=lambda framework: framework.name)
def framework(request: pytest.FixtureRequest) -> Framework:
    chosen: Framework = request.param
    required = os.environ.get("AGENTS", "").split(",")
    if not chosen.is_installed and not {chosen.name, "all"} & set(required):
        extras = ".[agents,more-agents]"
        pytest.skip(f"{chosen.name} is not installed: pip install -e '{extras}', on Python 3.11 or later")
    return chosen


@cache
def _fixtures() -> dict[str | None, History]:
    return {history.task_queue: history for history in map(read_history, find_fixtures([HISTORIES]))}


@cache
def _judged(name: str, *, with_presets: bool) -> Verdict:
    config = load_config(_HERE).with_worker(name)
    if not with_presets:
        config = dataclasses.replace(config, strict_policy=StrictPolicy())
    with Check(config) as check:
        return check.judge(_fixtures()[name])


def test_every_framework_has_a_worker_and_a_fixture() -> None:
    config: Config = load_config(_HERE)
    assert [worker.name for worker in config.workers] == NAMES
    assert sorted(_fixtures(), key=str) == sorted(NAMES)
    assert set(config.strict_policy.rules.presets) == set(PRESETS) <= set(NAMES)


def test_a_recorded_run_is_consistent(framework: Framework) -> None:
    verdict = _judged(framework.name, with_presets=True)
    assert (verdict.outcome, verdict.drifts) == (Outcome.CONSISTENT, ()), verdict.message
    assert verdict.commands_compared >= 4  # the model, the tool, the model again, the end
    assert set(verdict.ignored_by_preset) == {framework.name} & set(PRESETS)


def test_a_preset_has_what_differs_and_no_more(framework: Framework) -> None:
    """A framework without a preset needs none; of a preset, every field was seen to differ."""
    verdict = _judged(framework.name, with_presets=False)
    fields = [drift.field for drift in verdict.drifts]
    preset = PRESETS.get(framework.name, ())
    assert verdict.outcome is (Outcome.DRIFTED if preset else Outcome.CONSISTENT)
    assert [field for field in fields if preset_of(field, {framework.name} & set(PRESETS)) is None] == []
    seen = [re.sub(r"\[\d+\]", "[*]", field) for field in fields]
    assert [each for each in preset if not any(field.startswith(each) for field in seen)] == []


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "replaykit", *arguments],
        cwd=_HERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


@pytest.mark.weekly
def test_a_recorded_run_is_the_same_under_changed_conditions(framework: Framework) -> None:
    done = _command("replay", str(_fixtures()[framework.name].path), "--perturb")
    assert done.returncode == 0, done.stdout
    assert "all came out the same" in done.stdout


@pytest.mark.weekly
def test_what_is_explored_of_it_is_steady(framework: Framework) -> None:
    done = _command("explore", framework.workflow, "--scenarios", "6", "--time", "20")
    assert done.returncode == 0, done.stdout
    assert "nothing found; " in done.stdout
