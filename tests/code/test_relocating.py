"""Import paths of one tree in the place of another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from replaykit.code.relocating import Trees, moved_paths


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    for side in ("here", "there"):
        (tmp_path / side / "lib").mkdir(parents=True)
    (tmp_path / "here" / "new").mkdir()
    (tmp_path / "here" / ".venv" / "lib" / "site-packages").mkdir(parents=True)
    return Trees(here=tmp_path / "here", there=tmp_path / "there")


@pytest.mark.parametrize(
    ("path", "moved"),
    [
        ("here/lib", ["there/lib"]),
        ("here", ["there"]),
        ("there/lib", ["there/lib"]),
        ("here/new", []),
        ("here/.venv/lib/site-packages", ["here/.venv/lib/site-packages"]),
        ("elsewhere", ["elsewhere"]),
    ],
)
def test_a_path_stands_for_the_same_place_in_the_other_tree(
    trees: Trees, tmp_path: Path, path: str, moved: list[str]
) -> None:
    found = moved_paths(trees, [str(tmp_path / path)], lambda _: True)
    assert found == [str(tmp_path / each) for each in moved]


def test_a_folder_without_files_of_the_repository_stays(trees: Trees) -> None:
    path = str(trees.here / "new")
    assert moved_paths(trees, [path, ""], lambda _: False) == [path, ""]


def test_a_link_is_followed(trees: Trees, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(trees.here / "lib")
    assert moved_paths(trees, [str(tmp_path / "link")], lambda _: True) == [str(trees.there / "lib")]


_RUN = """
import sys
from pathlib import Path
from replaykit.code.relocating import Relocation, Trees

here, there = map(Path, sys.argv[1:3])
sys.path.append(str(here / "lib"))
import early
relocation = Relocation(
    Trees(here=here, there=there),
    is_tracked=lambda path: path.name != "untracked.py",
    on_foreign=lambda module: print("foreign", module.name),
    on_outside=lambda module: None,
)
relocation.install()
for name in ("early", "both", "package.inner", "added", "untracked", "same"):
    sys.path.append(str(here / "lib"))  # code may do so at any time
    try:
        __import__(name)
        print(name, sys.modules[name].SIDE)
    except ModuleNotFoundError as error:
        print(name, "not found")
relocation.look()
"""


def test_modules_come_from_the_other_tree(trees: Trees, tmp_path: Path) -> None:
    for side, folder in (("here", trees.here), ("there", trees.there)):
        (folder / "lib" / "package").mkdir()
        for name in ("early", "both", "package/inner"):
            (folder / "lib" / f"{name}.py").write_text(f"SIDE = {side!r}\n", encoding="utf-8")
    for name in ("added", "untracked"):
        (trees.here / "lib" / f"{name}.py").write_text("SIDE = 'here'\n", encoding="utf-8")
    for folder in (trees.here, trees.there):
        (folder / "lib" / "same.py").write_text("SIDE = 'both'\n", encoding="utf-8")
    command = [sys.executable, "-c", _RUN, str(trees.here), str(trees.there)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "early there",
        "both there",
        "package.inner there",
        "added not found",
        "foreign untracked",
        "untracked here",
        "same both",
    ]
