"""Notes of modules, taken in a process whose code may do anything to its descriptors."""

from __future__ import annotations

import os
from pathlib import Path

from replaykit.code.relocating import Loaded
from replaykit.gate.notes import note, noted


def test_a_note_goes_into_its_file_and_no_other(tmp_path: Path) -> None:
    file, users = tmp_path / "notes", tmp_path / "users"
    one, two, three = (Loaded(name=name, file=f"/{name}.py") for name in ("one", "two", "three"))
    note(file, one)
    number = next(number for number in range(3, 1000) if _leads_to(number, file))
    os.close(number)
    taken = os.open(users, os.O_WRONLY | os.O_CREAT)
    if taken != number:
        os.dup2(taken, number)
        os.close(taken)
    note(file, two, is_foreign=True)
    note(file, three)
    os.close(number)
    assert users.read_bytes() == b""
    assert noted(file).outside == (one, three)
    assert noted(file).foreign == (two,)


def _leads_to(number: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(number), file.stat())
    except OSError:  # none is open there
        return False
