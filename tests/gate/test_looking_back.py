"""Which revisions are checked out and asked, to find since when histories do not replay."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.config import load_config
from replaykit.gate.looking_back import LookBack
from replaykit.verdict import Since
from tests.gate.repository import CHANGED, FIXTURE, Repository


def _looked_back(root: Path) -> tuple[Since | None, list[str]]:
    """What it comes to, and the commits that were asked."""
    notes: list[str] = []
    fixtures = {"one": root / FIXTURE}
    files = [str(root / "flows.py")]
    look = LookBack(load_config(root), root, fixtures, files, seconds=60.0, on_note=notes.append)
    return look.since(["one"]), [note.removeprefix("looking at ") for note in notes]


@pytest.mark.parametrize("is_dirty", [False, True], ids=["committed", "changed"])
def test_what_is_checked_out_is_not_asked_again(tmp_path: Path, is_dirty: bool) -> None:
    """It was judged before anybody looks back. Where changes lie over its commit, these were."""
    repository = Repository.with_project(tmp_path)
    base = repository.git("rev-list", "--max-parents=0", "HEAD")
    repository.code(CHANGED)
    head = repository.commit()
    if is_dirty:
        repository.code(f"{CHANGED}# more\n")
    since, asked = _looked_back(tmp_path)
    assert asked == [each[:12] for each in ([head, base] if is_dirty else [base])]
    assert since is not None
    assert since.bad is not None
    assert (since.good.commit, since.bad.commit) == (base, head)
