"""The parent's side of an exploration: asks the process that has the project's code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from replaykit.config import Config
from replaykit.errors import HistoryError, ValuesError
from replaykit.explore.searching.futures import Future
from replaykit.explore.searching.head import (
    Alive,
    Continue,
    Itself,
    Loaded,
    Question,
    ToJudge,
    ToLoad,
    Unusable,
    WhoseRun,
)
from replaykit.explore.searching.search import Budget
from replaykit.explore.searching.summary import Explored
from replaykit.explore.workflows import Key
from replaykit.history import History
from replaykit.processes import Children, Program, to_answer, to_load
from replaykit.verdict import Verdict

__all__ = ["Explorer"]


class Explorer:
    """Explores in a child. What the code does to it costs the question at hand; the next starts a new one.

    Each method raises ChildLostError where the child is lost over it, ValuesError where there is no strategy
    for a type hint, and HistoryError where a recorded run cannot be used.

    Args:
        config: The project.
        names: Patterns of workflow types; all that are configured where there are none.
        children: Where the child is started, and ended at the latest.
        on_output: Given what the code prints.
        on_scenarios: Given what is explored, and how many scenarios of it there are, now and then.
        env: Environment variables of the child besides our own.
    """

    def __init__(
        self,
        config: Config,
        names: Sequence[str],
        *,
        children: Children,
        on_output: Callable[[bytes], None] | None = None,
        on_scenarios: Callable[[str, int], None] = lambda name, scenarios: None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._silence_s = to_answer(config.timeout_s)
        self._on_scenarios = on_scenarios
        self._child = children.of(
            Program(
                function="replaykit.explore.searching.head:main",
                what="the exploring process",
                opening=ToLoad(config=config, names=tuple(names)),
                loading_s=to_load(config.timeout_s),
                silence_s=self._silence_s,
                path=[os.path.abspath(path) for path in sys.path],  # noqa: PTH100  # "" is the current folder
                on_output=on_output,
                env=env or {},
            )
        )

    def load(self) -> Loaded:
        """Load the code.

        Returns:
            Its workflows, and those whose worker cannot be loaded.

        Raises:
            ReplaykitError: It cannot be loaded, or a name matches nothing.
        """
        loaded: Loaded = self._child.start()
        return loaded

    def explore(self, workflow: Key, budget: Budget, *, seed: int) -> Explored:
        """See `explore_itself`."""
        explored: Explored = self._asked(
            Itself(workflow=workflow, budget=budget, seed=seed), name=workflow[1]
        )
        return explored

    def workflow_of(self, path: Path) -> tuple[str, Key | None]:
        """The workflow type of a fixture, and the one workflow that runs it."""
        found: tuple[str, Key | None] = self._asked(WhoseRun(path=path.absolute()))
        return found

    def continued(self, workflow: Key, path: Path, budget: Budget, *, name: str, seed: int) -> Future:
        """See `explore_future`."""
        future: Future = self._asked(
            Continue(workflow=workflow, path=path.absolute(), name=name, budget=budget, seed=seed), name=name
        )
        return future

    def judge(self, workflow: Key, history: History, *, is_strict: bool = False) -> Verdict:
        """The Verdict of the project's code on a grown History."""
        question = ToJudge(workflow=workflow, history=history, is_strict=is_strict)
        verdict: Verdict = self._asked(question)
        return verdict

    def _asked(self, question: Question, *, name: str = "") -> Any:
        if not self._child.is_running:
            self._child.start()
        if name:
            self._on_scenarios(name, 0)
        self._child.send(question)
        while isinstance(answer := self._child.hear(self._silence_s), Alive):
            self._on_scenarios(name, answer.scenarios)
        if isinstance(answer, Unusable):
            raise (HistoryError if answer.is_history else ValuesError)(answer.message)
        return answer
