"""The process itself: loads the code under its conditions, and replays what the parent sends."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from replaykit.config import Config
from replaykit.errors import HistoryError
from replaykit.history import read_history
from replaykit.perturb.axes import WARM, Conditions
from replaykit.perturb.cases import Case
from replaykit.perturb.child.clock import Clock
from replaykit.perturb.child.commands import replay_as_data
from replaykit.perturb.child.doubles import another_run
from replaykit.perturb.child.hashing import ObjectHashes, TaskHashes
from replaykit.perturb.child.machine import Variables, rename_host
from replaykit.perturb.child.randomness import Randomness
from replaykit.perturb.child.runner import PerturbingPlugin
from replaykit.perturb.child.scope import Part, Scope
from replaykit.perturb.child.threads import ThreadTiming
from replaykit.perturb.task import Replayed, Task, Unreadable
from replaykit.processes import Parent
from replaykit.replay.sdk.instance import Instance, answer_not_replaying
from replaykit.replay.session import ReplaySession
from replaykit.replay.strict.payloads import Reader
from replaykit.replay.workers import Worker, load_worker

__all__ = ["main"]


def main(parent: Parent) -> None:
    """Load the code, and replay one History after the other."""
    task: Task = parent.receive()
    conditions = task.conditions
    if conditions.has("host name"):
        rename_host(conditions.salt("host name"))
    scope = Scope()
    tasks = _install(scope, task)
    workers = _load(task, scope)
    if conditions.has("working directory"):
        os.chdir(task.elsewhere)  # not before: settings are read from files when the code is imported
    watcher = _Watcher(tasks, conditions)
    plugin = PerturbingPlugin(scope, watcher.watch, calm_imports=conditions.calm_imports)
    sessions = {name: _session(task.config, worker, plugin) for name, worker in workers.items()}
    parent.send(None)
    while True:
        case: Case = parent.receive()
        try:
            data = _replayed(case, sessions[case.worker], scope, is_warm=conditions.has(WARM))
        except HistoryError as error:
            parent.send(Unreadable(message=str(error)))
        else:
            parent.send(Replayed(data=data, unchanged=frozenset(watcher.unchanged)))


def _install(scope: Scope, task: Task) -> TaskHashes:
    """Everything that has to stand before the user's code is imported."""
    conditions = task.conditions
    salt, turned = conditions.salt, conditions.round == 0
    tasks = TaskHashes(salt=salt("task addresses"), turned=turned)
    parts: list[Part] = [
        Clock(scope, start=conditions.clock),
        Randomness(scope, seed=salt("random seed") or 1),
        tasks,
        ObjectHashes(salt=salt("object addresses"), turned=turned),
        ThreadTiming(scope, salt=salt("thread timing"), turned=turned),
    ]
    if conditions.has("environment"):
        modules = {spec.partition(":")[0] for worker in task.config.workers for spec in worker.workflows}
        parts.append(Variables(scope, round_number=conditions.round, modules=modules))
    scope.parts = parts
    return tasks


class _Watcher:
    """What is changed on the SDK's own instances of workflows.

    Args:
        tasks: What they make tasks with.
        conditions: What is to be changed.
    """

    def __init__(self, tasks: TaskHashes, conditions: Conditions) -> None:
        self.unchanged: set[str] = set()
        """Axes that should have been changed, and that cannot be changed in this temporalio."""
        self._tasks = tasks
        self._conditions = conditions

    def watch(self, instance: Instance | None) -> None:
        wanted = self._conditions.has
        if (instance is None or not self._tasks.watch(instance)) and wanted("task addresses"):
            self.unchanged.add("task addresses")
        # Not in the activation: `workflow.patched` reads that, and would rightly take another branch.
        if wanted("is_replaying") and (instance is None or not answer_not_replaying(instance)):
            self.unchanged.add("is_replaying")


def _load(task: Task, scope: Scope) -> dict[str, Worker]:
    config = Config(root=task.config.root, timeout_s=task.config.timeout_s)
    wanted = [each for each in task.config.workers if each.name in task.workers]
    if task.conditions.calm_imports:
        return {each.name: load_worker(config, each) for each in wanted}
    with scope.importing():
        return {each.name: load_worker(config, each) for each in wanted}


def _session(config: Config, worker: Worker, plugin: PerturbingPlugin) -> ReplaySession:
    return ReplaySession(
        dataclasses.replace(worker, plugins=(*worker.plugins, plugin)),
        root=config.root,
        timeout_s=config.timeout_s,
    )


def _replayed(case: Case, session: ReplaySession, scope: Scope, *, is_warm: bool) -> dict[str, Any]:
    """What came of one History, after another run of its workflow where the process is to be warm.

    Raises:
        HistoryError: Its file is no History any more.
    """
    name = str(case.path)
    history = read_history(case.path)
    if is_warm:
        scope.begin()
        session.judge(another_run(history), name=name)
    scope.begin()
    verdict = session.judge(history, name=name)
    return replay_as_data(verdict, session.replayed, Reader(session.data_converter))
