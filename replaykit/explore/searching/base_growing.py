"""In the base's process: histories are grown by the base's code, and the head is asked what they show.

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

from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError, ValuesError, WorkflowCodeError
from replaykit.explore.growing.grow import Grown
from replaykit.explore.growing.warm import Warm
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.searching.judging import own_problem
from replaykit.explore.searching.search import Budget, Search
from replaykit.explore.searching.summary import Summary, summary_of
from replaykit.explore.searching.unreached_lines import unreached_lines
from replaykit.explore.workflows import ExploredWorkflow, Key, project_values, values_of, workflows_of
from replaykit.history import History
from replaykit.processes import Parent

__all__ = ["Done", "Failed", "Judged", "Loaded", "Request", "main"]

_NONE_COMPARED = (
    "none of the histories that its code grew can be used ({count}): it does not replay them itself. {why}. "
    "`replaykit explore` on the base, without --base, shows what is wrong with its code"
)
_QUESTION_S = 20.0
"""For one question to the code, unless the configured timeout is shorter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What the head wants."""

    root: Path
    """The project inside the base's tree."""
    head: Config
    """Its configuration, for what the base's does not have."""
    workflows: tuple[Key, ...]
    seconds: float
    """For each of them."""
    scenarios: int | None
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """The base's code is imported; now it can be asked to explore one workflow after the other."""

    workflows: tuple[Key, ...]
    """Those that the base has too."""
    notes: tuple[str, ...]
    """What the user is to know, and that ends nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A grown History for the head to judge; it answers with a key, or None."""

    workflow: Key
    history: History


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """One workflow that no history can be grown of."""

    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """One workflow is explored."""

    workflow: Key
    summary: Summary
    unreached: tuple[tuple[str, int], ...]
    """File and number of lines of its class that no scenario reached."""


def main(parent: Parent) -> None:
    """Explore the workflows that the parent names, one after the other."""
    request: Request = parent.receive()
    os.chdir(request.root)
    warnings.simplefilter("ignore")
    config, notes = _config(request)
    project_values(config)
    workflows = _workflows(request, config)
    parent.send(Loaded(workflows=tuple(workflows), notes=tuple(notes)))
    while True:
        key: Key = parent.receive()
        try:
            _explore(request, config, key, workflows[key], parent)
        except ValuesError as error:
            parent.send(Failed(message=str(error)))


def _workflows(request: Request, config: Config) -> Mapping[Key, ExploredWorkflow]:
    """By the head's key, the base's workflow: of the worker of that name, else the only one of that type.

    A dynamic workflow is its worker's only one: whatever its class is called in the base.
    """
    own = workflows_of(config)
    found: dict[Key, ExploredWorkflow] = {}
    for key in request.workflows:
        same = [each for each in own if each.key.is_dynamic == key.is_dynamic]
        if not key.is_dynamic:
            same = [each for each in same if each.workflow_type == key.workflow_type]
        of_worker = [each for each in same if each.key.worker == key.worker]
        if len(of_worker or same) == 1:
            (found[key],) = of_worker or same
    for workflow in found.values():
        file = Path(sys.modules[workflow.workflow_class.__module__].__file__ or "").resolve()
        if not file.is_relative_to(request.root.resolve()):
            raise WorkflowCodeError(
                f"{workflow.workflow_type} was imported from {file}, which is not the base's tree",
                cure="The project is installed in a way that hides the base. Install it editable "
                "(pip install -e .), or run from its source.",
            )
    return found


def _config(request: Request) -> tuple[Config, list[str]]:
    """The base's own configuration, the head's where it has none; and what of the head's is not used.

    The head's values are used as far as the base's tree has them: the change may bring them with it.
    """
    config, head = load_config(request.root), request.head
    if not config.is_configured:
        config = Config(root=request.root, workers=head.workers, shared=head.shared, explore=config.explore)
    own, given = config.explore, head.explore
    notes: list[str] = []
    # Fixtures are what was recorded, and no code of the base.
    config = replace(config, explore=replace(own, learn=given.learn))
    if own.values is None and given.values is not None:
        config = _with_values(config, notes, values=given.values)
    for spec in given.activities if not own.activities else ():
        config = _with_values(config, notes, activities=spec)
    return config, notes


def _with_values(
    config: Config, notes: list[str], *, values: str | None = None, activities: str | None = None
) -> Config:
    """The configuration with one more key about values; as it was where the base has nothing of that name."""
    explore = config.explore
    if values is not None:
        explore = replace(explore, values=values)
    if activities is not None:
        explore = replace(explore, activities=(*explore.activities, activities))
    extended = replace(config, explore=explore)
    try:
        project_values(extended)
    except ReplaykitError as error:
        where = f"values = {values!r}" if values is not None else f"activities = {activities!r}"
        notes.append(
            f"[tool.replaykit.explore] {where} is not used: in the base, {error.what}. "
            "Histories are grown from type hints alone"
        )
        return config
    return extended


def _explore(request: Request, config: Config, key: Key, workflow: ExploredWorkflow, parent: Parent) -> None:
    problems: dict[str, Grown] = {}
    compared = 0

    def judge(grown: Grown) -> str | None:
        nonlocal compared
        if grown.problem:
            return None
        parent.send(Judged(workflow=key, history=grown.history))
        shown: str | None = parent.receive()
        problem = own_problem(engine.cold.session, grown.history) if shown is not None else None
        if problem is not None:  # what the base cannot replay itself is not blamed on the head
            if grown.failure is None and grown.refused is None:
                problems.setdefault(problem, grown)
            return None
        compared += grown.is_started
        return shown

    engine = Warm(workflow.worker, root=request.root, timeout_s=min(_QUESTION_S, request.head.timeout_s))
    engine.lines.is_wanted = True
    values = values_of(config, workflow.workflow_class, engine.encoder)
    grower = FromStart(engine, workflow.workflow_class, values, workflow.workflow_type)
    search = Search(grower, judge, seed=request.seed)
    budget = Budget(seconds=request.seconds, scenarios=request.scenarios, findings=5, stale=400)
    exploration = search.run(budget, workflow_type=workflow.workflow_type)
    exploration.problems |= problems
    engine.close()
    if exploration.started and not compared:
        why = next(iter(exploration.problems), next(iter(exploration.raised), "its first task fails"))
        parent.send(Failed(message=_NONE_COMPARED.format(count=exploration.started, why=why)))
        return
    unreached = unreached_lines(workflow.workflow_class, exploration.lines)
    summary = summary_of(exploration, request.root, values.learned)
    parent.send(Done(workflow=key, summary=summary, unreached=unreached))
