"""`--jobs` and `--seed`: in how many processes `replay` and `gate` judge, and under which hash seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from replaykit.gate.policy_changes import strongest, weaker_settings
from tests.conftest import RunReplaykit
from tests.gate.repository import Repository
from tests.plugin.project import CHANGED, UNCHANGED, write_project
from tests.report.json_reports import checked
from tests.test_config import load

SLOW = "import time\n" + UNCHANGED.replace("@workflow.defn\n", "@workflow.defn(sandboxed=False)\n").replace(
    "        rows =", "        time.sleep(0.1)\n        rows =", 1
)


def summary(run_replaykit: RunReplaykit, *arguments: str) -> dict[str, Any]:
    result = run_replaykit("replay", "--json", "-", *arguments)
    found: dict[str, Any] = checked(result.stdout, "replay")["summary"]
    return found


def test_the_report_has_the_hash_seed_of_each_process(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=SLOW, copies=20)
    found = summary(run_replaykit, "-j", "2", "--seed", "5")
    assert (found["processes"], found["consistent"]) == (2, 20)
    assert found["hash_seeds"][0] == 5
    assert summary(run_replaykit, "-j", "2", "--seed", "5")["hash_seeds"] == found["hash_seeds"]


def test_one_process_has_the_hash_seed_of_the_environment(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(tmp_path, copies=2)
    result = run_replaykit("replay", "--json", "-", PYTHONHASHSEED="11")
    assert json.loads(result.stdout)["summary"]["hash_seeds"] == [11]


def test_the_configuration_has_it_too(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=SLOW, copies=20, pyproject="jobs = 2\n")
    assert summary(run_replaykit)["processes"] == 2
    assert summary(run_replaykit, "--jobs", "1")["processes"] == 1


@pytest.mark.parametrize(
    "arguments", [("--jobs", "0"), ("--jobs", "two"), ("--seed", "-1"), ("--seed", str(2**32))]
)
def test_what_is_no_number_of_them_is_refused(
    tmp_path: Path, run_replaykit: RunReplaykit, arguments: tuple[str, ...]
) -> None:
    write_project(tmp_path)
    result = run_replaykit("replay", *arguments)
    assert result.returncode == 2
    assert f"Invalid value for '{'-j' if arguments[0] == '--jobs' else '--seed'}'" in result.stderr


@pytest.mark.parametrize("value", ["0", '"two"', "true", "1.5"])
def test_what_is_none_in_the_configuration_either(
    tmp_path: Path, run_replaykit: RunReplaykit, value: str
) -> None:
    write_project(tmp_path, pyproject=f"jobs = {value}\n")
    result = run_replaykit("replay")
    assert result.returncode == 2
    assert "tool.replaykit.jobs: expected a whole number above 0" in result.stderr


def test_it_weakens_no_policy(tmp_path: Path) -> None:
    base = load(tmp_path, "[tool.replaykit]\njobs = 8\n")
    head = load(tmp_path, "[tool.replaykit]\njobs = 1\n")
    assert list(weaker_settings(base, head, (), is_strict=True)) == []
    assert strongest(base, head, is_strict=True).jobs == 1


@pytest.mark.exhaustive
@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_gate_comes_to_the_same_in_any_number_of_processes(
    tmp_path: Path, run_replaykit: RunReplaykit, jobs: str
) -> None:
    repository = Repository(tmp_path)
    fixtures = write_project(tmp_path, code=SLOW, copies=16)
    for fixture in fixtures[8:]:  # of a workflow that the base cannot replay either
        text = fixture.read_text(encoding="utf-8").replace("extract_rows", "find_rows")
        fixture.write_text(text, encoding="utf-8")
    repository.commit("base")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "still the base")
    repository.git("checkout", "--quiet", "-b", "change")
    repository.code(SLOW.replace('"load_total"', '"load_sum"'))
    repository.commit()
    done = run_replaykit("gate", "--json", "-", "--jobs", jobs)
    assert done.returncode == 1
    rules = [(issue["rule"], issue["history"]) for issue in json.loads(done.stdout)["issues"]]
    names = [f"histories/DataProcessingWorkflow/{fixture.name}" for fixture in fixtures]
    assert [name for rule, name in rules if rule == "new-divergence"] == names[:8]
    assert [name for rule, name in rules if rule == "inherited"] == sorted(names[8:])


@pytest.mark.exhaustive
def test_a_red_run_of_several_processes_is_red(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=CHANGED, copies=6)
    result = run_replaykit("replay", "--jobs", "2")
    assert result.returncode == 1
    assert "6 diverged; " in result.stdout
    assert result.stderr == ""
