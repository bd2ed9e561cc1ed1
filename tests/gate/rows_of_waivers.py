"""Ways to have a waiver hold where nobody agreed to it, or not where they did: by the folder of the gate."""

from __future__ import annotations

from collections.abc import Callable

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, Repository

__all__ = ["ROWS"]

_WAIVER = """
[[tool.replaykit.gate.waiver]]
history = "{pattern}"
reason = "no such run is left"
until = 2999-12-31
"""


def agreed(pattern: str, *, project: str = ".", histories: str = "") -> Callable[[Repository], None]:
    """Both sides have a waiver; the change diverges.

    Args:
        pattern: Of the fixtures that it is about.
        project: The folder of the project.
        histories: Where its fixtures lie, from there; by default in the project.
    """

    def make(repository: Repository) -> None:
        root = repository.root
        if project != ".":
            (root / project).mkdir()
            moved = ("flows.py", "pyproject.toml", *(() if histories else ("histories",)))
            for name in moved:
                (root / name).rename(root / project / name)
        (root / project / "docs" / "more").mkdir(parents=True)
        (root / project / "docs" / "more" / "text.md").write_text("more", encoding="utf-8")
        with (root / project / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(f'histories = ["{histories}"]\n' if histories else "")
            file.write(_WAIVER.format(pattern=pattern))
        repository.commit("both sides")
        repository.git("branch", "--force", "main", "HEAD")
        (root / project / "flows.py").write_text(CHANGED, encoding="utf-8")
        repository.commit()

    return make


_HOLDS = "waived until 2999-12-31"

ROWS = (
    Row(
        name="a waiver by a path of the project",
        make=agreed(FIXTURE),
        exit_code=0,
        text=_HOLDS,
        absent="unused-waiver",
    ),
    Row(
        name="a waiver by a path of the project, from a folder in it",
        make=agreed(FIXTURE),
        exit_code=0,
        text=_HOLDS,
        absent="unused-waiver",
        folder="docs/more",
    ),
    Row(
        name="a waiver by a pattern of the project, from a folder of a project in a repository of many",
        make=agreed("histories/DataProcessingWorkflow/*", project="svc"),
        exit_code=0,
        text=_HOLDS,
        folder="svc/docs",
    ),
    Row(
        name="a waiver by a path of the repository, from a folder of a project in it",
        make=agreed(f"svc/{FIXTURE}", project="svc"),
        exit_code=0,
        text=_HOLDS,
        folder="svc/docs/more",
    ),
    Row(
        name="a waiver by a path of the repository, from the project in it",
        make=agreed(f"svc/{FIXTURE}", project="svc"),
        exit_code=0,
        text=_HOLDS,
        folder="svc",
    ),
    Row(
        name="a waiver of histories beside the project",
        make=agreed(f"../{FIXTURE}", project="svc", histories="../histories"),
        exit_code=0,
        text=_HOLDS,
        folder="svc/docs",
    ),
    Row(
        name="a waiver that fits from the current folder alone",
        make=agreed("DataProcessingWorkflow/copy-0.json"),
        exit_code=1,
        rule="unused-waiver",
        text="new-divergence",
        absent=_HOLDS,
        folder="histories",
    ),
    Row(
        name="a waiver that fits the bare name from the current folder alone",
        make=agreed("copy-*.json", project="svc"),
        exit_code=1,
        rule="unused-waiver",
        absent=_HOLDS,
        folder="svc/histories/DataProcessingWorkflow",
    ),
    Row(
        name="a waiver of the same path in another project",
        make=agreed(f"other/{FIXTURE}", project="svc"),
        exit_code=1,
        rule="unused-waiver",
        absent=_HOLDS,
        folder="svc",
    ),
)
