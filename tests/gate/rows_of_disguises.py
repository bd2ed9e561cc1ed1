"""Ways to have a gate take the change for something else: its bytecode, its metadata, its refs."""

from __future__ import annotations

import json
import os
import py_compile
from collections.abc import Callable
from typing import Any

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, UNCHANGED, Repository

__all__ = ["ROWS"]

_NO_TABLE = '[project]\nname = "data"\n'
_TABLE = f'{_NO_TABLE}[tool.replaykit]\nworkflows = ["flows"]\n'
_EARLIER = 1_000_000_000
_ASKS_MORE = """\
        if {condition}:
            await workflow.execute_activity("validate", source, start_to_close_timeout=SOON)
        rows ="""


def committed_bytecode(repository: Repository) -> None:
    """The change commits the bytecode of the old code, which says of itself that nobody need check it."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(repository.root / "flows.py"), invalidation_mode=mode)
    repository.code(CHANGED)
    repository.git("add", "--force", "__pycache__")
    repository.commit()


def kept_bytecode(repository: Repository) -> None:
    """A CI keeps the bytecode of the old code, and the new code is as long and of the same second."""
    file = repository.root / "flows.py"
    (repository.root / ".git" / "info" / "exclude").write_text("__pycache__/\n", encoding="utf-8")
    os.utime(file, (_EARLIER, _EARLIER))
    py_compile.compile(str(file))
    repository.code(UNCHANGED.replace("extract_rows", "extract_cols"))
    os.utime(file, (_EARLIER, _EARLIER))
    repository.commit()


def other_metadata(condition: str, **metadata: str) -> Callable[[Repository], None]:
    """The change edits what a fixture has of its run, and asks for more where that is not so."""

    def make(repository: Repository) -> None:
        file = repository.root / FIXTURE
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        document["replaykit"] |= metadata
        file.write_text(json.dumps(document), encoding="utf-8")
        repository.code(UNCHANGED.replace("        rows =", _ASKS_MORE.format(condition=condition)))
        repository.commit()

    return make


def first_policy(table: str, code: str = CHANGED) -> Callable[[Repository], None]:
    """The change brings replaykit in, with a policy of its own."""

    def make(repository: Repository) -> None:
        project = repository.root / "pyproject.toml"
        project.write_text(_NO_TABLE, encoding="utf-8")
        repository.commit("no replaykit yet")
        repository.git("branch", "--force", "main", "HEAD")
        project.write_text(_TABLE + table, encoding="utf-8")
        repository.code(code)
        repository.commit()

    return make


def tag_of_that_name(repository: Repository) -> None:
    """A tag has the name of the base, and is of the change's own broken commit."""
    repository.code(CHANGED)
    repository.commit()
    repository.git("tag", "main", "HEAD")
    repository.code(f"# a comment\n{CHANGED}")
    repository.commit()


ROWS = (
    Row(
        name="old bytecode comes with the change",
        make=committed_bytecode,
        exit_code=1,
        rule="new-divergence",
    ),
    Row(
        name="old bytecode is kept from an earlier run",
        make=kept_bytecode,
        exit_code=1,
        rule="new-divergence",
    ),
    Row(
        name="a fixture's metadata names another workflow id",
        make=other_metadata('workflow.info().workflow_id == "data-processing"', workflowId="other"),
        exit_code=1,
        rule="rewritten-fixture",
    ),
    Row(
        name="a fixture's metadata names another namespace",
        make=other_metadata('workflow.info().namespace != "other"', namespace="other"),
        exit_code=1,
        rule="rewritten-fixture",
    ),
    Row(
        name="a fixture's metadata names another run id, and nothing depends on it",
        make=other_metadata("False", runId="00000000-0000-0000-0000-000000000000"),
        exit_code=0,
        absent="rewritten-fixture",
    ),
    Row(
        name="the first policy of a project ignores what fails",
        make=first_policy('[tool.replaykit.gate]\ndivergence = "ignore"\n'),
        exit_code=1,
        rule="weakened-policy",
        text="gate.divergence: fail by default in the base, ignore in this change",
    ),
    Row(
        name="the first policy of a project waives what fails",
        make=first_policy(
            '[[tool.replaykit.gate.waiver]]\nreason = "x"\nuntil = 2999-01-01\nrule = "new-divergence"\n'
        ),
        exit_code=1,
        rule="weakened-policy",
    ),
    Row(
        name="the first policy of a project weakens nothing",
        make=first_policy('timeout = 30\n[tool.replaykit.gate]\nchanged_workflow = "fail"\n', UNCHANGED),
        exit_code=0,
        absent="weakened-policy",
    ),
    Row(
        name="a tag has the name of the base",
        make=tag_of_that_name,
        arguments=("--base", "main"),
        exit_code=2,
        text="main names more than one commit here: refs/tags/main, refs/heads/main",
    ),
    Row(
        name="a tag has the name of the default branch",
        make=tag_of_that_name,
        exit_code=1,
        rule="new-divergence",
    ),
)
