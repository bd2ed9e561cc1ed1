"""Temporary folders go with their owner; those of a killed one with the next start, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from replaykit.history.whole_file import write_whole
from replaykit.revisions import checked_out, clean_up_after_killed_runs
from replaykit.temporary import locked, removed_leftovers, temporary_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="left to the user there")

_ROOT = Path(__file__).resolve().parents[1]
_KILLED = """
import os, signal
from replaykit.temporary import temporary_folder
with temporary_folder("test", note={note!r}) as folder:
    (folder / "half").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def kill_an_owner(place: Path, note: str = "") -> None:
    environ = {**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(_ROOT)}
    done = subprocess.run([sys.executable, "-c", _KILLED.format(note=note)], env=environ, check=False)
    assert done.returncode < 0


def test_it_is_empty_and_gone_afterwards(place: Path) -> None:
    with temporary_folder("test") as folder:
        assert list(folder.iterdir()) == []
        assert folder.is_relative_to(place.resolve())
        (folder / "file").touch()
    assert list(place.iterdir()) == []


def test_it_is_gone_after_an_interruption(place: Path) -> None:
    with pytest.raises(KeyboardInterrupt), temporary_folder("test"):
        raise KeyboardInterrupt
    assert list(place.iterdir()) == []


def test_those_of_a_killed_owner_are_removed_and_their_notes_known(place: Path) -> None:
    kill_an_owner(place, "a note of \udcff")
    kill_an_owner(place)
    assert len(list(place.iterdir())) == 2
    assert removed_leftovers() == ["a note of \udcff"]
    assert list(place.iterdir()) == []


def test_one_whose_owner_runs_stays(place: Path) -> None:
    code = _KILLED.format(note="x").replace(
        "os.kill(os.getpid(), signal.SIGKILL)", "print(flush=True); input()"
    )
    environ = {**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        with temporary_folder("test"):
            assert removed_leftovers() == []
            assert len(list(place.iterdir())) == 2
        owner.communicate(b"\n")
    assert list(place.iterdir()) == []


def test_what_is_only_named_like_ours_stays(place: Path) -> None:
    (place / "replaykit-demo").mkdir()
    (place / "replaykit-demo" / "mine.py").touch()
    (place / "replaykit-file").touch()
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / ".replaykit-owner").touch()
    (place / "replaykit-link").symlink_to(place / "elsewhere")
    (place / "replaykit-starting").mkdir()
    starting = place / "replaykit-starting" / ".replaykit-owner-starting"
    starting.touch()
    before = sorted(place.rglob("*"))
    assert removed_leftovers() == []
    assert sorted(place.rglob("*")) == before
    os.utime(starting, (time.time() - 7200,) * 2)
    assert removed_leftovers() == []
    assert not (place / "replaykit-starting").exists()


def test_a_worktree_of_a_killed_owner_is_forgotten_by_git(place: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    listed = [*git, "worktree", "list"]
    code = (
        "import os, signal; from pathlib import Path; from replaykit.revisions import checked_out\n"
        f"with checked_out(Path({str(repository)!r}), 'HEAD'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    environ = {**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(_ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environ, check=False)
    with checked_out(repository, "HEAD") as tree:
        assert len(subprocess.check_output(listed, text=True).splitlines()) == 3
        clean_up_after_killed_runs()
        assert len(subprocess.check_output(listed, text=True).splitlines()) == 2
        assert tree.is_dir()
    assert len(subprocess.check_output(listed, text=True).splitlines()) == 1
    assert list(place.iterdir()) == []


def test_a_half_file_of_a_killed_writer_goes_with_a_later_write(tmp_path: Path) -> None:
    target = tmp_path / "report[1].json"
    code = (
        "import os, signal; from pathlib import Path; from replaykit.history.whole_file import write_whole\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"write_whole(Path({str(target)!r}), b'half')"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(_ROOT)}, check=False)
    (left,) = tmp_path.glob(".*.tmp")
    other = tmp_path / ".report.json.0123abcd.tmp"
    other.touch()
    os.utime(other, (0, 0))
    write_whole(target, b"whole")
    assert left.exists()  # its writer may be about to lock it
    os.utime(left, (0, 0))
    with left.open("rb") as file, locked(file):
        write_whole(target, b"whole")
        assert left.exists()  # its writer is there
    write_whole(target, b"whole")
    assert [path.name for path in tmp_path.glob(".*")] == [other.name]
    assert target.read_bytes() == b"whole"


def test_a_repository_that_is_gone_is_no_error(place: Path) -> None:
    kill_an_owner(place, str(place / "gone"))
    clean_up_after_killed_runs()
    assert list(place.iterdir()) == []
