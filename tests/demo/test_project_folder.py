"""The example project as a folder of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from replaykit.demo.project_folder import added_lines, check_free, deliver, switch_to, write_project
from replaykit.errors import ConfigError


def test_nothing_in_the_project_needs_replaykit_itself(tmp_path: Path) -> None:
    write_project(tmp_path)
    modules = sorted(tmp_path.glob("*.py"))
    assert [path.name for path in modules] == [
        "activities.py",
        "starter.py",
        "worker.py",
        "workflows.py",
        "workflows_v1.py",
        "workflows_v2.py",
        "workflows_v3.py",
    ]
    imported: set[str] = set()
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    assert imported == {
        "__future__",
        "activities",
        "asyncio",
        "contextlib",
        "datetime",
        "logging",
        "os",
        "sys",
        "temporalio",
        "time",
        "workflows",
    }


def test_version_1_comes_first_and_others_replace_it(tmp_path: Path) -> None:
    write_project(tmp_path)
    assert "validate_order" not in (tmp_path / "workflows.py").read_text()
    switch_to(3, tmp_path)
    assert 'workflow.patched("validate-order")' in (tmp_path / "workflows.py").read_text()
    assert (tmp_path / "workflows.py").read_text() == (tmp_path / "workflows_v3.py").read_text()


def test_the_edit_to_version_2_is_shown_as_a_whole_statement() -> None:
    assert added_lines(1, 2) == [
        "  async def run(self, order_id: str) -> str:",
        "+     await workflow.execute_activity(",
        "+         activities.validate_order,",
        "+         order_id,",
        "+         start_to_close_timeout=TIMEOUT,",
        "+     )",
        "      await workflow.execute_activity(",
    ]


def test_version_3_differs_by_the_same_edit_after_the_patch() -> None:
    unguarded = [line.strip("+ ") for line in added_lines(1, 2)]
    guarded = [line.strip("+ ") for line in added_lines(1, 3)]
    assert guarded[1] == 'if workflow.patched("validate-order"):'
    assert [guarded[0], *guarded[2:]] == unguarded


def test_versions_differ_by_nothing_else(tmp_path: Path) -> None:
    write_project(tmp_path)
    v1, v2, v3 = ((tmp_path / f"workflows_v{version}.py").read_text().splitlines() for version in (1, 2, 3))
    assert len(v2) == len(v1) + 5
    assert len(v3) == len(v1) + 6
    for version, shown in ((v2, added_lines(1, 2)), (v3, added_lines(1, 3))):
        start = version.index("    " + shown[0][2:]) + 1
        assert version[:start] + version[start + len(shown) - 2 :] == v1


@pytest.mark.parametrize("kind", ["absent", "empty"])
def test_a_free_folder_is_accepted(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "kept"
    if kind == "empty":
        target.mkdir()
    check_free(target)


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(ConfigError, match="not empty"):
        check_free(tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("keep me")
    with pytest.raises(ConfigError, match="not a folder"):
        check_free(tmp_path / "kept")


def test_delivered_without_bytecode(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "__pycache__").mkdir(parents=True)
    write_project(folder)
    deliver(folder, tmp_path / "far" / "kept")
    names = {path.name for path in (tmp_path / "far" / "kept").iterdir()}
    assert names == {path.name for path in folder.iterdir()} - {"__pycache__"}


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=r"file.kept.*cannot be written"):
        deliver(tmp_path, tmp_path / "file" / "kept")
