"""`replaykit explore --base`: the whole command against exit code and output."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit import demo
from replaykit.history import find_fixtures
from tests.conftest import RunReplaykit
from tests.gate.repository import Repository

PROJECT = Path(demo.__file__).parent / "project"
CONFIG = '[tool.replaykit]\nworkflows = ["flows"]\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The demo's first release on `main`; no fixture anywhere."""
    (tmp_path / "repo").mkdir()
    repository = Repository(tmp_path / "repo")
    repository.code((PROJECT / "workflows_v1.py").read_text(encoding="utf-8"))
    (repository.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    repository.commit("base")
    return repository


def test_the_order_bug_is_found_without_any_fixture(
    repository: Repository, run_replaykit: RunReplaykit
) -> None:
    repository.code((PROJECT / "workflows_v2.py").read_text(encoding="utf-8"))
    result = run_replaykit(
        "explore", "--base", "main", "--scenarios", "10", "--keep", "kept", cwd=repository.root
    )
    assert result.returncode == 1, result.stderr
    assert "1. OrderWorkflow starts with (" in result.stdout
    assert "flows.py:24 in run" in result.stdout
    assert "workflow.patched(" in result.stdout
    assert len(repository.git("worktree", "list").splitlines()) == 1
    assert find_fixtures([repository.root / "kept"])
    assert run_replaykit("replay", "kept", cwd=repository.root).returncode == 1


def test_unchanged_code_breaks_nothing(repository: Repository, run_replaykit: RunReplaykit) -> None:
    result = run_replaykit("explore", "--base", "main", "--scenarios", "10", cwd=repository.root)
    assert result.returncode == 0, result.stderr
    assert "nothing found; 10 scenarios" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--base", "nowhere"], "no revision 'nowhere'"),
        (["Nobody"], "no workflow is named 'Nobody'"),
    ],
)
def test_what_cannot_be_explored_is_2(
    repository: Repository, run_replaykit: RunReplaykit, arguments: list[str], message: str
) -> None:
    result = run_replaykit("explore", *arguments, cwd=repository.root)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
