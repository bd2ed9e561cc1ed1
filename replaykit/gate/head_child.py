"""The processes that judge by the change's code, and note which modules that comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from replaykit.check import PoolCheck
from replaykit.check.inside_child import serve
from replaykit.check.programs import judging_child
from replaykit.code.relocating import Loaded, loaded_modules
from replaykit.config import Config
from replaykit.gate.copies import Loads
from replaykit.gate.notes import note, noted
from replaykit.processes import Parent
from replaykit.temporary import temporary_folder

__all__ = ["judging_head", "main"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _HeadToRun:
    """What the process is for."""

    config: Config
    notes: Path


@contextmanager
def judging_head(
    config: Config, *, path: Sequence[str], on_output: Callable[[bytes], None]
) -> Iterator[tuple[PoolCheck, Loads]]:
    """What judges by the change's code, and what answers with the modules that it has loaded so far.

    Args:
        config: The change's.
        path: The `sys.path` of its processes.
        on_output: Given what the code prints.
    """
    with temporary_folder("notes") as folder:
        notes = folder / "modules"
        program = judging_child(
            config,
            function="replaykit.gate.head_child:main",
            opening=_HeadToRun(config=config, notes=notes),
            path=path,
            on_output=on_output,
        )
        with PoolCheck(config, program=program) as judge:
            yield judge, lambda: noted(notes).outside


def main(parent: Parent) -> None:
    """Judge by the code of the folder that this process is in."""
    opening: _HeadToRun = parent.receive()
    serve(_Noting(parent, opening.notes), opening.config)


class _Noting:
    """The parent, to a process that notes its modules before it answers."""

    def __init__(self, parent: Parent, notes: Path) -> None:
        self._parent = parent
        self._notes = notes
        self._seen: set[Loaded] = set()

    def receive(self) -> Any:
        return self._parent.receive()

    def send(self, message: object) -> None:
        for module in loaded_modules():
            if module not in self._seen:
                self._seen.add(module)
                note(self._notes, module)
        self._parent.send(message)
