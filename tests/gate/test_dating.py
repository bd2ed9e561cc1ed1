"""Since which commit a history does not replay: what replay, gate and pytest say of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.gate.repository import CHANGED, RENAMED, UNCHANGED, Repository
from tests.plugin.project import write_project
from tests.report.json_reports import checked

COMMENTED = f"# A comment.\n{UNCHANGED}"
SINCE = '  since     {} (just now, "{}")'


def since_in(text: str) -> list[str]:
    """The rows about a commit, whole."""
    return [" ".join(row.split()) for row in re.findall(r"^  since .*(?:\n {12}\S.*)*", text, re.MULTILINE)]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Its third commit breaks the history; the second and the fourth change a comment."""
    repository = Repository(tmp_path)
    write_project(tmp_path)
    repository.commit("The first")
    for code, message in (
        (COMMENTED, "A comment"),
        (f"# A comment.\n{CHANGED}", "Validate the source"),
        (f"# Another comment.\n{CHANGED}", "Another comment"),
    ):
        repository.code(code)
        repository.commit(message)
    return repository


def test_the_commit_that_broke_it_is_named(repository: Repository, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("replay", "--json", "report.json")
    assert done.returncode == 1
    broke, good = repository.git("rev-parse", "HEAD~1"), repository.git("rev-parse", "HEAD~2")
    assert SINCE.format(broke[:12], "Validate the source") in done.stdout.splitlines()
    (verdict,) = checked((repository.root / "report.json").read_text(), "replay")["verdicts"]
    assert verdict["since"]["commit"] == broke
    assert verdict["since"]["subject"] == "Validate the source"
    assert verdict["since"]["replays_at"]["commit"] == good
    assert verdict["since"]["replays_at"]["subject"] == "A comment"


@pytest.mark.exhaustive
def test_what_is_not_committed_is_named_as_such(repository: Repository, run_replaykit: RunReplaykit) -> None:
    repository.code(UNCHANGED)
    good = repository.commit("Back again")
    repository.code(RENAMED)
    (row,) = since_in(run_replaykit("replay").stdout)
    assert row.startswith(f"since the changes that are not committed, over {good[:12]} (just now,")


@pytest.mark.exhaustive
def test_nobody_is_blamed_who_did_not_ask(repository: Repository, run_replaykit: RunReplaykit) -> None:
    assert since_in(run_replaykit("replay", "--no-blame").stdout) == []
    pyproject = repository.root / "pyproject.toml"
    pyproject.write_text(
        pyproject.read_text().replace("[tool.replaykit]\n", "[tool.replaykit]\nblame = false\n")
    )
    assert since_in(run_replaykit("replay").stdout) == []
    assert len(since_in(run_replaykit("replay", "--blame").stdout)) == 1


@pytest.mark.exhaustive
def test_where_git_knows_no_better_code_nothing_is_claimed(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    write_project(tmp_path, code=CHANGED)
    outside = run_replaykit("replay")
    assert (outside.returncode, since_in(outside.stdout)) == (1, [])
    Repository(tmp_path).commit("The first")
    only = run_replaykit("replay")
    assert (only.returncode, since_in(only.stdout)) == (1, [])
    assert only.stderr == ""


@pytest.mark.exhaustive
def test_a_gate_names_the_commit_of_the_change(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = Repository.with_project(tmp_path)
    for code, message in (
        (COMMENTED, "A comment"),
        (CHANGED, "Validate"),
        (f"{CHANGED}\n# End.\n", "The end"),
    ):
        repository.code(code)
        repository.commit(message)
    broke = repository.git("rev-parse", "HEAD~1")
    assert f'since     {broke[:12]} (just now, "Validate")' in run_replaykit("gate", "--base", "main").stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize("xdist", [[], ["-n", "2"]], ids=["alone", "-n 2"])
def test_pytest_names_it_in_its_summary(repository: Repository, xdist: list[str]) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--replay-histories",
            "histories",
            "--replay-html",
            "page.html",
            *xdist,
        ],
        cwd=repository.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    broke = repository.git("rev-parse", "HEAD~1")
    named = f'{broke[:12]} (just now, "Validate the source")'
    assert f"DataProcessingWorkflow does not replay since {named}: histories/" in done.stdout
    page = (repository.root / "page.html").read_text()
    assert f'"since":{json.dumps(broke[:12])[:-1]} (' in page


@pytest.mark.exhaustive
def test_histories_that_break_for_two_reasons_have_each_their_own(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    repository = Repository(tmp_path)
    write_project(tmp_path, copies=2)
    both = UNCHANGED + UNCHANGED[UNCHANGED.index("\n\n@workflow.defn") :].replace("DataProcessing", "Other")
    other = tmp_path / "histories" / "OtherWorkflow"
    other.mkdir()
    text = (tmp_path / "histories" / "DataProcessingWorkflow" / "copy-1.json").read_text()
    (other / "copy-1.json").write_text(text.replace("DataProcessingWorkflow", "OtherWorkflow"))
    (tmp_path / "histories" / "DataProcessingWorkflow" / "copy-1.json").unlink()
    repository.code(both)
    repository.commit("Both")
    first, second = both.split("class OtherWorkflow")
    repository.code(f"{first.replace('extract_rows', 'read')}class OtherWorkflow{second}")
    one = repository.commit("The first of them")
    repository.code(
        f"{first.replace('extract_rows', 'read')}class OtherWorkflow{second.replace('extract_rows', 'get')}"
    )
    two = repository.commit("The other one")
    rows = since_in(run_replaykit("replay").stdout)
    assert rows == [
        f'since {one[:12]} (just now, "The first of them")',
        f'since {two[:12]} (just now, "The other one")',
    ]
