"""Ways to fool a gate: how each repository is made, and what its gate has to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.gate.repository import Repository

__all__ = ["Row", "site_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One way to fool a gate, and one process."""

    name: str
    make: Callable[[Repository], object]
    """Makes the change, on the branch `change` of a repository whose `main` holds `UNCHANGED`."""
    exit_code: int
    rule: str | None = None
    """A rule that the output names; None for none."""
    text: str = ""
    """What the output has, on one line."""
    absent: str = ""
    """What it must not have."""
    arguments: tuple[str, ...] = ()
    folder: str = "."
    """Where the gate runs, in the repository."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment variables; `{root}` stands for the repository."""
    in_default_run: bool = False


def site_of(repository: Repository) -> Path:
    """A folder of installed packages in the repository that git ignores, for `PYTHONPATH`."""
    folder = repository.root / ".installed" / "site-packages"
    folder.mkdir(parents=True, exist_ok=True)
    with (repository.root / ".git" / "info" / "exclude").open("a", encoding="utf-8") as file:
        file.write(".installed/\n")
    # Python reads the `.pth` files of its own folders alone; a module that every start imports reads these.
    (folder / "sitecustomize.py").write_text(
        f"import site, sys\nsite.addsitedir({str(folder)!r})\n", encoding="utf-8"
    )
    return folder
