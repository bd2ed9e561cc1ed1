"""Shapes of a change: base, head, and the head as `replaykit fix` leaves it, one text file for each.

Each side is the text of `flows.py`; files beside it follow, each below a line `--- NAME.py`.
"""

from __future__ import annotations

import importlib
import random
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from replaykit.explore.classes import worker_of
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.values.choosers import Sampled, Simplest
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.signatures import workflow_name
from replaykit.history import dump_history
from replaykit.replay.sdk.definitions import workflow_definition

__all__ = ["FOLDER", "Shape", "grown_by", "project_of", "shapes"]

FOLDER = Path(__file__).parent / "shapes"
_RUNS = 10
_MAIN = "flows.py"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One change to workflow classes: by name, the text of each file."""

    name: str
    base: Mapping[str, str]
    head: Mapping[str, str]
    cured: Mapping[str, str]
    """What is to come of it."""


@cache
def shapes() -> dict[str, Shape]:
    """By name, all of them."""
    found: dict[str, Shape] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        _, base, head, cured = path.read_text(encoding="utf-8").split("=== ")
        sides = [_files(part.partition("\n")[2]) for part in (base, head, cured)]
        found[path.stem] = Shape(name=path.stem, base=sides[0], head=sides[1], cured=sides[2])
    return found


def _files(text: str) -> dict[str, str]:
    main, *others = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
    return {_MAIN: main, **dict(zip(others[::2], others[1::2], strict=True))}


def project_of(shape: Shape, folder: Path) -> Path:
    """A git repository with the change on a branch, and histories that the base's code grew."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)

    def write(files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (folder / name).write_text(text)

    folder.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.email", "fix@example.org")
    git("config", "user.name", "fix")
    (folder / "histories").mkdir()
    for name, history in grown_by(shape.base, folder, runs=_RUNS):
        (folder / "histories" / name).write_bytes(history)
    (folder / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n')
    write(shape.base)
    git("add", "--all")
    git("commit", "--quiet", "--message", "base")
    git("checkout", "--quiet", "-b", "change")
    for name in shape.base.keys() - shape.head.keys():
        (folder / name).unlink()
    write(shape.head)
    git("add", "--all")
    git("commit", "--quiet", "--message", "change")
    return folder


def grown_by(files: Mapping[str, str], folder: Path, *, runs: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of fixtures: runs that code can have, of each workflow class some.

    Args:
        files: By name, the modules.
        folder: Beside it they are written.
        runs: How many of each class are tried; what gets stuck is left out.
    """
    place = folder.parent / f"{folder.name}-code"
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text)
    with _imported(place, files) as module:
        workflows = [each for each in vars(module).values() if workflow_definition(each) is not None]
        with closing(Warm(worker_of(workflows), root=place, timeout_s=20)) as engine:
            for workflow in workflows:
                kind = workflow_name(workflow) or workflow.__name__
                grower = FromStart(engine, workflow, Values(), kind)
                for seed in range(runs):
                    run = grower.fresh(Sampled(random.Random(seed)) if seed else Simplest())
                    if not run.is_stuck and run.is_unhindered:
                        yield f"{kind}-{seed}.json", dump_history(run.history)


@contextmanager
def _imported(place: Path, files: Mapping[str, str]) -> Iterator[ModuleType]:
    """The main module; another shape's modules may have the same names afterwards."""
    sys.path.insert(0, str(place))
    try:
        yield importlib.import_module(Path(_MAIN).stem)
    finally:
        sys.path.remove(str(place))
        for name in files:
            sys.modules.pop(Path(name).stem, None)
