"""The process that explores by the code of the project: it grows, continues and judges as it is asked."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.config import Config
from replaykit.errors import HistoryError, ValuesError
from replaykit.explore.searching.futures import explore_future
from replaykit.explore.searching.itself import explore_itself
from replaykit.explore.searching.judging import judged
from replaykit.explore.searching.search import Budget
from replaykit.explore.workflows import (
    ExploredWorkflow,
    Key,
    able_workflows,
    project_values,
    workflow_of_history,
)
from replaykit.history import History, read_history
from replaykit.processes import Parent
from replaykit.replay.session import ReplaySession

__all__ = [
    "Alive",
    "Continue",
    "Head",
    "Itself",
    "Loaded",
    "Question",
    "ToJudge",
    "ToLoad",
    "Unusable",
    "WhoseRun",
    "main",
]

_BEAT_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ToLoad:
    """The code; the answer is `Loaded`."""

    config: Config
    names: tuple[str, ...]
    """Patterns of workflow types; all of them where there are none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """The code, as far as it can be."""

    workflows: tuple[Key, ...]
    lost: Mapping[str, str]
    """By workflow type, why its worker cannot be loaded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Itself:
    """Explore a workflow against its own code; the answer is an `Explored`."""

    workflow: Key
    budget: Budget
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WhoseRun:
    """A recorded run; the answer are its workflow type, and the key of the workflow that runs it or None."""

    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Continue:
    """Continue a recorded run; the answer is a `Future`."""

    workflow: Key
    path: Path
    name: str
    budget: Budget
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ToJudge:
    """Judge a History that another code, or another process, has grown; the answer is a Verdict."""

    workflow: Key
    history: History
    is_strict: bool
    """Whether its attributes are compared, by the project's rules."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alive:
    """The search goes on: sent now and then, before the answer."""

    scenarios: int
    """How many there are so far, those that are only made smaller included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusable:
    """The answer about a recorded run that cannot be used, or a workflow that nothing can be grown of."""

    message: str
    is_history: bool
    """Whether the recorded run is what cannot be used."""


Question = Itself | WhoseRun | Continue | ToJudge


def main(parent: Parent) -> None:
    """Answer one question after the other."""
    opening: ToLoad = parent.receive()
    # Grown runs end in the middle of handlers now and then: the SDK warns of each.
    warnings.simplefilter("ignore")
    workflows, lost = able_workflows(opening.config, opening.names)
    project_values(opening.config)  # what is wrong with these is wrong for all workflows
    head = Head(opening.config, workflows, parent.send)
    parent.send(Loaded(workflows=tuple(workflow.key for workflow in workflows), lost=lost))
    while True:
        parent.send(head.answer(parent.receive()))


class Head:
    """What a process answers with.

    Args:
        config: The project.
        workflows: Those that can be asked about.
        send: Given a sign of life now and then.
    """

    def __init__(
        self, config: Config, workflows: list[ExploredWorkflow], send: Callable[[Alive], None]
    ) -> None:
        self._config = config
        self._workflows = {workflow.key: workflow for workflow in workflows}
        self._send = send
        self._sessions: dict[tuple[Key, bool], ReplaySession] = {}

    def answer(self, question: Question) -> object:
        """What is sent back; see each question."""
        try:
            return self._answer(question)
        except (HistoryError, ValuesError) as error:
            return Unusable(message=str(error), is_history=isinstance(error, HistoryError))

    def _answer(self, question: Question) -> object:
        match question:
            case Itself():
                return explore_itself(
                    self._config,
                    self._workflows[question.workflow],
                    question.budget,
                    seed=question.seed,
                    on_scenario=_beats(self._send),
                )
            case WhoseRun():
                history = read_history(question.path, limits=self._config.limits)
                workflow = workflow_of_history(history, tuple(self._workflows.values()), self._config)
                return history.workflow_type, workflow.key if workflow is not None else None
            case Continue():
                return explore_future(
                    self._config,
                    self._workflows[question.workflow],
                    read_history(question.path, limits=self._config.limits),
                    question.budget,
                    name=question.name,
                    seed=question.seed,
                    on_scenario=_beats(self._send),
                )
            case ToJudge():
                session = self._session(question.workflow, is_strict=question.is_strict)
                return judged(session, question.history)

    def _session(self, key: Key, *, is_strict: bool) -> ReplaySession:
        if (key, is_strict) not in self._sessions:
            worker = self._workflows[key].worker
            root, timeout_s = self._config.root, self._config.timeout_s
            strict = self._config.strict_policy if is_strict else None
            self._sessions[key, is_strict] = ReplaySession(
                worker, root=root, timeout_s=timeout_s, strict=strict
            )
        return self._sessions[key, is_strict]


def _beats(send: Callable[[Alive], None]) -> Callable[[], None]:
    """Sends `Alive` when it is called, once in a while."""
    last, scenarios = time.perf_counter(), 0

    def beat() -> None:
        nonlocal last, scenarios
        now = time.perf_counter()
        scenarios += 1
        if now - last >= _BEAT_S:
            last = now
            send(Alive(scenarios=scenarios))

    return beat
