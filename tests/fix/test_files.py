"""Files that a cure is written into: laid out as the project has it, all else in them as it was."""

from __future__ import annotations

import itertools
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from replaykit.errors import ReplaykitError
from replaykit.fix.applying import apply
from replaykit.fix.formatting import formatter_of
from tests.gate.repository import Repository

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links as POSIX has them")
FORMATTER = """#!{python}
import sys
assert "--stdin-filename" in sys.argv, sys.argv
sys.stdout.write(sys.stdin.read().replace("\\t", "    "))
"""
"""In place of ruff or black: it makes spaces of tabs."""


def _installed(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / name
    program.parent.mkdir()
    program.write_text(FORMATTER.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program.with_name("python")))


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
@pytest.mark.parametrize("name", ["ruff", "black"])
def test_the_projects_formatter_lays_out_what_was_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _installed(tmp_path, name, monkeypatch)
    (tmp_path / "tidy.py").write_text("a = 1\n")
    (tmp_path / "untidy.py").write_text("if a:\n\tb\n")
    (tmp_path / "pyproject.toml").write_text("")
    assert formatter_of(tmp_path, tmp_path)("tidy.py", "if a:\n\tb\n") == "if a:\n\tb\n", "none is configured"
    (tmp_path / "pyproject.toml").write_text(f"[tool.{name}]\n")
    tidy = formatter_of(tmp_path, tmp_path)
    assert tidy("tidy.py", "if a:\n\tb\n") == "if a:\n    b\n"
    assert tidy("untidy.py", "if a:\n\tb\nc\n") == "if a:\n\tb\nc\n", "its other lines would change"
    assert tidy("new.py", "if a:\n\tb\n") == "if a:\n\tb\n"


def test_a_file_keeps_its_mode_and_one_that_was_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    file = tmp_path / "flow.py"
    file.write_text("a = 1\n")
    file.chmod(0o755)
    repository.commit("flow")
    apply(tmp_path, {"flow.py": "a = 1\n"}, {"flow.py": "a = 2\n"})
    assert file.read_text() == "a = 2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o755 or sys.platform == "win32"
    with pytest.raises(ReplaykitError, match="changed while the cure was tried"):
        apply(tmp_path, {"flow.py": "a = 1\n"}, {"flow.py": "a = 3\n"})
    assert file.read_text() == "a = 2\n"


def _project(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Three files of different modes, one of them by a link; and a cure of them that brings one more."""
    repository = Repository(folder)
    before = {name: f"a = {name!r}\n" for name in ("one.py", "two.py", "three.py")}
    (folder / "real").mkdir()
    for name, text in before.items():
        (folder / "real" / name).write_text(text)
    (folder / "one.py").symlink_to("real/one.py")
    for name, mode in (("two.py", 0o755), ("three.py", 0o640)):
        (folder / "real" / name).rename(folder / name)
        (folder / name).chmod(mode)
    repository.commit("flows")
    after = {"one.py": "b = 1\n", "new/deep/back.py": "b = 0\n", "two.py": "b = 2\n", "three.py": "b = 3\n"}
    return before, after


def _state(folder: Path) -> dict[str, tuple[int, object]]:
    """Mode and content of all that is there."""
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mode,
            path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None,
        )
        for path in folder.rglob("*")
        if ".git" not in path.parts
    }


@on_posix
def test_all_files_are_written_and_modes_and_links_stay(tmp_path: Path) -> None:
    before, after = _project(tmp_path)
    modes = {name: mode for name, (mode, _) in _state(tmp_path).items()}
    apply(tmp_path, before, after)
    assert {name: (tmp_path / name).read_text() for name in after} == after
    assert (tmp_path / "one.py").is_symlink()
    now = {name: mode for name, (mode, _) in _state(tmp_path).items()}
    assert {name: now[name] for name in modes} == modes
    assert set(now) - set(modes) == {"new", "new/deep", "new/deep/back.py"}


@on_posix
@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "error", [OSError(13, "Permission denied"), KeyboardInterrupt()], ids=["error", "ctrl-c"]
)
def test_a_failure_in_the_middle_leaves_all_files_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException
) -> None:
    before, after = _project(tmp_path)
    state = _state(tmp_path)
    replace, count = Path.replace, itertools.count(1)

    def failing(self: Path, target: Path) -> Path:
        if next(count) == number:
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises((ReplaykitError, KeyboardInterrupt)) as caught:
        apply(tmp_path, before, after)
    assert next(count) > number
    assert _state(tmp_path) == state
    if isinstance(error, OSError):
        assert "cannot be written: Permission denied. No file is changed" in str(caught.value)
        name = list(after)[number - 1]
        assert ("real/one.py" if number == 1 else name) in str(caught.value)


@on_posix
def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """A file of that name is in the way, whoever runs this."""
    before, after = _project(tmp_path)
    (tmp_path / "new").write_text("")
    state = _state(tmp_path)
    with pytest.raises(ReplaykitError, match="cannot be written"):
        apply(tmp_path, before, after)
    assert _state(tmp_path) == state


@on_posix
def test_what_cannot_be_put_back_is_named_with_the_command_that_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = _project(tmp_path)
    replace, count = Path.replace, itertools.count(1)

    def failing(self: Path, target: Path) -> Path:
        if next(count) > 1:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReplaykitError) as caught:
        apply(tmp_path, before, after)
    assert "these could not be put back: real/one.py" in str(caught.value)
    monkeypatch.undo()
    assert (tmp_path / "one.py").read_text() == after["one.py"]
    subprocess.run(str(caught.value).rpartition(": ")[2].split(), cwd=tmp_path, check=True)
    assert (tmp_path / "one.py").read_text() == before["one.py"]
