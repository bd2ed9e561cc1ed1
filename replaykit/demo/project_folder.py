"""The example project as a folder of its own: written, switched between versions, handed over."""

from __future__ import annotations

import shutil
import textwrap
from importlib.resources import files
from pathlib import Path

from replaykit.errors import ConfigError

__all__ = ["added_lines", "check_free", "deliver", "switch_to", "write_project"]

_FILES = (
    "pyproject.toml",
    "activities.py",
    "workflows_v1.py",
    "workflows_v2.py",
    "workflows_v3.py",
    "worker.py",
    "starter.py",
)
_IMPORTS = {
    "from replaykit.demo.project import activities": "import activities",
    "from replaykit.demo.project.workflows_v1 import": "from workflows import",
}
"""How the files import each other here, and how they do in a folder of their own."""


def write_project(folder: Path) -> None:
    """Write the project into an existing folder, with version 1 of the workflow."""
    for name in _FILES:
        (folder / name).write_text(_source(name), encoding="utf-8", newline="\n")
    switch_to(1, folder)


def switch_to(version: int, folder: Path) -> None:
    """Make that version of the workflow the one in `workflows.py`."""
    shutil.copyfile(folder / f"workflows_v{version}.py", folder / "workflows.py")


def added_lines(before: int, after: int) -> list[str]:
    """What one version of the workflow adds to another (`+ ...`), and the lines around it (`  ...`)."""
    old, new = (_source(f"workflows_v{version}.py").splitlines() for version in (before, after))
    start = next(index for index, line in enumerate(new) if line != old[index])
    end = start + len(new) - len(old)
    # An addition that ends like the line before it could begin a line earlier, where it reads as a whole.
    while new[start - 1] == new[end - 1]:
        start, end = start - 1, end - 1
    code = textwrap.dedent("\n".join(new[start - 1 : end + 1])).splitlines()
    return [f"  {code[0]}", *(f"+ {line}" for line in code[1:-1]), f"  {code[-1]}"]


def check_free(target: Path) -> None:
    """Make sure that a folder to deliver to is empty or absent.

    Raises:
        ConfigError: Something is there.
    """
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists() or target.is_symlink():
        what = "this folder is not empty" if target.is_dir() else "this is not a folder"
        raise ConfigError(
            what, where=str(target), cure="Name an empty folder, or one that does not exist yet."
        )


def deliver(folder: Path, target: Path) -> None:
    """Copy the finished project to where it is kept, without Python's caches.

    Raises:
        ConfigError: It cannot be written there.
    """
    try:
        shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    except (OSError, shutil.Error) as error:
        raise ConfigError(
            f"the project cannot be written: {error}", where=str(target), cure="Name another folder."
        ) from error


def _source(name: str) -> str:
    text = files("replaykit.demo.project").joinpath(name).read_text(encoding="utf-8")
    for here, there in _IMPORTS.items():
        text = text.replace(here, there)
    return text
