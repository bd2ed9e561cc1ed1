"""Tries code on recorded histories before any file holds it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from replaykit.check.programs import judging_child
from replaykit.check.questions import WhichFiles
from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.fix.questions import Candidate, Ready, ToGrow, ToJudgeGrown, ToTry
from replaykit.processes import ChildLostError, Children, to_answer, to_load
from replaykit.verdict import Outcome, Reason, Verdict

if TYPE_CHECKING:
    from replaykit.explore.searching.repeating import Repeated, ToRepeat
    from replaykit.explore.workflows import Key
    from replaykit.history import History

__all__ = ["Trial"]


class Trial:
    """Judges fixtures, strictly, by texts that stand for source files; a context manager.

    Args:
        config: The change's.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._children = Children()
        self._child = self._children.of(
            judging_child(
                config,
                what="the trial",
                function="replaykit.fix.trial_child:main",
                opening=config,
                path=[os.path.abspath(path) for path in sys.path],  # noqa: PTH100  # "" is the current folder
            )
        )
        self._texts: Mapping[str, str] | None = None
        self.count = 0
        """Candidates that were tried."""

    def __enter__(self) -> Trial:
        self._children.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._children.__exit__(kind, error, trace)

    def judged(
        self, texts: Mapping[str, str], fixtures: Mapping[str, Path], *, afresh: bool = False
    ) -> Iterator[Verdict]:
        """The Verdicts of code, each when it is asked for.

        Args:
            texts: By absolute path, what stands for a file of the change.
            fixtures: By name.
            afresh: Whether in a process that has run no other code.
        """
        if afresh:
            self._child.drop()
        problem = self._load(texts)
        for name, path in fixtures.items():
            if problem:
                yield Verdict(history=name, outcome=Outcome.UNJUDGED, reason=Reason.CRASHED, message=problem)
                continue
            try:
                if not self._child.is_running:
                    problem = self._load(texts, again=True)
                self._child.send(ToTry(path=path, name=name))
                verdict: Verdict = self._child.hear(to_answer(self._config.timeout_s))
            except ChildLostError as error:
                verdict = Verdict(
                    history=name, outcome=Outcome.UNJUDGED, reason=error.reason, message=str(error)
                )
            yield verdict

    def repeated(self, texts: Mapping[str, str], question: ToRepeat) -> Repeated:
        """Stories that code grows, or repeats.

        Args:
            texts: As of `judged`.
            question: Which.

        Raises:
            ReplaykitError: The code cannot be loaded, or its process is lost over it.
        """
        self._loaded(texts)
        self._child.send(ToGrow(question=question))
        repeated: Repeated = self._child.hear(4 * question.seconds + to_answer(self._config.timeout_s))
        return repeated

    def grown(self, texts: Mapping[str, str], workflow: Key, history: History) -> Verdict:
        """The Verdict of code on a History that other code has grown; raises as `repeated` does.

        Args:
            texts: As of `judged`.
            workflow: Whose it is.
            history: It.
        """
        from replaykit.explore.searching.head import ToJudge

        self._loaded(texts)
        question = ToJudge(workflow=workflow, history=history, is_strict=False)
        self._child.send(ToJudgeGrown(question=question))
        verdict: Verdict = self._child.hear(to_answer(self._config.timeout_s))
        return verdict

    def _loaded(self, texts: Mapping[str, str]) -> None:
        problem = self._load(texts)
        if problem:
            raise ReplaykitError(problem)

    def files(self) -> tuple[str, ...]:
        """The files that the user's code was loaded from so far; none where the process is lost."""
        if not self._child.is_running:
            return ()
        self._child.send(WhichFiles())
        try:
            found: tuple[str, ...] = self._child.hear(to_answer(self._config.timeout_s))
        except ChildLostError:
            return ()
        return found

    def _load(self, texts: Mapping[str, str], *, again: bool = False) -> str:
        """Why the code cannot be loaded; empty where it can."""
        if not again and self._child.is_running and texts == self._texts:
            return ""
        self.count += not again
        try:
            if not self._child.is_running:
                self._child.start()
            self._child.send(Candidate(texts=dict(texts)))
            ready: Ready = self._child.hear(to_load(self._config.timeout_s))
        except ChildLostError as error:
            self._texts = None
            return str(error)
        self._texts = dict(texts)
        return ready.problem
