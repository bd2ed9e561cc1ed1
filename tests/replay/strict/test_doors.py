"""Strict mode as users ask for it: the command, the plugin, the configuration, the JSON report."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import RunReplaykit
from tests.plugin.project import UNCHANGED, write_project

DRIFTED = UNCHANGED.replace('extract_rows", source', "extract_rows\", source + '!'")
COSMETIC = UNCHANGED.replace("rows, start_to", "rows, summary='the total', start_to")
OFF = "\n[tool.replaykit.strict]\nenabled = false\n"


@pytest.mark.exhaustive
def test_the_command(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=DRIFTED)
    assert run_replaykit("replay").returncode == 0
    result = run_replaykit("replay", "--strict")
    assert result.returncode == 1
    assert "1 drifted" in result.stdout
    assert "activity.arguments[0]" in result.stdout


@pytest.mark.weekly
def test_the_command_against_a_configuration_that_switches_it_on(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(tmp_path, code=DRIFTED, pyproject="strict = true\n")
    assert run_replaykit("replay").returncode == 1
    assert run_replaykit("replay", "--no-strict").returncode == 0


@pytest.mark.exhaustive
def test_the_configured_policy(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    rules = "[tool.replaykit.strict.workflows.DataProcessingWorkflow]\nignore = ['activity.arguments']\n"
    write_project(tmp_path, code=DRIFTED, pyproject=f"{OFF}{rules}")
    assert run_replaykit("replay", "--strict").returncode == 0


@pytest.mark.exhaustive
def test_cosmetic_drifts_are_in_the_report_of_a_consistent_history(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(tmp_path, code=COSMETIC)
    result = run_replaykit("replay", "--strict", "--json", "-")
    assert result.returncode == 0
    (verdict,) = json.loads(result.stdout)["verdicts"]
    assert verdict["outcome"] == "consistent"
    assert [drift["severity"] for drift in verdict["drifts"]] == ["cosmetic"]


@pytest.mark.weekly
def test_the_json_report_keeps_to_its_schema(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path, code=DRIFTED)
    result = run_replaykit("replay", "--strict", "--json", "-")
    report = json.loads(result.stdout)
    schema = resources.files("replaykit.report").joinpath("report.schema.json").read_text(encoding="utf-8")
    jsonschema.validate(report, json.loads(schema))
    assert report["summary"]["drifted"] == 1
    (verdict,) = report["verdicts"]
    (drift,) = verdict["drifts"]
    line = next(number for number, text in enumerate(DRIFTED.splitlines(), 1) if "extract_rows" in text)
    assert drift == {
        "event_id": 5,
        "field": "activity.arguments[0]",
        "recorded": "one two three",
        "produced": "one two three!",
        "severity": "behavioural",
        "source": {"file": "flows.py", "line": line, "function": "run"},
        "message": None,
        "suggestion": None,
        "axis": None,
    }
    assert verdict["message"] == "event 5: activity.arguments[0] was one two three, is one two three!"


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--replay-histories", "histories", *arguments, timeout=120
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "xdist", [[], pytest.param(["-n", "2"], marks=pytest.mark.weekly)], ids=["alone", "-n 2"]
)
def test_the_plugin(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, xdist: list[str]) -> None:
    for name in ("CI", "BUILD_NUMBER", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    write_project(pytester.path, code=DRIFTED)
    run(pytester, *xdist).assert_outcomes(passed=1)
    result = run(pytester, "--replay-strict", *xdist)
    result.assert_outcomes(failed=1)
    assert result.ret == 1
    text = result.stdout.str()
    assert "copy-0.json: drifted" in text
    assert "activity.arguments[0]" in text
    assert "Traceback" not in text


@pytest.mark.weekly
def test_the_plugin_reads_the_configuration(pytester: pytest.Pytester) -> None:
    write_project(pytester.path, code=DRIFTED, pyproject="strict = true\n")
    run(pytester).assert_outcomes(failed=1)
