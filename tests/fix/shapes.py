"""Shapes of a change: base, head, and the head as `replaykit fix` leaves it, one text file for each."""

from __future__ import annotations

import importlib
import itertools
import random
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from replaykit.explore.classes import worker_of
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.values.choosers import Chooser, Sampled, Simplest
from replaykit.explore.values.overrides import Values
from replaykit.history import dump_history

__all__ = ["FOLDER", "Shape", "project_of", "shapes"]

FOLDER = Path(__file__).parent / "shapes"
_RUNS = 10
_numbers = itertools.count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One change to a workflow class `Flow`."""

    name: str
    base: str
    head: str
    cured: str
    """What is to come of it; empty where no guard can be."""


@cache
def shapes() -> dict[str, Shape]:
    """By name, all of them."""
    found: dict[str, Shape] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        _, base, head, cured = path.read_text(encoding="utf-8").split("=== ")
        texts = [part.partition("\n")[2] for part in (base, head, cured)]
        found[path.stem] = Shape(name=path.stem, base=texts[0], head=texts[1], cured=texts[2])
    return found


def project_of(shape: Shape, folder: Path) -> Path:
    """A git repository with the change on a branch, and histories that the base's code grew."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)

    folder.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.email", "fix@example.org")
    git("config", "user.name", "fix")
    (folder / "histories").mkdir()
    for number, history in enumerate(_grown(shape.base, folder)):
        (folder / "histories" / f"run-{number}.json").write_bytes(history)
    (folder / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n')
    (folder / "flows.py").write_text(shape.base)
    git("add", "--all")
    git("commit", "--quiet", "--message", "base")
    git("checkout", "--quiet", "-b", "change")
    (folder / "flows.py").write_text(shape.head)
    git("commit", "--quiet", "--all", "--message", "change")
    return folder


def _grown(code: str, folder: Path) -> list[bytes]:
    """Runs that the code can have, as fixtures."""
    name = f"grown_flows_{next(_numbers)}"
    place = folder.parent / f"{folder.name}-code"
    place.mkdir()
    (place / f"{name}.py").write_text(code)
    sys.path.insert(0, str(place))
    try:
        workflow = importlib.import_module(name).Flow
        with closing(Warm(worker_of([workflow]), root=place, timeout_s=20)) as engine:
            grower = FromStart(engine, workflow, Values(), "Flow")
            choosers: list[Chooser] = [
                Simplest(),
                *(Sampled(random.Random(seed)) for seed in range(1, _RUNS)),
            ]
            runs = [grower.fresh(chooser) for chooser in choosers]
    finally:
        sys.path.remove(str(place))
        sys.modules.pop(name, None)
    return [dump_history(run.history) for run in runs if not run.is_stuck and run.is_unhindered]
