"""The process itself: a task as JSON on standard input, an answer a line on standard output."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from replaykit.config import Config, WorkerConfig
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.history import read_history
from replaykit.perturb.axes import WARM, Conditions
from replaykit.perturb.child.clock import Clock
from replaykit.perturb.child.commands import replay_as_data
from replaykit.perturb.child.doubles import another_run
from replaykit.perturb.child.hashing import ObjectHashes, TaskHashes
from replaykit.perturb.child.machine import Variables, rename_host
from replaykit.perturb.child.randomness import Randomness
from replaykit.perturb.child.runner import PerturbingPlugin
from replaykit.perturb.child.scope import Part, Scope
from replaykit.perturb.child.threads import ThreadTiming
from replaykit.replay.sdk.instance import Instance, answer_not_replaying
from replaykit.replay.session import ReplaySession
from replaykit.replay.strict.payloads import Reader
from replaykit.replay.workers import Worker, load_worker

__all__ = ["main"]

Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    """Read the task, do it, and leave without the teardown that the SDK's threads can abort."""
    tell = _telling()
    task = json.load(sys.stdin)
    conditions = Conditions.of(task["conditions"])
    if conditions.has("host name"):
        rename_host(conditions.salt("host name"))
    scope = Scope()
    tasks = _install(scope, conditions, task)
    try:
        workers = _load(task, scope, calm=conditions.calm_imports)
    except ReplaykitError as error:
        tell({"not_loaded": str(error)})
    else:
        if conditions.has("working directory"):
            os.chdir(task["elsewhere"])  # not before: settings are read from files when the code is imported
        tell({"loaded": True})
        watcher = _Watcher(tasks, conditions)
        plugin = PerturbingPlugin(scope, watcher.watch, calm_imports=conditions.calm_imports)
        _replay_all(task, workers, scope, plugin, tell, is_warm=conditions.has(WARM))
        tell({"end": True, "unchanged": sorted(watcher.unchanged)})
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _telling() -> Tell:
    """Answers go where standard output went; what workflow code prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer) + "\n")
        out.flush()

    return tell


def _install(scope: Scope, conditions: Conditions, task: dict[str, Any]) -> TaskHashes:
    """Everything that has to stand before the user's code is imported."""
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
        modules = {spec.partition(":")[0] for worker in task["workers"] for spec in worker["workflows"]}
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
        """Axes that should have been changed, and that this temporalio does not let be changed."""
        self._tasks = tasks
        self._conditions = conditions

    def watch(self, instance: Instance | None) -> None:
        wanted = self._conditions.has
        if (instance is None or not self._tasks.watch(instance)) and wanted("task addresses"):
            self.unchanged.add("task addresses")
        # Not in the activation: `workflow.patched` goes by that, and would take another branch by right.
        if wanted("is_replaying") and (instance is None or not answer_not_replaying(instance)):
            self.unchanged.add("is_replaying")


def _load(task: dict[str, Any], scope: Scope, *, calm: bool) -> dict[str, Worker]:
    config = Config(root=Path(task["root"]), timeout_s=task["timeout_s"])
    wanted = {entry["worker"] for entry in task["histories"]}
    configs = [_worker_config(each) for each in task["workers"] if each["name"] in wanted]
    if calm:
        return {each.name: load_worker(config, each) for each in configs}
    with scope.importing():
        return {each.name: load_worker(config, each) for each in configs}


def _worker_config(data: dict[str, Any]) -> WorkerConfig:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
    }
    return WorkerConfig(**values)


def _replay_all(
    task: dict[str, Any],
    workers: dict[str, Worker],
    scope: Scope,
    plugin: PerturbingPlugin,
    tell: Tell,
    *,
    is_warm: bool,
) -> None:
    root = Path(task["root"])
    sessions = {
        name: ReplaySession(
            dataclasses.replace(worker, plugins=(*worker.plugins, plugin)),
            root=root,
            timeout_s=task["timeout_s"],
        )
        for name, worker in workers.items()
    }
    for index, entry in enumerate(task["histories"]):
        tell({"begun": index})
        session = sessions[entry["worker"]]
        try:
            history = read_history(Path(entry["path"]))
        except HistoryError as error:
            tell({"done": index, "unreadable": str(error)})
            continue
        if is_warm:
            scope.begin()
            session.judge(another_run(history), name=entry["path"])
        scope.begin()
        verdict = session.judge(history, name=entry["path"])
        reader = Reader(session.data_converter)
        tell({"done": index, "replay": replay_as_data(verdict, session.replayed, reader)})
