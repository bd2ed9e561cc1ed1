"""The process that tries code that no file holds: it judges histories by one candidate after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.check import Check, Named
from replaykit.code.overlaid import overlay
from replaykit.code.relocating import loaded_modules
from replaykit.config import Config
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.history import History, read_history
from replaykit.processes import Parent
from replaykit.verdict import Verdict
from replaykit.whose_code import is_user_code

__all__ = ["Candidate", "Ready", "ToTry", "WhichFiles", "main"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """The code to judge by from now on; the answer is `Ready`."""

    texts: Mapping[str, str]
    """By absolute path, what stands for a file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """The code can be asked."""

    problem: str = ""
    """Why it cannot; empty where it can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToTry:
    """A fixture to judge; the answer is a Verdict."""

    path: Path
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WhichFiles:
    """The files of the user's that were loaded; the answer is a tuple of their paths."""


def main(parent: Parent) -> None:
    """Judge by what the parent names."""
    config: Config = parent.receive()
    parent.send(Ready())
    histories: dict[Path, History | HistoryError] = {}
    check: Check | None = None
    while True:
        message: Candidate | ToTry | WhichFiles = parent.receive()
        if isinstance(message, WhichFiles):
            files = (module.file for module in loaded_modules() if is_user_code(module.file))
            parent.send(tuple(dict.fromkeys(files)))
        elif isinstance(message, Candidate):
            if check is not None:
                check.close()
            check, answer = _loaded(config, message)
            parent.send(answer)
        elif check is not None:
            parent.send(_judged(check, config, message, histories))


def _loaded(config: Config, candidate: Candidate) -> tuple[Check | None, Ready]:
    overlay(candidate.texts)
    try:
        return Check(config, evidence=False), Ready()
    except ReplaykitError as error:
        return None, Ready(problem=str(error))


def _judged(
    check: Check, config: Config, message: ToTry, histories: dict[Path, History | HistoryError]
) -> Verdict:
    if message.path not in histories:
        try:
            histories[message.path] = read_history(message.path, limits=config.limits)
        except HistoryError as error:
            histories[message.path] = error
    found = histories[message.path]
    if isinstance(found, HistoryError):
        return check.judge(message.path, name=message.name)
    return check.judge(Named(history=replace(found, path=message.path), name=message.name))
