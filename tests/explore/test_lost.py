"""Code that ends or stops the process that explores it: named, and the other workflows are explored."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import replaykit.explore.searching.asking
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.explore.rows import totals
from replaykit.explore.run import Effort, ExploreRun, run_explore
from replaykit.explore.searching.futures import Future
from replaykit.explore.searching.summary import Explored
from tests.gate.repository import Repository
from tests.plugin.project import FIXTURE, UNCHANGED

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes")


class Watching:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def explored(self, explored: Explored, root: Path, kept: object) -> None: ...

    def future(self, future: Future, kept: object) -> None: ...

    def note(self, message: str) -> None:
        self.notes.append(message)


def project(root: Path, statement: str) -> Config:
    """A project whose first workflow does that, before its first command; the second is sound."""
    bad = UNCHANGED.replace(
        "@workflow.defn\nclass DataProcessingWorkflow",
        '@workflow.defn(name="Bad", sandboxed=False)\nclass Bad',
    )
    bad = bad.replace("        rows =", f"        {statement}\n        rows =", 1)
    code = f"import ctypes, os, re, time\n{bad}\n\n{UNCHANGED}"
    (root / "flows.py").write_text(code, encoding="utf-8")
    (root / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n', encoding="utf-8")
    text = FIXTURE.read_text(encoding="utf-8")
    (root / "bad.json").write_text(text.replace("DataProcessingWorkflow", "Bad"), encoding="utf-8")
    (root / "good.json").write_text(text, encoding="utf-8")
    return load_config(root)


def explored(
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
    *recorded: Path,
    base: str | None = None,
    scenarios: int = 4,
    names: tuple[str, ...] = (),
) -> ExploreRun:
    monkeypatch.syspath_prepend(config.root)
    watching = Watching()
    effort = Effort(seconds=20, scenarios=scenarios)
    found = run_explore(config, names, effort, recorded=recorded, base=base, watcher=watching)
    assert all(any(name in note for note in watching.notes) for name in found.lost)
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("os._exit(0)", "ended with exit code 0; it was at "),
        pytest.param("ctypes.string_at(0)", "was ended by SIGSEGV; it was at ", marks=pytest.mark.exhaustive),
        pytest.param(
            're.match(r"(a+)+$", "a" * 60 + "b")',
            "gave no answer within 3 s; it was at ",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
@pytest.mark.thinned(3)
def test_the_others_are_explored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, words: str
) -> None:
    monkeypatch.setattr(replaykit.explore.searching.asking, "to_answer", lambda timeout_s: 3.0)
    found = explored(project(tmp_path, statement), monkeypatch)
    assert words in found.lost["Bad"]
    assert "flows.py:" in found.lost["Bad"]
    assert [each.summary.workflow_type for each in found.explored] == ["DataProcessingWorkflow"]
    assert found.exit_code == 2
    assert totals(found).startswith("nothing found, 1 not explored; 4 scenarios")


@pytest.mark.weekly
def test_other_recorded_runs_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = project(tmp_path, "os._exit(0)")
    found = explored(config, monkeypatch, tmp_path / "bad.json", tmp_path / "good.json")
    assert [*found.lost] == [(tmp_path / "bad.json").as_posix()]
    assert [future.name for future in found.futures] == [(tmp_path / "good.json").as_posix()]
    assert found.exit_code == 2


@pytest.mark.exhaustive
def test_a_change_that_ends_its_process_is_lost_and_its_base_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(tmp_path)
    project(tmp_path, "pass")
    repository.commit("base")
    repository.git("checkout", "--quiet", "-b", "change")
    found = explored(project(tmp_path, "os._exit(0)"), monkeypatch, base="main")
    assert [*found.lost] == ["Bad"]
    assert "the exploring process ended with exit code 0" in found.lost["Bad"]
    assert [each.summary.workflow_type for each in found.explored] == ["DataProcessingWorkflow"]
    assert found.exit_code == 2


@pytest.mark.exhaustive
def test_a_base_that_replays_nothing_that_it_grows_compares_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(tmp_path)
    statement = "await workflow.execute_activity(os.urandom(4).hex(), start_to_close_timeout=SOON)"
    config = project(tmp_path, statement)
    repository.commit("base")
    found = explored(config, monkeypatch, base="main", scenarios=1)
    assert "in the base, none of the histories that its code grew can be used (1)" in found.lost["Bad"]
    assert "recorded ActivityTaskScheduled" in found.lost["Bad"]
    assert "but the code asked for ScheduleActivity" in found.lost["Bad"]
    assert [each.summary.workflow_type for each in found.explored] == ["DataProcessingWorkflow"]
    assert found.exit_code == 2


_TWO = """
[[tool.replaykit.worker]]
name = "sound"
workflows = ["flows:DataProcessingWorkflow"]

[[tool.replaykit.worker]]
name = "broken"
workflows = ["refunds"]
"""


@pytest.mark.exhaustive
def test_a_worker_that_cannot_be_loaded_costs_its_own_workflows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, "pass")
    refunds = UNCHANGED.replace("DataProcessingWorkflow", "RefundWorkflow")
    (tmp_path / "refunds.py").write_text(f"{refunds}\nimport nowhere\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(_TWO, encoding="utf-8")
    found = explored(load_config(tmp_path), monkeypatch)
    assert [*found.lost] == ["RefundWorkflow"]
    assert "No module named 'nowhere'" in found.lost["RefundWorkflow"]
    assert [each.summary.workflow_type for each in found.explored] == ["DataProcessingWorkflow"]
    assert found.exit_code == 2
    only = explored(load_config(tmp_path), monkeypatch, names=("Data*",))
    assert (only.lost, only.exit_code) == ({}, 0)


@pytest.mark.exhaustive
def test_code_that_ends_at_import_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = project(tmp_path, "pass")
    (tmp_path / "flows.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    with pytest.raises(ReplaykitError, match="importing it raised SystemExit: 0"):
        explored(config, monkeypatch)


SETS = """
import os

from temporalio import workflow

if os.environ.get("PYTHONHASHSEED") in ("1", "2", "3"):
    os._exit(3)


@workflow.defn(sandboxed=False)
class Walks:
    @workflow.run
    async def run(self) -> int:
        return len({"a", "b"})
"""


@pytest.mark.exhaustive
def test_a_process_of_another_hash_seed_that_ends_leaves_what_was_explored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "walks.py").write_text(SETS, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["walks"]\n', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    watching = Watching()
    effort = Effort(seconds=20, scenarios=4)
    found = run_explore(load_config(tmp_path), (), effort, watcher=watching)
    assert [each.summary.workflow_type for each in found.explored] == ["Walks"]
    assert (found.lost, [*found.unseeded]) == ({}, ["Walks"])
    (note,) = watching.notes
    assert note.startswith("Error: Walks: not judged under another hash seed: the exploring process ended")
    assert found.exit_code == 2
