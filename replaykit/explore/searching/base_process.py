"""The process of the base: it grows histories by the base's code, and asks the head what they show.

Plain data alone goes over its two pipes: the values of a scenario are of the base's classes, which the head
may not have.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError, WorkflowCodeError
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import own_problem
from replaykit.explore.searching.missed import missed_lines
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.summary import Summary, summary_of
from replaykit.explore.workflows import ExploredWorkflow, Key, said_of_values, values_of, workflows_of
from replaykit.history import History
from replaykit.processes.pipes import receive, send, served

__all__ = ["Done", "Failed", "Judged", "Noted", "Request", "main"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What the head wants."""

    root: Path
    """The project inside the base's tree."""
    head: Config
    """Its configuration, for what the base's does not say."""
    subjects: tuple[Key, ...]
    seconds: float
    """For each of them."""
    scenarios: int | None
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A grown History for the head to judge; it answers with a key, or None."""

    subject: Key
    history: History


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """Something that the user is to know, and that ends nothing."""

    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """One workflow is explored."""

    subject: Key
    summary: Summary
    missed: tuple[tuple[str, int], ...]
    """File and number of lines of its class that no scenario reached."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The base cannot be explored."""

    message: str


def main() -> None:
    """Serve one Request on standard input and output."""
    answers, questions = served()
    request: Request = receive(answers)
    os.chdir(request.root)
    warnings.simplefilter("ignore")
    try:
        config = _config(request, questions)
        for key, subject in _subjects(request, config).items():
            _explore(request, config, key, subject, questions, answers)
        send(questions, None)
    except ReplaykitError as error:
        send(questions, Failed(message=str(error)))
    questions.flush()
    os._exit(0)


def _subjects(request: Request, config: Config) -> Mapping[Key, ExploredWorkflow]:
    """By the head's key, the base's subject: of the worker of that name, else the only one of that type."""
    own = workflows_of(config)
    by_key = {subject.key: subject for subject in own}
    found: dict[Key, ExploredWorkflow] = {}
    for key in request.subjects:
        of_type = [subject for subject in own if subject.workflow_type == key[1]]
        if key in by_key:
            found[key] = by_key[key]
        elif len(of_type) == 1:
            found[key] = of_type[0]
    for subject in found.values():
        file = Path(sys.modules[subject.workflow.__module__].__file__ or "").resolve()
        if not file.is_relative_to(request.root.resolve()):
            raise WorkflowCodeError(
                f"{subject.workflow_type} was imported from {file}, which is not the base's tree",
                cure="The project is installed in a way that hides the base. Install it editable "
                "(pip install -e .), or run from its source.",
            )
    return found


def _config(request: Request, questions: BinaryIO) -> Config:
    """The base's own configuration; the head's where it has none.

    What the head says of values holds as far as the base's tree has it: the change may bring that with it.
    """
    config, head = load_config(request.root), request.head
    if not config.is_configured:
        config = Config(root=request.root, workers=head.workers, shared=head.shared, explore=config.explore)
    own, said = config.explore, head.explore
    if own.values is None and said.values is not None:
        config = _saying(config, questions, values=said.values)
    for spec in said.activities if not own.activities else ():
        config = _saying(config, questions, activities=spec)
    return config


def _saying(
    config: Config, questions: BinaryIO, *, values: str | None = None, activities: str | None = None
) -> Config:
    """The configuration with one more thing said of values; as it was where the base has no such thing."""
    explore = config.explore
    if values is not None:
        explore = replace(explore, values=values)
    if activities is not None:
        explore = replace(explore, activities=(*explore.activities, activities))
    saying = replace(config, explore=explore)
    try:
        said_of_values(saying)
    except ReplaykitError as error:
        where = f"values = {values!r}" if values is not None else f"activities = {activities!r}"
        message = (
            f"[tool.replaykit.explore] {where} is not used: in the base, {error.what}. "
            "Type hints alone say what histories are grown of"
        )
        send(questions, Noted(message=message))
        return config
    return saying


def _explore(
    request: Request,
    config: Config,
    key: Key,
    subject: ExploredWorkflow,
    questions: BinaryIO,
    answers: BinaryIO,
) -> None:
    problems: dict[str, Grown] = {}

    def judge(grown: Grown) -> str | None:
        if grown.problem:
            return None
        send(questions, Judged(subject=key, history=grown.history))
        shown: str | None = receive(answers)
        problem = own_problem(engine.cold.session, grown.history) if shown is not None else None
        if problem is not None:  # what the base cannot replay itself is not the head's to answer for
            problems.setdefault(problem, grown)
            return None
        return shown

    engine = Warm(subject.worker, root=request.root)
    engine.lines.is_wanted = True
    values = values_of(config, subject.workflow)
    search = Search(FromStart(engine, subject.workflow, values), judge, seed=request.seed)
    budget = Budget(seconds=request.seconds, scenarios=request.scenarios, findings=5, stale=400)
    exploration = search.run(budget, workflow_type=subject.workflow_type)
    exploration.problems |= problems
    engine.close()
    missed = missed_lines(subject.workflow, exploration.lines)
    send(questions, Done(subject=key, summary=summary_of(exploration, request.root), missed=missed))
