"""A git that refuses, is broken or is not there: its reason and a cure, at each door, with exit code 2."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from replaykit.cli.explore import explore_command
from replaykit.cli.gate import gate_command
from replaykit.errors import ReplaykitError
from replaykit.revisions import RevisionError, git, repository_of, resolve
from tests.conftest import RunReplaykit
from tests.gate.repository import CHANGED, Repository


def gate(*arguments: str) -> None:
    gate_command.main([*arguments], standalone_mode=False)


def explore(*arguments: str) -> None:
    explore_command.main([*arguments], standalone_mode=False)


_DOORS: dict[str, Callable[[], None]] = {
    "gate": gate,
    "gate against a base": lambda: gate("--base", "main"),
    "explore": lambda: explore("--base", "main", "--scenarios", "1"),
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    (tmp_path / "repository").mkdir()
    made = Repository.with_project(tmp_path / "repository")
    made.code(CHANGED)
    made.commit()
    monkeypatch.chdir(made.root)
    return made


def emptied(revision: str) -> Callable[[Repository], None]:
    """An object of the repository has lost what it held."""

    def damage(repository: Repository) -> None:
        name = repository.git("rev-parse", revision)
        file = repository.root / ".git" / "objects" / name[:2] / name[2:]
        file.chmod(0o644)
        file.write_bytes(b"")

    return damage


def written(name: str, text: str) -> Callable[[Repository], None]:
    """A file of the repository holds something else."""

    def damage(repository: Repository) -> None:
        (repository.root / ".git" / name).write_text(text, encoding="utf-8")

    return damage


def moved_away(repository: Repository) -> None:
    """The folder of a linked worktree or submodule points to a repository that is gone."""
    (repository.root / ".git").rename(repository.root / "was-git")
    (repository.root / ".git").write_text("gitdir: /there/is/none\n", encoding="utf-8")


_DAMAGED: dict[str, tuple[Callable[[Repository], object], str]] = {
    "its configuration": (written("config", "[bad"), "git rev-parse refuses: bad config line"),
    "its HEAD": (written("HEAD", "garbage"), "git rev-parse refuses: not a git repository"),
    "a repository that is gone": (moved_away, "git rev-parse refuses: not a git repository: /there/is/none"),
    "the commit that is checked out": (emptied("HEAD"), "is corrupt"),
    "the commit of the base": (emptied("main"), "is corrupt"),
    "the tree of the base": (emptied("main^{tree}"), "is corrupt"),
    "the index": (written("index", "garbage"), "refuses: .git/index: index file smaller than expected"),
}


def refusal(door: str) -> str:
    """What a door has to report; the doors make exit code 2 of it."""
    with pytest.raises(ReplaykitError) as refused:
        _DOORS[door]()
    return " ".join(str(refused.value).split())


@pytest.mark.parametrize("door", _DOORS)
def test_another_owner_of_the_repository(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    message = refusal(door)
    root = repository.root
    assert f"git rev-parse refuses: detected dubious ownership in repository at '{root}'" in message
    assert f"git config --global --add safe.directory {root}" in message


@pytest.mark.parametrize("door", _DOORS)
def test_no_git(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = refusal(door)
    assert "git does not start: " in message
    assert "Install git, and see that PATH leads to it" in message


@pytest.mark.parametrize("damaged", _DAMAGED)
def test_a_damaged_repository(repository: Repository, damaged: str) -> None:
    damage, reason = _DAMAGED[damaged]
    damage(repository)
    message = refusal("gate")
    assert reason in message
    assert "fsck" in message or "git worktree add" in message, "there is no cure"


@pytest.mark.exhaustive
@pytest.mark.parametrize("command", [("gate",), ("explore", "--base", "main", "--scenarios", "1")])
@pytest.mark.thinned(2)
def test_the_commands_end_with_2(
    repository: Repository, run_replaykit: RunReplaykit, command: Sequence[str]
) -> None:
    done = run_replaykit(*command, cwd=repository.root, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert done.returncode == 2
    assert "detected dubious ownership" in done.stderr


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="not inside the working tree of a git repository: not a git"):
        repository_of(tmp_path)


def test_a_bare_repository(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--bare", str(repository.root), str(tmp_path / "bare"))
    with pytest.raises(RevisionError, match="must be run in a work tree"):
        repository_of(tmp_path / "bare")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="git does not start"):
        repository_of(tmp_path / "none")


@pytest.mark.skipif(os.name == "nt", reason="files have no mode that forbids running them")
def test_a_git_that_may_not_run(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text("not a program", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(RevisionError, match=r"git does not start: .*Permission denied"):
        repository_of(repository.root)


def test_a_revision_that_is_not_there_is_no_refusal(repository: Repository) -> None:
    assert git(repository.root, "rev-parse", "--verify", "--quiet", "none^{commit}") is None
    with pytest.raises(RevisionError, match="no revision 'none'"):
        resolve(repository.root, "none")
