"""The process that tries code that no file holds, one candidate after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.check import Check, Named
from replaykit.check.questions import WhichFiles
from replaykit.code.overlaid import overlay
from replaykit.code.reached import users_files
from replaykit.config import Config
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.fix.questions import Candidate, Ready, ToGrow, ToJudgeGrown, ToTry
from replaykit.history import History, read_history
from replaykit.processes import Parent
from replaykit.verdict import Verdict

if TYPE_CHECKING:
    from replaykit.explore.searching.head import Question
    from replaykit.explore.searching.repeating import ToRepeat

__all__ = ["main"]


def main(parent: Parent) -> None:
    """Judge and grow by what the parent names."""
    config: Config = parent.receive()
    parent.send(Ready())
    code = _Code(config, {})
    while True:
        message: object = parent.receive()
        if isinstance(message, Candidate):
            code.close()
            overlay(message.texts)
            code = _Code(config, code.histories)
            parent.send(code.loaded())
        elif isinstance(message, WhichFiles):
            parent.send(users_files())
        elif isinstance(message, ToTry):
            parent.send(code.judged(message))
        elif isinstance(message, ToGrow):
            parent.send(code.repeated(message.question))
        elif isinstance(message, ToJudgeGrown):
            parent.send(code.grown(message.question))


class _Code:
    """One candidate.

    Args:
        config: The project.
        histories: By path, what was read already.
    """

    def __init__(self, config: Config, histories: dict[Path, History | HistoryError]) -> None:
        self._config = config
        self.histories = histories
        self._check: Check | None = None
        self._grown: object = None
        self._repeater: object = None

    def close(self) -> None:
        if self._check is not None:
            self._check.close()

    def loaded(self) -> Ready:
        try:
            self._check = Check(self._config)
        except ReplaykitError as error:
            return Ready(problem=str(error))
        return Ready()

    def judged(self, message: ToTry) -> Verdict:
        assert self._check is not None
        if message.path not in self.histories:
            try:
                self.histories[message.path] = read_history(message.path, limits=self._config.limits)
            except HistoryError as error:
                self.histories[message.path] = error
        found = self.histories[message.path]
        if isinstance(found, HistoryError):
            return self._check.judge(message.path, name=message.name)
        return self._check.judge(Named(history=replace(found, path=message.path), name=message.name))

    def repeated(self, question: ToRepeat) -> object:
        from replaykit.explore.searching.repeating import Repeated, Repeater

        try:
            if not isinstance(self._repeater, Repeater):
                self._repeater = Repeater(self._config)
            return self._repeater.runs(question)
        except ReplaykitError as error:
            return Repeated(problem=str(error))

    def grown(self, question: Question) -> object:
        from replaykit.explore.searching.head import Head
        from replaykit.explore.workflows import able_workflows

        if not isinstance(self._grown, Head):
            self._grown = Head(self._config, able_workflows(self._config)[0], lambda alive: None)
        return self._grown.answer(question)
