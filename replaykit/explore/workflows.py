"""Which workflows of a configured project are explored, and with what values."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from replaykit.check import Workers
from replaykit.code.importing import add_import_paths, import_module, resolve
from replaykit.config import Config
from replaykit.errors import ConfigError, ValuesError, WorkflowCodeError
from replaykit.explore.growing.service import Encoder
from replaykit.explore.learning import learned_by
from replaykit.explore.values.constants import with_constants
from replaykit.explore.values.learned import Learned
from replaykit.explore.values.overrides import Values
from replaykit.explore.values.signatures import result_types, workflow_name
from replaykit.history import History
from replaykit.replay.sdk.definitions import activity_definition
from replaykit.replay.workers import Worker

__all__ = [
    "ExploredWorkflow",
    "Key",
    "able_workflows",
    "own_values",
    "project_values",
    "values_of",
    "workflow_of_history",
    "workflows_of",
]


class Key(NamedTuple):
    """A workflow of a worker: several workers can have one of a name."""

    worker: str
    """Name of the worker."""
    workflow_type: str
    """Of a dynamic workflow, what its runs are called."""
    is_dynamic: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ExploredWorkflow:
    """One workflow of one worker."""

    worker: Worker
    workflow_class: type
    workflow_type: str

    @property
    def key(self) -> Key:
        is_dynamic = workflow_name(self.workflow_class) is None
        return Key(self.worker.config.name, self.workflow_type, is_dynamic)


def workflows_of(config: Config, patterns: Sequence[str] = ()) -> list[ExploredWorkflow]:
    """The configured workflows; runs of a dynamic one are of a type that is called like its class.

    Args:
        config: The project.
        patterns: Names of workflow types, `*` allowed; all where there are none.

    Raises:
        WorkflowCodeError: The code of a worker does not import.
        ConfigError: A pattern matches nothing.
    """
    return _matching(Workers(config).every(), {}, patterns)[0]


def able_workflows(
    config: Config, patterns: Sequence[str] = ()
) -> tuple[list[ExploredWorkflow], Mapping[str, str]]:
    """The same, and what is wrong with the workers that cannot be loaded, by each workflow type of theirs.

    Raises:
        WorkflowCodeError: No worker can be loaded.
        ConfigError: A pattern matches nothing.
    """
    workers = Workers(config)
    able, broken = workers.able()
    if not able:
        raise WorkflowCodeError("\n".join(broken.values()))
    types = [(each.worker, each.workflow_type) for each in workers.registered(whole=False)]
    lost = {name: broken[worker] for worker, name in types if worker in broken and name is not None}
    named = {worker for worker, name in types if name is not None}
    lost |= {f"worker {worker}": broken[worker] for worker in broken if worker not in named}
    return _matching(able, lost, patterns)


def _matching(
    workers: Sequence[Worker], lost: Mapping[str, str], patterns: Sequence[str]
) -> tuple[list[ExploredWorkflow], Mapping[str, str]]:
    found = [
        ExploredWorkflow(worker=worker, workflow_class=cls, workflow_type=name)
        for worker in workers
        for name, cls in _by_type(worker).items()
    ]
    names = {*(workflow.workflow_type for workflow in found), *lost}
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            known = ", ".join(sorted(names)) or "none"
            raise ConfigError(f"no workflow is named {pattern!r}", cure=f"Configured are: {known}.")

    def is_meant(name: str) -> bool:
        return not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    return (
        [workflow for workflow in found if is_meant(workflow.workflow_type)],
        {name: message for name, message in lost.items() if is_meant(name)},
    )


def _by_type(worker: Worker) -> dict[str, type]:
    """A worker's workflows; the dynamic one has a name that no other has."""
    named = {name: cls for cls in worker.workflows if (name := workflow_name(cls)) is not None}
    for cls in worker.workflows:
        if workflow_name(cls) is None:
            name = cls.__name__
            while name in named:
                name = f"{name}Dynamic"
            named[name] = cls
    return named


def workflow_of_history(
    history: History, workflows: Sequence[ExploredWorkflow], config: Config
) -> ExploredWorkflow | None:
    """The one of these that a recorded History is of; None where there is none, or more than one."""
    workers = {workflow.worker.config.name: workflow.worker for workflow in workflows}
    worker = Workers.loaded(tuple(workers.values()), root=config.root).running(history)
    if worker is None:
        return None
    own = [workflow for workflow in workflows if workflow.worker.config.name == worker.config.name]
    named = (workflow for workflow in own if workflow.workflow_type == history.workflow_type)
    if history.workflow_type in map(workflow_name, worker.workflows):
        return next(named, None)
    return next((workflow for workflow in own if workflow_name(workflow.workflow_class) is None), None)


def values_of(config: Config, workflow: type, encoder: Encoder) -> Values:
    """The project's values, what its fixtures show, and constants of its source.

    Raises as `project_values` does.

    Args:
        config: The project.
        workflow: The class.
        encoder: With the data converter of its worker.
    """
    return with_constants(project_values(config, learned_by(config, encoder)), workflow)


def project_values(config: Config, learned: Learned | None = None) -> Values:
    """The values that the project configures.

    Args:
        config: The project.
        learned: What recorded fixtures show, where there are any to learn from.

    Raises:
        WorkflowCodeError: `[tool.replaykit.explore]` names something that is not there.
        ConfigError: What it names is no `Values`.
        ValuesError: What it names as an activity is none.
    """
    values = replace(own_values(config), learned=learned)
    promised = {
        name: _strategy_of(values, name, hint) for name, hint in result_types(_activities(config)).items()
    }
    return replace(values, activities={**promised, **values.activities})


def own_values(config: Config) -> Values:
    """The user's own, as `[tool.replaykit.explore] values` names them; raises as `project_values` does."""
    add_import_paths(config.root)
    given = config.explore.values
    values: Any = resolve(given, where="[tool.replaykit.explore] values") if given else Values()
    if not isinstance(values, Values):
        raise ConfigError(
            f"expected replaykit.explore.Values, got {type(values).__name__}",
            where=f"[tool.replaykit.explore] values = {given!r}",
            cure="Make one: values = Values(activities={...}).",
        )
    return values


def _strategy_of(values: Values, activity_type: str, hint: Any) -> SearchStrategy[Any] | None:
    """What draws values of a hint; where nothing can, the workflow that asks for one is the one to fail."""
    try:
        return values.activity_result(activity_type, hint).strategy()
    except ValuesError as error:
        refused = error

    def refuse() -> SearchStrategy[Any]:
        raise refused

    return st.deferred(refuse)


def _activities(config: Config) -> list[Any]:
    """Functions named one by one, and all that the named modules define."""
    found: list[Any] = []
    where = "[tool.replaykit.explore] activities"
    for spec in config.explore.activities:
        if ":" in spec:
            found.append(resolve(spec, where=where))
        else:
            module = import_module(spec, where=where)
            found += [value for value in vars(module).values() if _is_activity(value)]
    return found


def _is_activity(value: Any) -> bool:
    return callable(value) and activity_definition(value) is not None
