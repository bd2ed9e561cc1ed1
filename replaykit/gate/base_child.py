"""The process that judges by the base's code, or under another release of the SDK."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from replaykit.check import Named
from replaykit.check.inside_child import Asking, serve
from replaykit.check.questions import ToJudge
from replaykit.code.relocating import Relocation
from replaykit.config import Config, load_config
from replaykit.errors import HistoryError
from replaykit.gate.base_code import BaseCode, tracked_in
from replaykit.gate.notes import note
from replaykit.history import History, read_history
from replaykit.processes import Parent

__all__ = ["CodeToRun", "at_base", "config_of", "main"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeToRun:
    """What the process is for."""

    root: Path
    """The project whose code judges."""
    head: Config
    """The configuration of the change."""
    code: BaseCode | None = None
    """Where that code lies in a base's tree; None for the code that is checked out."""
    notes: Path | None = None
    """The file in which to note modules from outside that tree: the process may not live to report them."""

    def placed(self, history: History) -> History:
        """A History with its fixture at its place in the base: the folders there can name a worker.

        Args:
            history: As it was read.
        """
        if self.code is None or history.path is None:
            return history
        return replace(history, path=self.code.place_of(history.path))


def main(parent: Parent) -> None:
    """Judge the files that the parent names, one after the other."""
    opening: CodeToRun = parent.receive()
    os.chdir(opening.root)
    asking = at_base(parent, opening)
    serve(asking, config_of(opening.root, opening.head))


def at_base(parent: Parent, opening: CodeToRun) -> Asking:
    """Have the modules of this process come from the tree that it is for.

    Args:
        parent: Who asks it.
        opening: What it is for.

    Returns:
        The parent, to be asked through from now on.
    """
    if opening.code is None or opening.notes is None:
        return parent
    return _AtBase(parent, opening, opening.code, opening.notes)


class _AtBase:
    """The parent, to a process that runs a base's code: fixtures are at their place in the base."""

    def __init__(self, parent: Parent, opening: CodeToRun, code: BaseCode, notes: Path) -> None:
        self._parent = parent
        self._opening = opening
        self._relocation = Relocation(
            code.trees,
            is_tracked=tracked_in(code.trees.here),
            on_foreign=lambda module: note(notes, module, is_foreign=True),
            on_outside=lambda module: note(notes, module),
        )
        self._relocation.install()

    def receive(self) -> Any:
        question = self._parent.receive()
        if isinstance(question, ToJudge) and isinstance(question.source, Path):
            try:
                history = read_history(question.source, limits=self._opening.head.limits)
            except HistoryError:
                return question  # judging it shows why
            return replace(question, source=Named(history=self._opening.placed(history), name=question.name))
        return question

    def send(self, message: object) -> None:
        self._relocation.look()
        self._parent.send(message)


def config_of(root: Path, head: Config) -> Config:
    """The code's own configuration, with the strictness and the deadline of the change's.

    Args:
        root: The project whose code judges.
        head: The configuration of the change.
    """
    own = load_config(root)
    instead = Config(root=root, workers=head.workers, shared=head.shared)
    config = own if own.is_configured else instead
    return replace(
        config,
        strict=head.strict,
        strict_policy=head.strict_policy,
        timeout_s=own.timeout_s if own.file is not None else head.timeout_s,
        limits=own.limits if own.file is not None else head.limits,
    )
