"""Ways to have a gate look at other files than those that run: links, old copies, projects that moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, RENAMED, UNCHANGED, Repository
from tests.gate.rows_of_workflows import DROPPED, ORDER, UNPROVEN, on_main, orders

__all__ = ["ROWS"]


def linked(link: Path, target: str) -> None:
    """Point a link to something, whatever is there now."""
    if link.is_symlink():
        link.unlink()
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


def other_histories(*, absolute: bool = False) -> Callable[[Repository], None]:
    """`histories` is a link; the change points it to a folder that lacks the fixture which it breaks."""

    def make(repository: Repository) -> None:
        root = repository.root

        def both() -> None:
            (root / "histories").rename(root / "all")
            linked(root / "histories", str(root / "all") if absolute else "all")

        on_main(repository, both)
        (root / "some").mkdir()
        shutil.copyfile(root / FIXTURE, root / "some" / "copy-1.json")
        edited = (
            (root / "some" / "copy-1.json").read_text(encoding="utf-8").replace("extract_rows", "read_rows")
        )
        (root / "some" / "copy-1.json").write_text(edited, encoding="utf-8")
        linked(root / "histories", str(root / "some") if absolute else "some")
        repository.code(RENAMED)
        repository.commit()

    return make


def lost_after_a_link(repository: Repository) -> None:
    """The link stays, and the folder that it leads to loses the fixture."""
    root = repository.root

    def both() -> None:
        (root / "histories").rename(root / "all")
        linked(root / "histories", "all")
        shutil.copyfile(root / FIXTURE, root / "all" / "copy-1.json")

    on_main(repository, both)
    repository.record_again("all/copy-1.json")
    (root / "all" / FIXTURE.removeprefix("histories/")).unlink()
    repository.code(RENAMED)
    repository.commit()


def other_module(old: str, new: str, *, package: bool) -> Callable[[Repository], None]:
    """A module, or the package that it lies in, is a link, which the change points to another version."""

    def make(repository: Repository) -> None:
        root = repository.root

        def both() -> None:
            for version, code in (("v1", old), ("v2", new)):
                folder = root / "impl" / version
                folder.mkdir(parents=True)
                (folder / "flows.py").write_text(code, encoding="utf-8")
            (root / "flows.py").unlink()
            linked(root / "app" if package else root / "flows.py", f"impl/v1{'' if package else '/flows.py'}")
            if package:
                project = (root / "pyproject.toml").read_text(encoding="utf-8")
                project = project.replace('"flows"', '"app.flows"')
                (root / "pyproject.toml").write_text(project, encoding="utf-8")

        on_main(repository, both)
        linked(root / "app" if package else root / "flows.py", f"impl/v2{'' if package else '/flows.py'}")
        repository.commit()

    return make


def dropped_through_a_link(repository: Repository) -> None:
    """The patch of the linked module goes; the file that has it stays in the project."""
    orders("v3", code=ORDER)(repository)
    repository.git("branch", "--force", "main", "HEAD")
    other_module(ORDER, DROPPED, package=False)(repository)


def beside_an_old_copy(repository: Repository) -> None:
    """A copy of the old code that no worker names has the patch that the change drops."""
    (repository.root / "old_flows.py").write_text(ORDER, encoding="utf-8")


def moved_and_lost(repository: Repository) -> None:
    """The project moves to another folder, and one of its fixtures is not moved with it."""
    root = repository.root

    def both() -> None:
        (root / "old").mkdir()
        for name in ("flows.py", "pyproject.toml", "histories"):
            (root / name).rename(root / "old" / name)
        project = root / "old" / "pyproject.toml"
        project.write_text(
            '[project]\nname = "data"\n' + project.read_text(encoding="utf-8"), encoding="utf-8"
        )
        shutil.copyfile(root / "old" / FIXTURE, root / "old" / "histories" / "copy-1.json")

    on_main(repository, both)
    (root / "old").rename(root / "new")
    (root / "new" / FIXTURE).unlink()
    repository.record_again("new/histories/copy-1.json")
    (root / "new" / "flows.py").write_text(RENAMED, encoding="utf-8")
    repository.commit()


ROWS = (
    Row(
        name="a linked folder of histories leads to another one",
        make=other_histories(),
        exit_code=1,
        rule="deleted-fixture",
        text="-- histories), and guard the change",
        absent="-- some/",
    ),
    Row(
        name="an absolute link to histories leads to another one",
        make=other_histories(absolute=True),
        exit_code=1,
        rule="deleted-fixture",
        text="all/DataProcessingWorkflow/copy-0.json: this change no longer replays the fixture",
    ),
    Row(
        name="a fixture is deleted where a link leads to",
        make=lost_after_a_link,
        exit_code=1,
        rule="rewritten-fixture",
        text="-- all/DataProcessingWorkflow/copy-0.json), and guard the change",
    ),
    Row(
        name="a linked module leads to other code",
        make=other_module(UNCHANGED, CHANGED, package=False),
        exit_code=1,
        rule="new-divergence",
        text="impl/v2/flows.py:12 in run",
    ),
    Row(
        name="a linked package leads to other code",
        make=other_module(UNCHANGED, CHANGED, package=True),
        exit_code=1,
        rule="new-divergence",
        text="impl/v2/flows.py:12 in run",
    ),
    Row(
        name="a linked module leads to code without the patch",
        make=dropped_through_a_link,
        exit_code=0,
        rule="unproven-patch-removal",
        text=UNPROVEN,
    ),
    Row(
        name="a patch is dropped, and an old copy that nobody runs has it",
        make=orders("v3", code=DROPPED, then=beside_an_old_copy),
        exit_code=0,
        rule="unproven-patch-removal",
        text=UNPROVEN,
    ),
    Row(
        name="a project moves, and loses a fixture on the way",
        make=moved_and_lost,
        folder="new",
        exit_code=1,
        rule="rewritten-fixture",
        text=f":old/{FIXTURE} > {FIXTURE}), and guard the change",
    ),
)
