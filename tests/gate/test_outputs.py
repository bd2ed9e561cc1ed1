"""What `replaykit gate` and `replaykit replay` write for a CI service."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import RunReplaykit
from tests.gate.repository import CHANGED, FIXTURE, UNCHANGED, Repository
from tests.report.json_reports import checked

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


@pytest.mark.exhaustive
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


@pytest.mark.weekly
def test_json_alone_on_standard_output(changed: Repository, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("gate", "--github", "--json", "-")
    document = checked(done.stdout, "gate")
    assert (document["exit_code"], document["issues"][0]["rule"], document["issues"][0]["history"]) == (
        1,
        "new-divergence",
        FIXTURE,
    )
    assert "::error file=flows.py,line=12" in done.stderr, "GitHub reads both streams"


@pytest.mark.exhaustive
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


@pytest.mark.weekly
def test_the_report_itself_is_no_command(changed: Repository, run_replaykit: RunReplaykit) -> None:
    lines = run_replaykit("gate", "--github").stdout.splitlines()
    (start,) = [index for index, line in enumerate(lines) if line.startswith("::stop-commands::")]
    token = lines[start].removeprefix("::stop-commands::")
    assert lines[-1] == f"::{token}::"
    assert not any(line.startswith("::error") for line in lines[start:])


def test_a_file_that_cannot_be_written_is_reported_first(
    changed: Repository, run_replaykit: RunReplaykit
) -> None:
    done = run_replaykit("gate", "--sarif", "missing/replay.sarif")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "the folder missing does not exist" in done.stderr


def test_two_reports_for_standard_output(changed: Repository, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("gate", "--json", "-", "--sarif", "-")
    assert (done.returncode, done.stdout) == (2, "")


_WRONG = {
    "base": (["--base", "nowhere"], "no revision 'nowhere'"),
    "sdk": (["--sdk", "temporalio==nothing"], "temporalio==nothing"),
    "configuration": ([], "min_command"),
    "code": (["--workflows", "nowhere"], "no module named 'nowhere'"),
    "worker": (["--worker", "nobody"], "no worker is named 'nobody'"),
    "paths": (["missing"], "missing"),
}
_STARTS = [("gate", what) for what in _WRONG]
_STARTS += [("replay", what) for what in ("configuration", "code", "worker", "paths")]


@pytest.mark.exhaustive
@pytest.mark.parametrize(("command", "what"), _STARTS)
@pytest.mark.thinned(4)
def test_a_check_that_cannot_start_says_so_in_every_file(
    tmp_path: Path, run_replaykit: RunReplaykit, command: str, what: str
) -> None:
    repository = Repository.with_project(tmp_path)
    if what == "configuration":
        repository.policy("\n[tool.replaykit.gate]\nmin_command = 1\n")
    files = {**_FILES, "--json": "gate.json"} if command == "gate" else _FILES
    for name in files.values():
        (tmp_path / name).write_text("of the run before", encoding="utf-8")
    arguments, message = _WRONG[what]
    options = [word for pair in files.items() for word in pair]
    summary = tmp_path / "summary.md"
    done = run_replaykit(command, "--github", *options, *arguments, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 2
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert message in error
    for name in (*files.values(), "summary.md"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert message in text.replace("\\", "").replace("&#39;", "'"), name
    top = ElementTree.parse(tmp_path / "replay.xml").getroot()
    assert (top.get("tests"), top.get("failures"), top.get("errors")) == ("1", "0", "1")
    (run,) = json.loads((tmp_path / "replay.sarif").read_text(encoding="utf-8"))["runs"]
    assert run["invocations"] == [{"executionSuccessful": False, "exitCode": 2}]
    assert [result["ruleId"] for result in run["results"]] == ["not-run"]
    assert "::error file=pyproject.toml,title=replaykit%3A not-run::" in done.stdout


def test_a_gate_that_cannot_start_and_standard_output(
    changed: Repository, run_replaykit: RunReplaykit
) -> None:
    done = run_replaykit("gate", "--json", "-", "--base", "nowhere")
    document = checked(done.stdout, "gate")
    assert (done.returncode, document["exit_code"]) == (2, 2)
    assert [(issue["rule"], issue["unjudged"]) for issue in document["issues"]] == [("not-run", True)]
    assert "no revision 'nowhere'" in done.stderr


def cases(file: Path) -> list[tuple[str | None, list[str]]]:
    tree = ElementTree.parse(file)
    return [(case.get("name"), [part.tag for part in case]) for case in tree.iter("testcase")]


@pytest.mark.exhaustive
@pytest.mark.parametrize("command", ["gate", "replay"])
@pytest.mark.thinned(2)
def test_an_unjudged_history_is_an_error(tmp_path: Path, run_replaykit: RunReplaykit, command: str) -> None:
    repository = Repository.with_project(tmp_path)
    repository.code(UNCHANGED.replace("DataProcessingWorkflow", "Renamed"))
    assert run_replaykit(command, "--junit", "replay.xml").returncode == 2
    found = [tags for name, tags in cases(tmp_path / "replay.xml") if name == FIXTURE]
    assert [tags[0] for tags in found] == ["error"]


@pytest.mark.weekly
def test_a_fixture_of_a_project_in_a_folder_has_one_name(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    """What became of it and how it was judged: one case, and a command that git takes in this folder."""
    repository = Repository.with_project(tmp_path)
    project = tmp_path / "service"
    project.mkdir()
    for name in ("flows.py", "pyproject.toml", "histories"):
        repository.git("mv", name, f"service/{name}")
    repository.commit("moved")
    repository.git("branch", "--force", "main", "HEAD")
    repository.record_again(f"service/{FIXTURE}")
    (project / "flows.py").write_text(CHANGED, encoding="utf-8")
    done = run_replaykit("gate", "--junit", "replay.xml", cwd=project)
    assert cases(project / "replay.xml") == [(FIXTURE, ["failure"])]
    base = repository.git("rev-parse", "main")[:12]
    assert f"git checkout {base} -- {FIXTURE})" in done.stdout
