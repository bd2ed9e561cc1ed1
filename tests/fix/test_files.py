"""Files that a cure is written into: laid out as the project has it, all else in them as it was."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from replaykit.errors import ReplaykitError
from replaykit.fix.applying import apply
from replaykit.fix.formatting import formatter_of
from tests.gate.repository import Repository

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
