"""The process that judges by the base's code, or under another release of the SDK."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from replaykit.check import Named
from replaykit.check.inside_child import serve
from replaykit.check.questions import ToJudge
from replaykit.code.relocating import Loaded, Relocation
from replaykit.config import Config, load_config
from replaykit.errors import HistoryError
from replaykit.gate.base_code import BaseCode, tracked_in
from replaykit.history import read_history
from replaykit.processes import Parent

__all__ = ["Opening", "foreign_in", "main"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What the process is for."""

    root: Path
    """The project whose code judges."""
    head: Config
    """The configuration of the change."""
    code: BaseCode | None = None
    """Where that code lies in a base's tree; None for the code that is checked out."""
    notes: Path | None = None
    """The file in which to note modules from outside that tree: the process may not live to report them."""


def main(parent: Parent) -> None:
    """Judge the files that the parent names, one after the other."""
    opening: Opening = parent.receive()
    os.chdir(opening.root)
    config = _config(opening.root, opening.head)
    if opening.code is None or opening.notes is None:
        serve(parent, config)
    else:
        serve(_AtBase(parent, opening.code, opening.notes), config)


class _AtBase:
    """The parent, to a process that runs a base's code: fixtures are at their place in the base."""

    def __init__(self, parent: Parent, code: BaseCode, notes: Path) -> None:
        self._parent = parent
        self._code = code
        self._notes = notes
        self._relocation = Relocation(
            code.trees, is_tracked=tracked_in(code.trees.here), on_foreign=self._note
        )
        self._relocation.install()

    def receive(self) -> Any:
        question = self._parent.receive()
        if isinstance(question, ToJudge) and isinstance(question.source, Path):
            try:
                history = read_history(question.source)
            except HistoryError:
                return question  # judging it shows why
            history = replace(history, path=self._code.place_of(question.source))
            return replace(question, source=Named(history=history, name=question.name))
        return question

    def send(self, message: object) -> None:
        self._relocation.look()
        self._parent.send(message)

    def _note(self, module: Loaded) -> None:
        with self._notes.open("a", encoding="utf-8") as file:
            file.write(json.dumps([module.name, module.file]) + "\n")


def foreign_in(notes: Path) -> list[Loaded]:
    """The modules that such processes noted.

    Args:
        notes: The file; there is none where nothing was noted.
    """
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    return [Loaded(name=name, file=file) for name, file in map(json.loads, lines)]


def _config(root: Path, head: Config) -> Config:
    """The code's own configuration, with the strictness and the deadline of the change's."""
    own = load_config(root)
    instead = Config(root=root, workers=head.workers, shared=head.shared)
    config = own if own.is_configured else instead
    return replace(
        config,
        strict=head.strict,
        strict_policy=head.strict_policy,
        timeout_s=head.timeout_s,
        limits=head.limits,
    )
