"""One worker's trouble is its own: what cannot be imported costs its histories, and no other is loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from replaykit.check import Check, ChildCheck, check
from replaykit.check.self_test import self_test
from replaykit.config import load_config
from replaykit.errors import WorkflowCodeError
from replaykit.verdict import Outcome, Reason, Verdict
from tests.plugin.project import FIXTURE, UNCHANGED

_WORKER = """
[[tool.replaykit.worker]]
name = "{name}"
task_queues = ["{name}-*"]
workflows = ["flows_{name}"]
"""


@pytest.fixture(autouse=True)
def forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules of one test are not those of the next."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name in [name for name in sys.modules if name.startswith(("flows_", "prepared", "shared_code"))]:
        del sys.modules[name]


def project(root: Path, *names: str, queues: bool = True, **code: str) -> Path:
    """A project of several workers that each run the same code, with a fixture in the folder of each."""
    table = "".join(_WORKER.format(name=name) for name in names)
    if not queues:
        table = "\n".join(line for line in table.splitlines() if not line.startswith("task_queues"))
    (root / "pyproject.toml").write_text(f"[tool.replaykit]\n{table}\n", encoding="utf-8")
    for name in names:
        (root / f"flows_{name}.py").write_text(code.get(name, UNCHANGED), encoding="utf-8")
        folder = root / "histories" / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(FIXTURE.read_text(encoding="utf-8"), encoding="utf-8")
    return root


def judged(root: Path, *names: str) -> dict[str, Verdict]:
    with Check(load_config(root)) as judge:
        return {name: judge.judge(root / "histories" / name / "run.json") for name in names}


@pytest.mark.parametrize(
    ("trouble", "shown"),
    [
        ("import nowhere", "No module named 'nowhere'"),
        ("raise ValueError('no key')", "raised ValueError: no key"),
        ("raise SystemExit(0)", "raised SystemExit"),
        ("x = (", "SyntaxError"),
        ("x = 1", "no class with @workflow.defn"),
    ],
)
def test_a_worker_that_cannot_be_imported_costs_its_own(tmp_path: Path, trouble: str, shown: str) -> None:
    found = judged(project(tmp_path, "eu", "us", queues=False, us=trouble), "eu", "us")
    assert found["eu"].outcome is Outcome.CONSISTENT
    assert (found["us"].outcome, found["us"].reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert (found["us"].message or "").startswith("worker 'us' cannot be loaded: ")
    assert shown.casefold() in (found["us"].message or "").casefold()


def test_all_that_cannot_be_imported_are_named_in_one_run(tmp_path: Path) -> None:
    root = project(tmp_path, "eu", "us", "ap", us="import nowhere", ap="import neither")
    with Check(load_config(root)) as judge:
        report = check(judge)
    assert report.exit_code == 2
    messages = [verdict.message or "" for verdict in report.verdicts if verdict.outcome is Outcome.UNJUDGED]
    assert ["nowhere" in text or "neither" in text for text in messages] == [True, True]
    assert report.count(Outcome.CONSISTENT) == 1


def test_the_only_worker_there_is_ends_the_check(tmp_path: Path) -> None:
    with pytest.raises(WorkflowCodeError, match="nowhere"):
        judged(project(tmp_path, "eu", eu="import nowhere"), "eu")


@pytest.mark.parametrize("queues", [True, False], ids=["by folder, with queues", "by folder"])
def test_only_what_is_needed_is_imported(tmp_path: Path, queues: bool) -> None:
    names = [f"w{number}" for number in range(5)]
    root = project(tmp_path, *names, queues=queues)
    assert judged(root, "w3")["w3"].outcome is Outcome.CONSISTENT
    assert [name for name in names if f"flows_{name}" in sys.modules] == ["w3"]


def test_where_the_type_alone_decides_the_source_is_read_and_not_imported(tmp_path: Path) -> None:
    other = UNCHANGED.replace("DataProcessingWorkflow", "OtherWorkflow")
    root = project(tmp_path, "a", "b", "c", queues=False, a=other, c=other.replace("Other", "Third"))
    moved = root / "histories" / "elsewhere.json"
    (root / "histories" / "b" / "run.json").rename(moved)
    with Check(load_config(root)) as judge:
        assert judge.judge(moved).outcome is Outcome.CONSISTENT
    assert [name for name in "abc" if f"flows_{name}" in sys.modules] == ["b"]


def test_a_broken_worker_that_may_have_the_type_is_named(tmp_path: Path) -> None:
    root = project(tmp_path, "a", "b", queues=False, a="import nowhere", b=UNCHANGED.replace("Data", "Other"))
    moved = root / "histories" / "elsewhere.json"
    (root / "histories" / "a" / "run.json").rename(moved)
    with Check(load_config(root)) as judge:
        verdict = judge.judge(moved)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNJUDGED, Reason.WORKFLOW_TASK_FAILED)
    assert "worker 'a' cannot be loaded" in (verdict.message or "")


def test_every_workflow_without_a_fixture_is_found_in_workers_that_nothing_needed(tmp_path: Path) -> None:
    computed = UNCHANGED.replace("@workflow.defn", "@workflow.defn(name='Com' + 'puted')")
    root = project(tmp_path, "a", "b", b=computed)
    (root / "histories" / "b" / "run.json").unlink()
    with Check(load_config(root)) as judge:
        report = check(judge)
    assert [finding.subject for finding in report.findings] == ["Computed"]


@pytest.mark.exhaustive
def test_an_import_that_ends_the_process_costs_that_worker_alone(tmp_path: Path) -> None:
    root = project(tmp_path, "a", "b", a="import os\nos._exit(0)\n" + UNCHANGED)
    paths = [root / "histories" / name / "run.json" for name in "aab"]
    with ChildCheck(load_config(root)) as judge:
        first, second, third = judge.judge_all(paths)
    assert (first.outcome, first.reason) == (Outcome.UNJUDGED, Reason.CRASHED)
    assert second.outcome is Outcome.UNJUDGED
    assert "worker 'a' cannot be loaded" in (second.message or "")
    assert third.outcome is Outcome.CONSISTENT


@pytest.mark.exhaustive
def test_a_worker_that_ends_the_process_and_that_nothing_needs_costs_no_verdict(tmp_path: Path) -> None:
    root = project(tmp_path, "a", "b", a="import os\nos._exit(0)\n" + UNCHANGED)
    (root / "histories" / "a" / "run.json").unlink()
    with ChildCheck(load_config(root)) as judge:
        report = check(judge)
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.CONSISTENT]
    assert [finding.worker for finding in report.findings] == ["a"], "it has no fixture"


def test_the_self_test_judges_by_the_worker_of_the_folder(tmp_path: Path) -> None:
    root = project(tmp_path, "eu", "us", queues=False)
    with Check(load_config(root)) as judge:
        tested = self_test(judge, [root / "histories" / name / "run.json" for name in ("eu", "us")])
    assert {each.worker for each in tested.mutated} == {"eu", "us"}
    assert [each for each in tested.mutated if not each.red and each.certain] == []
    assert not tested.is_broken


def test_a_function_runs_once_before_anything_is_imported(tmp_path: Path) -> None:
    code = "from pathlib import Path\nif not Path(__file__).with_name('ran').exists(): raise ValueError\n"
    root = project(tmp_path, "a", "b", a=code + UNCHANGED, b=code + UNCHANGED)
    (root / "prepared.py").write_text(
        "from pathlib import Path\n"
        "def prepare():\n"
        "    with Path(__file__).with_name('ran').open('a') as file:\n"
        "        file.write('once')\n",
        encoding="utf-8",
    )
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    text = text.replace("[tool.replaykit]\n", '[tool.replaykit]\nsetup = "prepared:prepare"\n', 1)
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    found = judged(root, "a", "b")
    assert [verdict.outcome for verdict in found.values()] == [Outcome.CONSISTENT] * 2
    assert (root / "ran").read_text(encoding="utf-8") == "once"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("async def prepare(): ...", "is an async function"),
        ("prepare = 3", "is a int"),
        ("def prepare(): raise SystemExit('no database')", "raised SystemExit: no database"),
        ("def prepare(key): ...", "raised TypeError"),
    ],
)
def test_a_function_that_cannot_run_first_is_named(tmp_path: Path, source: str, shown: str) -> None:
    root = project(tmp_path, "a")
    (root / "prepared.py").write_text(source, encoding="utf-8")
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    (root / "pyproject.toml").write_text(f'{text}setup = "prepared:prepare"\n', encoding="utf-8")
    with pytest.raises(WorkflowCodeError) as caught:
        judged(root, "a")
    assert "worker 'a': setup: " in str(caught.value)
    assert shown in str(caught.value)


def with_paths(root: Path, **paths: str) -> None:
    """Put each worker's code into a folder of its own, which `path` names."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    for name, path in paths.items():
        (root / path).mkdir(parents=True, exist_ok=True)
        (root / f"flows_{name}.py").rename(root / path / f"flows_{name}.py")
        text = text.replace(f'name = "{name}"\n', f'name = "{name}"\npath = ["{path}"]\n')
    (root / "pyproject.toml").write_text(text, encoding="utf-8")


def test_modules_lie_where_a_worker_has_them(tmp_path: Path) -> None:
    root = project(tmp_path, "a", "b")
    with_paths(root, a="svc/a/src", b="svc/b/src")
    assert [verdict.outcome for verdict in judged(root, "a", "b").values()] == [Outcome.CONSISTENT] * 2


def test_two_modules_of_one_name_are_never_taken_for_each_other(tmp_path: Path) -> None:
    root = project(tmp_path, "a", "b")
    with_paths(root, a="svc/a", b="svc/b")
    for name in "ab":
        (root / "svc" / name / f"flows_{name}.py").rename(root / "svc" / name / "flows_same.py")
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    (root / "pyproject.toml").write_text(
        text.replace("flows_a", "flows_same").replace("flows_b", "flows_same"), encoding="utf-8"
    )
    found = judged(root, "a", "b")
    assert found["a"].outcome is Outcome.CONSISTENT
    assert found["b"].outcome is Outcome.UNJUDGED
    assert "Two modules of one name" in (found["b"].message or "")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    root = project(tmp_path, "a")
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    (root / "pyproject.toml").write_text(f'{text}path = ["nowhere"]\n', encoding="utf-8")
    with pytest.raises(WorkflowCodeError, match="no folder 'nowhere'"):
        judged(root, "a")
