"""The process that answers which new fixtures show runs of the changed code: that go through it, as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from replaykit.check import NoWorker, Workers
from replaykit.config import Config
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.history import read_history
from replaykit.processes import Children, Parent, Program, to_answer, to_load
from replaykit.replay.recorder import Activate
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome

__all__ = ["going_through", "main"]

_OPTIMIZED = 1  # CO_OPTIMIZED: of functions, and not of modules and classes, which an import runs


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What the process is for."""

    config: Config
    lines: Mapping[str, frozenset[int]]
    """By file, the changed ones."""


def going_through(
    config: Config, lines: Mapping[Path, frozenset[int]], fixtures: Mapping[str, Path]
) -> frozenset[str]:
    """The fixtures whose run goes through changed lines, and asks there for what was recorded.

    Args:
        config: The change's.
        lines: By file, the changed ones.
        fixtures: By key.

    Returns:
        Keys. One whose replay drifts is none of them: it was recorded by other code.
    """
    if not fixtures or not lines:
        return frozenset()
    program = Program(
        function="replaykit.gate.reach_child:main",
        what="the process that looks for runs of the changed code",
        opening=_Asked(config=config, lines={os.path.realpath(file): each for file, each in lines.items()}),
        loading_s=to_load(config.timeout_s),
        path=[os.path.abspath(entry) for entry in sys.path],  # noqa: PTH100  # "" is the current folder
    )
    found: set[str] = set()
    with Children() as children:
        child = children.of(program)
        for key, path in fixtures.items():
            # Code that does not load, or does not survive a replay, is an Issue of its own.
            with suppress(ReplaykitError):
                if not child.is_running:
                    child.start()
                child.send(path.absolute())
                found |= {key} if child.hear(to_answer(config.timeout_s)) else set()
    return frozenset(found)


def main(parent: Parent) -> None:
    """Answer for one fixture after the other."""
    asked: _Asked = parent.receive()
    workers = Workers(asked.config)
    parent.send(None)
    while True:
        parent.send(_goes_through(workers, asked, parent.receive()))


def _goes_through(workers: Workers, asked: _Asked, path: Path) -> bool:
    try:
        history = read_history(path, limits=asked.config.limits)
    except HistoryError:
        return False
    worker = workers.of(history)
    if isinstance(worker, NoWorker):
        return False
    config, tracing = asked.config, _Tracing(asked.lines)
    with ReplaySession(
        worker,
        root=config.root,
        timeout_s=config.timeout_s,
        strict=config.strict_policy,
        around=tracing.around,
    ) as session:
        verdict = session.judge(history, name=str(path))
    return verdict.outcome is Outcome.CONSISTENT and tracing.has_reached


class _Tracing:
    """Sees whether a workflow comes to any of some lines."""

    def __init__(self, lines: Mapping[str, frozenset[int]]) -> None:
        self._lines = lines
        self._known: dict[CodeType, frozenset[int]] = {}
        self.has_reached = False

    def around(self, activate: Activate, act: Any) -> Any:
        """Run the code of one workflow task, and look where it comes."""
        before = sys.gettrace()
        sys.settrace(self._on_call)
        try:
            return activate(act)
        finally:
            sys.settrace(before)

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> Any:
        if self.has_reached or not self._lines_in(frame.f_code):
            return None
        return self._on_line

    def _on_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_lineno in self._lines_in(frame.f_code):
            self.has_reached = True
        return self._on_line

    def _lines_in(self, code: CodeType) -> frozenset[int]:
        if code not in self._known:
            is_function = bool(code.co_flags & _OPTIMIZED)
            lines = self._lines.get(os.path.realpath(code.co_filename), frozenset())
            self._known[code] = lines if is_function else frozenset()
        return self._known[code]
