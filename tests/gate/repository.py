"""A real git repository in a temporary folder: a project on `main`, and a change on a branch."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.plugin.project import CHANGED, UNCHANGED, write_project

__all__ = ["CHANGED", "FIXTURE", "RENAMED", "UNCHANGED", "Repository"]

FIXTURE = "histories/DataProcessingWorkflow/copy-0.json"
RENAMED = UNCHANGED.replace('"extract_rows"', '"read_rows"')
"""Another divergence than CHANGED, on the same event."""


class Repository:
    """What a test does with git.

    Args:
        root: An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.email", "gate@example.org")
        self.git("config", "user.name", "gate")

    @classmethod
    def with_project(cls, root: Path, code: str = UNCHANGED) -> Repository:
        """A repository whose `main` holds a project with one fixture, and that is on the branch `change`.

        `main` has two commits, the second of which changes nothing.
        """
        repository = cls(root)
        write_project(root, code=code)
        repository.commit("base")
        repository.git("commit", "--quiet", "--allow-empty", "--message", "still the base")
        repository.git("checkout", "--quiet", "-b", "change")
        return repository

    def git(self, *arguments: str) -> str:
        """Run git; what it prints, without the newline at its end."""
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str = "change") -> str:
        """Commit all there is; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def code(self, source: str) -> None:
        """Change the workflow code."""
        (self.root / "flows.py").write_text(source, encoding="utf-8")

    def policy(self, table: str) -> None:
        """Add to pyproject.toml."""
        with (self.root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(table)

    def agreed_policy(self, table: str) -> None:
        """Add to pyproject.toml, on both sides."""
        self.git("checkout", "--quiet", "main")
        self.policy(table)
        self.commit("policy")
        self.git("checkout", "--quiet", "-B", "change")

    def record_again(self, path: str = FIXTURE) -> None:
        """Put a run of the changed code in the place of a fixture: its first activity renamed."""
        file = self.root / path
        document = json.loads(file.read_text(encoding="utf-8"))
        text = json.dumps(document).replace("extract_rows", "read_rows")
        file.write_text(text, encoding="utf-8")

    def shallow_clone(self, folder: Path, branch: str = "change") -> Repository:
        """A clone of one commit of a branch, as a CI makes it."""
        subprocess.run(
            ["git", "clone", "--quiet", "--depth=1", f"--branch={branch}", self.root.as_uri(), str(folder)],
            check=True,
            capture_output=True,
        )
        clone = object.__new__(Repository)
        clone.root = folder
        return clone

    def remove(self, path: str) -> None:
        """Delete a file or folder."""
        target = self.root / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()
