"""How reports and messages name a path that links lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.paths import display, display_code


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project, beside a folder that is none of it."""
    for file in ("project/impl/flows.py", "elsewhere/flows.py"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text("", encoding="utf-8")
    return tmp_path / "project"


@pytest.mark.parametrize(
    ("link", "target", "named", "shown"),
    [
        pytest.param("flows.py", "impl/flows.py", "flows.py", "impl/flows.py", id="a file"),
        pytest.param("app", "impl", "app/flows.py", "impl/flows.py", id="a folder"),
        pytest.param("flows.py", "../elsewhere/flows.py", "flows.py", "flows.py", id="a file outside"),
        pytest.param("app", "../elsewhere", "app/flows.py", "app/flows.py", id="a folder outside"),
    ],
)
def test_code_is_named_by_the_file_that_the_project_has(
    root: Path, link: str, target: str, named: str, shown: str
) -> None:
    (root / link).symlink_to(target)
    assert display_code(root / named, root) == shown


def test_a_fixture_keeps_the_name_of_its_link(root: Path) -> None:
    (root / "a.json").symlink_to("impl/flows.py")
    assert display(root / "a.json", root) == "a.json"


def test_what_lies_in_a_linked_folder_outside_keeps_the_name_of_the_link(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "histories").symlink_to("../elsewhere")
    monkeypatch.chdir(root)
    assert display(root / "histories" / "flows.py") == display("histories/flows.py") == "histories/flows.py"


def test_what_is_outside_keeps_its_path(root: Path) -> None:
    outside = str(root.parent / "elsewhere" / "flows.py")
    assert display(outside, root) == display_code(outside, root) == outside
