"""The process itself: loads the code under its conditions, and replays what the parent sends."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from replaykit.errors import HistoryError
from replaykit.history import read_history
from replaykit.perturb.axes import WARM
from replaykit.perturb.cases import Case
from replaykit.perturb.child.changes import Watcher, install
from replaykit.perturb.child.commands import replay_as_data
from replaykit.perturb.child.doubles import another_run
from replaykit.perturb.child.runner import PerturbingPlugin
from replaykit.perturb.child.scope import Scope
from replaykit.perturb.task import Replayed, Task, Unreadable
from replaykit.processes import Parent
from replaykit.replay.session import ReplaySession
from replaykit.replay.strict.payloads import Reader
from replaykit.replay.workers import Worker, load_worker

__all__ = ["main"]


def main(parent: Parent) -> None:
    """Load the code, and replay one History after the other."""
    task: Task = parent.receive()
    conditions = task.conditions
    scope = Scope()
    tasks = install(scope, task)
    workers = _load(task, scope)
    if conditions.has("working directory"):
        os.chdir(task.elsewhere)  # not before: settings are read from files when the code is imported
    watcher = Watcher(tasks, conditions)
    plugin = PerturbingPlugin(scope, watcher.watch, calm_imports=conditions.calm_imports)
    sessions = {name: _session(task, worker, plugin) for name, worker in workers.items()}
    parent.send(None)
    while True:
        case: Case = parent.receive()
        try:
            data = _replayed(task, case, sessions[case.worker], scope)
        except HistoryError as error:
            parent.send(Unreadable(message=str(error)))
        else:
            parent.send(Replayed(data=data, unchanged=frozenset(watcher.unchanged)))


def _load(task: Task, scope: Scope) -> dict[str, Worker]:
    wanted = [each for each in task.config.workers if each.name in task.workers]
    if task.conditions.calm_imports:
        return {each.name: load_worker(task.config, each) for each in wanted}
    with scope.importing():
        return {each.name: load_worker(task.config, each) for each in wanted}


def _session(task: Task, worker: Worker, plugin: PerturbingPlugin) -> ReplaySession:
    return ReplaySession(
        dataclasses.replace(worker, plugins=(*worker.plugins, plugin)),
        root=task.config.root,
        timeout_s=task.config.timeout_s,
    )


def _replayed(task: Task, case: Case, session: ReplaySession, scope: Scope) -> dict[str, Any]:
    """What came of one History, after another run of its workflow where the process is to be warm.

    Raises:
        HistoryError: Its file is no History any more.
    """
    name = str(case.path)
    history = read_history(case.path, limits=task.config.limits)
    if task.conditions.has(WARM):
        scope.begin()
        session.judge(another_run(history), name=name)
    scope.begin()
    verdict = session.judge(history, name=name)
    return replay_as_data(verdict, session.replayed, Reader(session.data_converter))
