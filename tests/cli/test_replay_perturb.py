"""`replaykit replay --perturb`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.plugin.project import UNCHANGED, write_project
from tests.report.json_reports import checked

SHAKY = UNCHANGED.replace(
    "        rows =", '        source = " ".join({"one", "two", "three", source})\n        rows ='
)
"""The order of a set reaches an argument, which no replay compares."""


@pytest.mark.exhaustive
def test_what_does_not_come_out_the_same_is_reported(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=SHAKY)
    assert run_replaykit("replay").returncode == 0, "a plain replay compares no arguments"
    result = run_replaykit("replay", "--perturb", "--perturb-rounds", "2", "--json", "report.json")
    assert result.returncode == 1
    lines = result.stdout[result.stdout.index("perturbed:") :].splitlines()
    assert lines[0].startswith("perturbed: 1 of 1 history in 2 rounds did not come out the same; ")
    assert lines[2:7] == [
        "histories/DataProcessingWorkflow/copy-0.json: depends on: hash seed",
        "  workflow  DataProcessingWorkflow",
        "  changed   PYTHONHASHSEED, and with it the order of sets of strings",
        "  at        command 1 (event 5), arguments[0]",
        "  line      flows.py:13 in run",
    ]
    assert all(len(line) <= 80 for line in lines)
    written = checked((tmp_path / "report.json").read_bytes(), "replay")
    (found,) = written["perturbation"]["instabilities"]
    assert found["axis"] == "hash seed"
    assert found["source"] == {"file": "flows.py", "line": 13, "function": "run"}


@pytest.mark.exhaustive
def test_sound_code_is_left_in_peace(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, copies=2)
    result = run_replaykit("replay", "--perturb", "--perturb-rounds", "2")
    assert (result.returncode, result.stderr) == (0, "")
    last = result.stdout.splitlines()[-1]
    assert last.startswith("perturbed: 2 histories in 2 rounds, all came out the same; ")


@pytest.mark.weekly
def test_what_the_code_prints_is_shown_only_when_asked_for(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(
        tmp_path, code=UNCHANGED.replace("        rows =", '        print("hello")\n        rows =', 1)
    )
    quiet = run_replaykit("replay", "--perturb", "--perturb-rounds", "1")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    shown = run_replaykit("replay", "--perturb", "--perturb-rounds", "1", "--verbose")
    assert "hello" in shown.stderr


@pytest.mark.exhaustive
@pytest.mark.weekly
def test_standard_output_may_hold_the_json_report_alone(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=SHAKY.replace("        rows =", '        print("hello")\n        rows =', 1))
    result = run_replaykit("replay", "--perturb", "--perturb-rounds", "1", "--json", "-")
    assert result.returncode == 1
    assert json.loads(result.stdout)["perturbation"]["histories"] == 1


@pytest.mark.exhaustive
def test_a_history_of_nobody_is_not_green(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=UNCHANGED.replace("class DataProcessing", "class Other"))
    result = run_replaykit("replay", "--perturb")
    assert result.returncode == 2
    assert "perturbed: nothing" in result.stdout
