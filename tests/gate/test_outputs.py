"""What `replaykit gate` and `replaykit replay` write for a CI service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.gate.repository import CHANGED, FIXTURE, Repository

_FILES = {
    "--gitlab": "quality.json",
    "--junit": "replay.xml",
    "--sarif": "replay.sarif",
    "--markdown": "comment.md",
}
_OPTIONS = [word for pair in _FILES.items() for word in pair]


@pytest.fixture
def changed(tmp_path: Path) -> Repository:
    repository = Repository.with_project(tmp_path)
    repository.code(CHANGED)
    repository.commit()
    return repository


@pytest.mark.parametrize("command", ["gate", "replay"])
def test_every_file_is_written(changed: Repository, run_replaykit: RunReplaykit, command: str) -> None:
    summary = changed.root / "summary.md"
    summary.write_text("what was there\n", encoding="utf-8")
    done = run_replaykit(command, "--github", *_OPTIONS, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1, done.stderr
    assert {line for line in done.stderr.splitlines() if line.startswith("wrote ")} == {
        f"wrote {name}" for name in _FILES.values()
    }
    rule = "new-divergence" if command == "gate" else "divergence"
    for name in _FILES.values():
        assert rule.rpartition("-")[2] in (changed.root / name).read_text(encoding="utf-8")
    assert f"::error file=flows.py,line=12,title=replaykit%3A {rule}::" in done.stdout
    text = summary.read_text(encoding="utf-8")
    assert text.startswith(f"what was there\n### ❌ {command} failed")
    comment = (changed.root / "comment.md").read_text(encoding="utf-8")
    assert comment.startswith(f"<!-- replaykit {command} -->\n")


def test_json_alone_on_standard_output(changed: Repository, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("gate", "--github", "--json", "-")
    told = json.loads(done.stdout)
    assert (told["exit_code"], told["issues"][0]["rule"], told["issues"][0]["history"]) == (
        1,
        "new-divergence",
        FIXTURE,
    )
    assert "::error file=flows.py,line=12" in done.stderr, "GitHub reads both streams"


def test_files_are_named_from_the_top_of_the_repository(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path)
    project = tmp_path / "service"
    project.mkdir()
    for name in ("flows.py", "pyproject.toml", "histories"):
        repository.git("mv", name, f"service/{name}")
    repository.commit("moved")
    repository.git("branch", "--force", "main", "HEAD")
    (project / "flows.py").write_text(CHANGED, encoding="utf-8")
    done = run_replaykit("gate", "--github", cwd=project)
    assert "::error file=service/flows.py,line=12," in done.stdout, done.stdout + done.stderr


def test_the_report_itself_is_no_command(changed: Repository, run_replaykit: RunReplaykit) -> None:
    lines = run_replaykit("gate", "--github").stdout.splitlines()
    (start,) = [index for index, line in enumerate(lines) if line.startswith("::stop-commands::")]
    token = lines[start].removeprefix("::stop-commands::")
    assert lines[-1] == f"::{token}::"
    assert not any(line.startswith("::error") for line in lines[start:])


def test_a_file_that_cannot_be_written_is_told_first(
    changed: Repository, run_replaykit: RunReplaykit
) -> None:
    done = run_replaykit("gate", "--sarif", "missing/replay.sarif")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "the folder missing does not exist" in done.stderr


def test_two_reports_for_standard_output(changed: Repository, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("gate", "--json", "-", "--sarif", "-")
    assert (done.returncode, done.stdout) == (2, "")
