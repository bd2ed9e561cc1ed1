"""The example project as a git repository of its own, whatever the user's git is set up to do."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import sys
from pathlib import Path

from replaykit.revisions import RevisionError, tried

__all__ = ["MAIN", "commit", "missing", "start_repository"]

MAIN = "main"
"""The branch that the first commit is on."""
_OURS = (
    "user.name=replaykit demo",
    "user.email=demo@replaykit.invalid",
    "commit.gpgSign=false",
)
"""For our own commands: who commits, and nothing that would ask for a key."""
_ITS_OWN = (
    "core.autocrlf=false",
    f"core.excludesFile={os.devnull}",
    f"core.attributesFile={os.devnull}",
)
"""Kept in the repository: all files are in it, and as they were written, whatever the user has set."""


def missing() -> str:
    """What is to be installed before `replaykit fix` can be shown; empty where all is there."""
    if shutil.which("git") is None:
        return "git"
    if importlib.util.find_spec("libcst") is None:
        return "pip install 'temporal-replaykit[fix]'"
    return ""


def start_repository(folder: Path) -> None:
    """Make a project a repository, with all that is in it committed on the branch `main`.

    Args:
        folder: The project.

    Raises:
        RevisionError: git refuses.
    """
    (folder / ".gitignore").write_text("__pycache__/\n", encoding="utf-8", newline="\n")
    _git(folder, "init", "--quiet", "--template=")
    _git(folder, "symbolic-ref", "HEAD", f"refs/heads/{MAIN}")
    for setting in _ITS_OWN:
        _git(folder, "config", *setting.split("=", 1))
    commit(folder, "Version 1, and what ran on it")


def commit(folder: Path, message: str, *, branch: str = "") -> None:
    """Commit all that there is.

    Args:
        folder: The project.
        message: One line.
        branch: A new branch to commit it on; none for the one that is checked out.

    Raises:
        RevisionError: git refuses.
    """
    if branch:
        _git(folder, "checkout", "--quiet", "-b", branch)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--no-verify", "--message", message)
    if sys.platform == "win32":
        # Objects are read-only, and what is read-only cannot be removed there.
        for path in (folder / ".git" / "objects").rglob("*"):
            path.chmod(stat.S_IREAD | stat.S_IWRITE)


def _git(folder: Path, *arguments: str) -> None:
    settings = [part for setting in _OURS for part in ("-c", setting)]
    if tried(folder, *settings, *arguments) is None:
        raise RevisionError(
            f"git {arguments[0]} refuses",
            where=str(folder),
            cure="See what is set for it by environment variables (GIT_...) and in git config --list.",
        )
