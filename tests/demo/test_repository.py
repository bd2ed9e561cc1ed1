"""The example project as a repository, where the user's git is set up for something else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from replaykit.demo import repository
from replaykit.demo.project_folder import switch_to, write_project
from replaykit.demo.repository import commit, missing, start_repository
from replaykit.revisions import RevisionError, git

SETTINGS = """[user]
    useConfigOnly = true
[commit]
    gpgSign = true
[gpg]
    program = no-such-program
[core]
    hooksPath = {home}/hooks
    excludesFile = {home}/ignored
    attributesFile = {home}/attributes
    autocrlf = true
    safecrlf = true
[init]
    defaultBranch = trunk
    templateDir = {home}/template
[filter "gone"]
    clean = no-such-program
    required = true
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's settings, each of which would stop a plain `git commit` or leave files out."""
    home = tmp_path / "home"
    for folder in ("hooks", "template/hooks"):
        (home / folder).mkdir(parents=True)
        (home / folder / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
        (home / folder / "pre-commit").chmod(0o755)
    (home / "ignored").write_text("*.json\n")
    (home / "attributes").write_text("*.py filter=gone\n")
    file = home / ".gitconfig"
    file.write_text(SETTINGS.format(home=home.as_posix()))
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    return file


def _project(folder: Path) -> Path:
    write_project(folder)
    (folder / "histories").mkdir()
    (folder / "histories" / "order.json").write_text("{}\n", newline="\n")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "workflows.pyc").write_bytes(b"")
    return folder


@pytest.mark.parametrize("is_inside", [False, True], ids=["alone", "inside-another"])
def test_whatever_the_users_settings_are(tmp_path: Path, settings: Path, is_inside: bool) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    if is_inside:
        git(outer, "init", "--quiet", "--template=")
    folder = outer / "project"
    folder.mkdir()
    before = settings.read_bytes()

    start_repository(_project(folder))
    switch_to(2, folder)
    commit(folder, "Validate an order first", branch="validate-first")

    assert git(folder, "rev-parse", "--show-toplevel") == folder.resolve().as_posix()
    assert str(git(folder, "log", "--format=%an <%ae>, %cn: %s")).splitlines() == [
        "replaykit demo <demo@replaykit.invalid>, replaykit demo: Validate an order first",
        "replaykit demo <demo@replaykit.invalid>, replaykit demo: Version 1, and what ran on it",
    ]
    assert git(folder, "branch", "--show-current") == "validate-first"
    assert git(folder, "diff", "--name-only", "main") == "workflows.py"
    listed = str(git(folder, "ls-files")).splitlines()
    assert "histories/order.json" in listed
    assert not [name for name in listed if "__pycache__" in name]
    assert git(folder, "config", "--local", "--get-regexp", "^(user|commit|gpg)[.]") is None
    assert settings.read_bytes() == before
    if is_inside:
        assert git(outer, "rev-parse", "--verify", "--quiet", "HEAD") is None, "nothing is committed there"


@pytest.mark.parametrize("ours", ["_OURS", "_ITS_OWN"])
def test_without_settings_of_ours_it_would_be_refused(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch, ours: str
) -> None:
    monkeypatch.setattr(repository, ours, ())
    with pytest.raises(RevisionError, match=r"git (add|commit) refuses"):
        start_repository(_project(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="git is found elsewhere there")
def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing() == ""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert missing() == "pip install 'temporal-replaykit[fix]'"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing() == "git"
    with pytest.raises(FileNotFoundError):
        subprocess.run(["git", "--version"], check=False)
