"""Ways to take a fixture out of a gate's sight together with the code that it would stop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, RENAMED, UNCHANGED, Repository

__all__ = ["ROWS"]

_FAILS_AT_ONCE = UNCHANGED.replace("        rows =", "        raise KeyError(source)\n        rows =")
_SLOWER = UNCHANGED.replace("seconds=10", "seconds=20")
_GONE = UNCHANGED.replace("class DataProcessingWorkflow", "class OtherWorkflow")
_ALLOWED = ("-c", "protocol.file.allow=always")


def on_main(repository: Repository, change: Callable[[], object]) -> None:
    """Make a change that both sides have."""
    change()
    repository.commit("both sides")
    repository.git("branch", "--force", "main", "HEAD")


def another_fixture(repository: Repository, *, name: str = "other", is_open: bool = False) -> Path:
    """A second fixture of both sides, of another run; without its last events where that is open."""
    document = json.loads((repository.root / FIXTURE).read_text(encoding="utf-8"))
    document["replaykit"] |= {"workflowId": name}
    document["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"] = name
    if is_open:
        del document["events"][-4:]
        document["replaykit"] |= {"status": "RUNNING"}
    file = repository.root / "histories" / f"{name}.json"
    on_main(repository, lambda: file.write_text(json.dumps(document), encoding="utf-8"))
    return file


def deleted(code: str, *, is_open: bool = False) -> Callable[[Repository], None]:
    """One of two fixtures is deleted, and the code changes."""

    def make(repository: Repository) -> None:
        another_fixture(repository, is_open=is_open).unlink()
        repository.code(code)
        repository.commit()

    return make


def left_out(repository: Repository) -> None:
    """The configuration names one of two files alone, and the code fails on the other."""
    another_fixture(repository)
    repository.code(UNCHANGED.replace("        rows =", _ONLY_OTHER))
    table = (repository.root / "pyproject.toml").read_text(encoding="utf-8")
    named = f'[tool.replaykit]\nhistories = ["{FIXTURE}"]'
    (repository.root / "pyproject.toml").write_text(
        table.replace("[tool.replaykit]", named, 1), encoding="utf-8"
    )
    repository.commit()


_ONLY_OTHER = """\
        if workflow.info().workflow_id == "other":
            raise KeyError(source)
        rows ="""


def rewritten(repository: Repository) -> None:
    """Recorded again by code that asks for other attributes."""
    repository.code(_SLOWER)
    file = repository.root / FIXTURE
    text = file.read_text(encoding="utf-8").replace(
        '"startToCloseTimeout": "10s"', '"startToCloseTimeout": "20s"'
    )
    assert text != file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    repository.commit()


def renamed_file(repository: Repository) -> None:
    """The fixture is there under a name that no gate looks for."""
    file = another_fixture(repository)
    file.rename(file.with_suffix(".json5"))
    repository.code(UNCHANGED.replace("        rows =", _ONLY_OTHER))
    repository.commit()


def moved_to_another_worker(repository: Repository) -> None:
    """Two workers have the type, and the folder decides: the changed worker gives its fixture away."""
    worker = '[[tool.replaykit.worker]]\nname = "{0}"\ntask_queues = ["nobody-{0}"]\nworkflows = ["{0}"]\n'
    root = repository.root

    def both() -> None:
        (root / "other.py").write_text(UNCHANGED, encoding="utf-8")
        (root / "pyproject.toml").write_text(
            worker.format("flows") + worker.format("other"), encoding="utf-8"
        )
        (root / "histories" / "flows").mkdir()
        (root / "histories" / "other").mkdir()
        (root / FIXTURE).rename(root / "histories" / "flows" / "run.json")

    on_main(repository, both)
    repository.code(RENAMED)
    (root / "histories" / "flows" / "run.json").rename(root / "histories" / "other" / "run.json")
    repository.commit()


def another_queue(repository: Repository) -> None:
    """The same, by the task queue that the fixture's metadata names."""
    worker = '[[tool.replaykit.worker]]\nname = "{0}"\ntask_queues = ["{1}"]\nworkflows = ["{0}"]\n'
    root = repository.root
    file = root / FIXTURE
    queue = json.loads(file.read_text(encoding="utf-8"))["replaykit"]["taskQueue"]

    def both() -> None:
        (root / "other.py").write_text(UNCHANGED, encoding="utf-8")
        table = worker.format("flows", queue) + worker.format("other", "other")
        (root / "pyproject.toml").write_text(table, encoding="utf-8")

    on_main(repository, both)
    repository.code(RENAMED)
    document = json.loads(file.read_text(encoding="utf-8"))
    document["replaykit"]["taskQueue"] = "other"
    file.write_text(json.dumps(document), encoding="utf-8")
    repository.commit()


def removed_workflow(*, is_open: bool, keep: bool) -> Callable[[Repository], None]:
    """The workflow gets another type; its second fixture stays or goes."""

    def make(repository: Repository) -> None:
        file = another_fixture(repository, is_open=is_open)
        on_main(repository, lambda: repository.remove(FIXTURE))
        repository.code(_GONE)
        if not keep:
            file.unlink()
            new = file.with_name("new.json")
            new.write_text(
                file_text(repository).replace("DataProcessingWorkflow", "OtherWorkflow"), encoding="utf-8"
            )
        repository.commit()

    return make


def file_text(repository: Repository) -> str:
    return repository.git("show", f"main^:{FIXTURE}")


def submodule(then: Callable[[Repository, Path], None]) -> Callable[[Repository], None]:
    """The histories are a submodule; the code diverges from the first fixture there."""

    def make(repository: Repository) -> None:
        root = repository.root
        origin = root.parent / f"{root.name}-histories"
        origin.mkdir()
        corpus = Repository(origin)
        (origin / "old.json").write_bytes((root / FIXTURE).read_bytes())
        corpus.commit("old")

        def both() -> None:
            repository.remove("histories")
            repository.git("rm", "-r", "--quiet", "--cached", "histories")
            repository.git(*_ALLOWED, "submodule", "--quiet", "add", str(origin), "histories")

        on_main(repository, both)
        repository.code(RENAMED)
        then(repository, origin)
        repository.commit()

    return make


def bumped(repository: Repository, origin: Path) -> None:
    """The submodule moves on to a commit in which the fixture is recorded again."""
    corpus = Repository(origin)
    (origin / "old.json").write_text(
        (origin / "old.json").read_text(encoding="utf-8").replace("extract_rows", "read_rows"),
        encoding="utf-8",
    )
    corpus.commit("new")
    repository.git("-C", "histories", "pull", "--quiet")


def unnamed_bump(repository: Repository, origin: Path) -> None:
    """The submodule is not where the change names it: the old fixtures are looked at, or none."""
    bumped(repository, origin)
    repository.commit("bumped")
    repository.git("-C", "histories", "checkout", "--quiet", "HEAD^")
    repository.git("update-index", "--skip-worktree", "histories")
    (repository.root / "NOTES.txt").write_text("more", encoding="utf-8")


def not_checked_out(repository: Repository, origin: Path) -> None:
    """A second folder has fixtures, and the submodule none any more."""
    repository.git("submodule", "--quiet", "deinit", "--force", "histories")
    more = repository.root / "more"
    more.mkdir()
    text = (origin / "old.json").read_text(encoding="utf-8").replace("extract_rows", "read_rows")
    (more / "new.json").write_text(text, encoding="utf-8")
    table = (repository.root / "pyproject.toml").read_text(encoding="utf-8")
    named = '[tool.replaykit]\nhistories = ["histories", "more"]'
    (repository.root / "pyproject.toml").write_text(
        table.replace("[tool.replaykit]", named, 1), encoding="utf-8"
    )


def sparse(repository: Repository) -> None:
    """The one fixture that the code diverges from lies outside the sparse checkout."""
    root = repository.root
    new = root / "histories" / "New"
    new.mkdir()
    (new / "new.json").write_bytes((root / FIXTURE).read_bytes())
    repository.record_again("histories/New/new.json")
    on_main(repository, lambda: None)
    repository.code(RENAMED)
    repository.commit()
    repository.git("sparse-checkout", "set", "--no-cone", "/*", "!/histories/DataProcessingWorkflow/")


def lfs(*, here: bool) -> Callable[[Repository], None]:
    """Fixtures are pointers of git LFS, here or in the base alone, and git LFS is not installed."""

    def make(repository: Repository) -> None:
        root = repository.root
        other = another_fixture(repository)
        content = other.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n"
        on_main(repository, lambda: other.write_text(pointer, encoding="utf-8"))
        repository.code(UNCHANGED.replace("        rows =", _ONLY_OTHER))
        if not here:  # the content is in the store of git LFS, and the fixture is deleted
            store = root / ".git" / "lfs" / "objects" / digest[:2] / digest[2:4]
            store.mkdir(parents=True)
            (store / digest).write_bytes(content)
            other.unlink()
        repository.commit()

    return make


ROWS = (
    Row(
        name="a deleted fixture that the change cannot judge",
        make=deleted(UNCHANGED.replace("        rows =", _ONLY_OTHER)),
        exit_code=2,
        rule="deleted-fixture",
        text="replayed on this change, it cannot be judged",
        in_default_run=True,
    ),
    Row(
        name="a deleted fixture that the change drifts from",
        make=deleted(_SLOWER),
        exit_code=1,
        rule="deleted-fixture",
        text="replayed on this change, it drifts",
        arguments=("--strict",),
    ),
    Row(
        name="a deleted fixture that the change diverges from",
        make=deleted(CHANGED),
        exit_code=1,
        rule="deleted-fixture",
        text="histories/other.json: the fixture was deleted together with the code: replayed on this change, "
        "it diverges",
    ),
    Row(
        name="a deleted fixture with which nothing is wrong",
        make=deleted(UNCHANGED + "\n# more\n"),
        exit_code=0,
        rule="deleted-fixture",
        text="histories/other.json is no longer replayed, and replays well on this change",
    ),
    Row(
        name="a fixture that is no longer named and that the change cannot judge",
        make=left_out,
        exit_code=2,
        rule="deleted-fixture",
        text="this change no longer replays the fixture, which cannot be judged",
    ),
    Row(
        name="a fixture under another suffix",
        make=renamed_file,
        exit_code=2,
        rule="deleted-fixture",
        text="histories/other.json: the fixture was deleted",
    ),
    Row(
        name="a fixture recorded again by code that drifts",
        make=rewritten,
        exit_code=1,
        rule="rewritten-fixture",
        text="the old one, replayed on this change, drifts",
        arguments=("--strict",),
    ),
    Row(
        name="a fixture moved to the folder of another worker",
        make=moved_to_another_worker,
        exit_code=1,
        rule="moved-fixture",
        text="histories/flows/run.json: the fixture was moved to another worker's folder",
    ),
    Row(
        name="a fixture whose metadata names another task queue",
        make=another_queue,
        exit_code=1,
        rule="rewritten-fixture",
    ),
    Row(
        name="a workflow renamed under an open run",
        make=removed_workflow(is_open=True, keep=True),
        exit_code=1,
        rule="removed-workflow",
        text="DataProcessingWorkflow was removed or renamed, and histories/other.json shows an open run",
    ),
    Row(
        name="a workflow renamed together with the fixture of an open run",
        make=removed_workflow(is_open=True, keep=False),
        exit_code=1,
        rule="removed-workflow",
        text="shows an open run of it",
    ),
    Row(
        name="a workflow renamed, and the fixture of its closed run stays",
        make=removed_workflow(is_open=False, keep=True),
        exit_code=2,
        rule="new-unjudged",
    ),
    Row(
        name="a workflow removed with the fixture of a closed run",
        make=removed_workflow(is_open=False, keep=False),
        exit_code=0,
        rule="removed-workflow",
        text="warnings",
    ),
    Row(
        name="a submodule of fixtures that is bumped",
        make=submodule(bumped),
        exit_code=1,
        rule="rewritten-fixture",
        text="histories/old.json: the fixture was re-recorded",
    ),
    Row(
        name="a submodule of fixtures that stays",
        make=submodule(lambda repository, origin: None),
        exit_code=1,
        rule="new-divergence",
        absent="of a fixture that came with the change",
    ),
    Row(
        name="a submodule of fixtures that is not where the change names it",
        make=submodule(unnamed_bump),
        exit_code=1,
        rule="fixture-not-checked-out",
        text="histories is a submodule at",
    ),
    Row(
        name="a submodule of fixtures that is not checked out",
        make=submodule(not_checked_out),
        exit_code=2,
        rule="fixture-not-checked-out",
        text="git submodule update --init histories",
    ),
    Row(
        name="a fixture outside the sparse checkout",
        make=sparse,
        exit_code=1,
        rule="fixture-not-checked-out",
        text="git sparse-checkout add histories/DataProcessingWorkflow",
    ),
    Row(
        name="a fixture that is a pointer of git LFS",
        make=lfs(here=True),
        exit_code=2,
        rule="fixture-not-checked-out",
        text="histories/other.json is a pointer of git LFS, so it was not judged",
    ),
    Row(
        name="a deleted fixture that was a pointer of git LFS",
        make=lfs(here=False),
        exit_code=2,
        rule="deleted-fixture",
        text="histories/other.json: the fixture was deleted",
    ),
)
