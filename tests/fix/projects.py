"""Git repositories with a change on a branch, and histories that its base has grown."""

from __future__ import annotations

from pathlib import Path

from tests.fix.shapes import Shape, project_of
from tests.gate.repository import Repository

__all__ = ["project_with"]


def project_with(folder: Path, base: str, head: str) -> Repository:
    """A repository with a change of `flows.py` on a branch."""
    project_of(Shape(name="", base={"flows.py": base}, head={"flows.py": head}, cured={}), folder)
    return Repository(folder)
