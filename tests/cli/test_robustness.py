"""Whatever happens, exit code 1 means that something diverged, and no secret is printed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType

from replaykit.check import ChildCheck
from replaykit.config import load_config
from replaykit.history import dump_history, read_history
from tests.conftest import RunReplaykit
from tests.plugin.project import CHANGED, FIXTURE, UNCHANGED, write_project

TWO_WORKERS = "".join(
    f'\n[[tool.replaykit.worker]]\nname = "{name}"\nworkflows = ["{module}"]\n'
    for name, module in (("billing", "invoices"), ("data", "flows"))
)


def test_a_breakdown_of_our_own_is_2(tmp_path: Path, clean_environ: dict[str, str]) -> None:
    write_project(tmp_path)
    code = (
        "import replaykit.check, replaykit.cli\n"
        "def broken(*a, **k): raise LookupError('ours')\n"
        "replaykit.check.fixtures_of = broken\n"
        "replaykit.cli.main(['replay'])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=clean_environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "Error: replaykit broke down: LookupError. Please report it." in result.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("arguments", [[], ["--json", "-"], ["--html", "-"]])
@pytest.mark.parametrize(("code", "exit_code"), [(UNCHANGED, 0), (CHANGED, 1)])
@pytest.mark.thinned(8)
def test_a_pipe_that_knows_few_letters(
    tmp_path: Path,
    run_replaykit: RunReplaykit,
    encoding: str,
    arguments: list[str],
    code: str,
    exit_code: int,
) -> None:
    (fixture,) = write_project(tmp_path, code=code.replace("validate_source", "prüfe_日本"))
    fixture.rename(fixture.with_name("日本.json"))
    environ = {**os.environ, "PYTHONIOENCODING": encoding}
    result = subprocess.run(
        [sys.executable, "-m", "replaykit", "replay", *arguments],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        check=False,
    )
    assert (result.returncode, b"Traceback" in result.stderr) == (exit_code, False)
    if "--json" in arguments:
        assert json.loads(result.stdout)["verdicts"][0]["history"].endswith("日本.json")


@pytest.mark.exhaustive
@pytest.mark.parametrize(("data", "outcome"), [(FIXTURE.read_bytes(), "consistent"), (b"{", "unjudged")])
def test_standard_input_is_read_here_and_judged_in_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, outcome: str
) -> None:
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with ChildCheck(load_config(tmp_path)) as judge:
        verdict = judge.judge(Path("-"))
    assert (verdict.history, verdict.outcome) == ("-", outcome)
    assert outcome == "consistent" or (verdict.message or "").startswith("standard input: the JSON ends")


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform != "linux", reason="a file system that takes names of any bytes")
def test_a_file_name_that_is_no_text(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    (fixture,) = write_project(tmp_path)
    fixture.rename(Path(os.fsdecode(os.fsencode(fixture.parent) + b"/bad\xff.json")))
    result = run_replaykit("replay", "--json", "-")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["summary"]["consistent"] == 1


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX pipe")
@pytest.mark.parametrize(("code", "exit_code"), [(UNCHANGED, 0), (CHANGED, 1)])
@pytest.mark.thinned(2)
def test_a_reader_that_leaves_changes_no_exit_code(tmp_path: Path, code: str, exit_code: int) -> None:
    write_project(tmp_path, code=code, copies=3)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = subprocess.run(
            [sys.executable, "-m", "replaykit", "replay"],
            cwd=tmp_path,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (result.returncode, result.stderr) == (exit_code, b"")


@pytest.mark.exhaustive
def test_a_name_too_long_for_the_disk(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    for command in (["replay", "x" * 300], ["show", "x" * 300, "--address", "127.0.0.1:1"]):
        result = run_replaykit(*command)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize("seconds", ["inf", "nan", "-1", "0"])
def test_a_deadline_that_is_none(tmp_path: Path, run_replaykit: RunReplaykit, seconds: str) -> None:
    write_project(tmp_path)
    result = run_replaykit("replay", "--timeout", seconds)
    assert result.returncode == 2
    assert "is not a positive number of seconds" in result.stderr


@pytest.mark.exhaustive
def test_a_patch_marker_that_cannot_be_read_spoils_its_own_history_alone(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    first, *_ = write_project(tmp_path, copies=2)
    history = read_history(first)
    marker = history.events[4]  # in the place of the first command
    marker.Clear()
    marker.event_id, marker.event_type = 5, EventType.EVENT_TYPE_MARKER_RECORDED
    attributes = marker.marker_recorded_event_attributes
    attributes.marker_name = "core_patch"
    attributes.workflow_task_completed_event_id = 4
    attributes.details["patch-data"].payloads.add(
        data=b"\xff\xfe", metadata={"encoding": b"binary/encrypted"}
    )
    first.write_bytes(dump_history(history))
    report = json.loads(run_replaykit("replay", "--json", "-").stdout)
    assert [(v["outcome"], v["reason"]) for v in report["verdicts"]] == [
        ("unjudged", "invalid_history"),
        ("consistent", None),
    ]
    assert "a patch marker without a readable patch id" in report["verdicts"][0]["message"]


@pytest.mark.exhaustive
def test_a_checkout_named_like_a_worker_catches_no_history(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    root = tmp_path / "billing"
    root.mkdir()
    write_project(root)
    (root / "pyproject.toml").write_text(TWO_WORKERS, encoding="utf-8")
    (root / "invoices.py").write_text(UNCHANGED.replace("DataProcessing", "Invoice"), encoding="utf-8")
    result = run_replaykit("replay", cwd=root)
    assert (result.returncode, "1 consistent" in result.stdout) == (0, True)
    # Both know the type, and the checkout's name does not choose between them.
    (root / "invoices.py").write_text(UNCHANGED, encoding="utf-8")
    assert run_replaykit("replay", cwd=root).returncode == 2


@pytest.mark.exhaustive
def test_what_came_before_and_after_is_data_in_the_json_report(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    late = UNCHANGED.replace('"load_total"', '"load_all"')
    write_project(tmp_path, code=late)
    report = json.loads(run_replaykit("replay", "--json", "-").stdout)
    (before,) = report["verdicts"][0]["divergence"]["before"]
    assert (before["event_id"], before["produced"], before["matches"]) == (
        5,
        "ScheduleActivity extract_rows",
        True,
    )
    assert before["source"] == {"file": "flows.py", "line": 12, "function": "run"}
    assert report["verdicts"][0]["divergence"]["after"][0]["event_id"] == 17


@pytest.mark.sampled(2)
@pytest.mark.parametrize("line", ['api_key = "sk-SECRET-123', "api_key = sk-SECRET-123"])
def test_a_key_in_a_broken_profile_is_not_printed(
    tmp_path: Path, run_replaykit: RunReplaykit, line: str
) -> None:
    profile = tmp_path / "temporal.toml"
    profile.write_text(f"[profile.default]\n{line}\n", encoding="utf-8")
    result = run_replaykit("capture", "x", "--config-file", str(profile))
    assert result.returncode == 2
    assert "temporal.toml" in result.stderr
    assert "SECRET" not in result.stderr + result.stdout


def test_a_header_of_the_wrong_form_is_not_printed(run_replaykit: RunReplaykit) -> None:
    result = run_replaykit("capture", "x", "--grpc-meta", "authorization Bearer SECRET")
    assert result.returncode == 2
    assert "KEY=VALUE" in result.stderr
    assert "SECRET" not in result.stderr
