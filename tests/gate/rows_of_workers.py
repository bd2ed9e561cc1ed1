"""Ways to have another worker judge a fixture than the one that ran it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, RENAMED, UNCHANGED, Repository

__all__ = ["ROWS"]


def _worker(name: str, module: str, more: str = "") -> str:
    return f'[[tool.replaykit.worker]]\nname = "{name}"\nworkflows = ["{module}"]\n{more}'


def _queues(*queues: str) -> str:
    return f"task_queues = {json.dumps(queues)}\n"


def _queue(root: Path) -> str:
    return str(json.loads((root / FIXTURE).read_text(encoding="utf-8"))["replaykit"]["taskQueue"])


def handed_over(*, by_folder: bool) -> Callable[[Repository], None]:
    """A copy of the old code becomes a worker, and gets the fixture of the changed one."""

    def make(repository: Repository) -> None:
        root = repository.root
        (root / "flows_v1.py").write_text(UNCHANGED, encoding="utf-8")
        repository.code(RENAMED)
        more = "" if by_folder else _queues(_queue(root))
        if by_folder:
            (root / "histories" / "legacy").mkdir()
            (root / FIXTURE).rename(root / "histories" / "legacy" / Path(FIXTURE).name)
        table = _worker("main", "flows") + _worker("legacy", "flows_v1", more)
        (root / "pyproject.toml").write_text(table, encoding="utf-8")
        repository.commit()

    return make


def renamed(repository: Repository, *, frozen: bool) -> None:
    """The only worker gets another name; its path may lead to a copy of the old code."""
    root = repository.root
    if frozen:
        (root / "frozen").mkdir()
        (root / "frozen" / "flows.py").write_text(UNCHANGED, encoding="utf-8")
    repository.code(RENAMED if frozen else CHANGED)
    more = 'path = ["frozen"]\n' if frozen else ""
    (root / "pyproject.toml").write_text(_worker("main", "flows", more), encoding="utf-8")
    repository.commit()


def removed(repository: Repository) -> None:
    """The worker that polls the run's queue goes with its code; one that polls others judges its fixture."""
    root = repository.root
    first = _worker("a", "flows", _queues("a-*"))
    (root / "flows_b.py").write_text(UNCHANGED, encoding="utf-8")
    second = _worker("b", "flows_b", _queues(_queue(root)))
    (root / "pyproject.toml").write_text(first + second, encoding="utf-8")
    repository.commit("both sides")
    repository.git("branch", "--force", "main", "HEAD")
    (root / "flows_b.py").unlink()
    (root / "pyproject.toml").write_text(first, encoding="utf-8")
    repository.commit()


ROWS = (
    Row(
        name="a fixture moved to the folder of a worker that the change adds",
        make=handed_over(by_folder=True),
        exit_code=1,
        rule="other-worker",
        text="worker 'legacy' (flows_v1.py) judges it now, and in the base worker 'default' (flows.py) does",
    ),
    Row(
        name="a worker that the change adds takes the queue of a fixture",
        make=handed_over(by_folder=False),
        exit_code=1,
        rule="other-worker",
        text="worker 'legacy' (flows_v1.py) judges it now",
    ),
    Row(
        name="a worker renamed whose path has a copy of the old code",
        make=lambda repository: renamed(repository, frozen=True),
        exit_code=1,
        rule="other-worker",
        text="worker 'main'",
    ),
    Row(
        name="a worker removed, and another one judges its fixture",
        make=removed,
        exit_code=1,
        rule="other-worker",
        text="worker 'a' (flows.py) judges it now, and in the base worker 'b' (flows_b.py) does",
    ),
    Row(
        name="a worker renamed that runs the same class",
        make=lambda repository: renamed(repository, frozen=False),
        exit_code=1,
        absent="other-worker: ",
    ),
)
