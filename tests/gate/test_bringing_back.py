"""How a lost fixture comes back: git is asked for what the base has, where it has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.code.relocating import Trees
from replaykit.gate.bringing_back import way_back


@pytest.fixture
def trees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trees:
    """Two trees, the first of which is the current folder."""
    for name in ("here", "there"):
        (tmp_path / name / "all").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    return Trees(here=tmp_path / "here", there=tmp_path / "there")


def command(trees: Trees, old: str, place: str) -> str:
    file = trees.there / old
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}", encoding="utf-8")
    return way_back(trees, file, trees.here / place).command("abc")


def test_a_plain_file(trees: Trees) -> None:
    assert command(trees, "all/a b.json", "all/a b.json") == "git checkout abc -- 'all/a b.json'"


def test_a_file_of_a_project_that_moved(trees: Trees) -> None:
    assert command(trees, "old/a.json", "new/a.json") == "git show abc:old/a.json > new/a.json"


@pytest.mark.parametrize("now", [None, "some", "file"])
def test_a_link_that_leads_elsewhere_or_is_gone(trees: Trees, now: str | None) -> None:
    (trees.there / "histories").symlink_to("all")
    if now == "file":
        (trees.here / "histories").mkdir()
    elif now is not None:
        (trees.here / "histories").symlink_to(now)
    assert command(trees, "histories/a.json", "all/a.json") == "git checkout abc -- histories"


def test_a_link_that_stays(trees: Trees) -> None:
    for tree in (trees.here, trees.there):
        (tree / "histories").symlink_to("all")
    assert command(trees, "histories/a.json", "all/a.json") == "git checkout abc -- all/a.json"


def test_the_second_of_two_links_is_the_one_that_changed(trees: Trees) -> None:
    for tree, target in ((trees.here, "some"), (trees.there, "all")):
        (tree / "deep").mkdir()
        (tree / "deep" / "histories").symlink_to("../current")
        (tree / "current").symlink_to(target)
    assert command(trees, "deep/histories/a.json", "all/a.json") == "git checkout abc -- current"


def test_a_link_that_leads_to_itself_ends(trees: Trees) -> None:
    (trees.there / "loop").symlink_to("loop")
    assert way_back(trees, trees.there / "loop" / "a.json", trees.here / "loop" / "a.json").links == (
        trees.here / "loop",
    )


def test_a_file_of_a_submodule(trees: Trees) -> None:
    (trees.there / "sub" / ".git").mkdir(parents=True)
    expected = "git checkout abc -- sub && git submodule update --init --recursive sub"
    assert command(trees, "sub/all/a.json", "sub/all/a.json") == expected
