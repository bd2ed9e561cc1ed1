"""What is changed in this process: before the user's code is imported, and on each instance of a workflow."""

from __future__ import annotations

from replaykit.perturb.axes import Conditions
from replaykit.perturb.child.clock import Clock
from replaykit.perturb.child.hashing import ObjectHashes, TaskHashes
from replaykit.perturb.child.machine import Variables, rename_host
from replaykit.perturb.child.randomness import Randomness
from replaykit.perturb.child.scope import Part, Scope
from replaykit.perturb.child.threads import ThreadTiming
from replaykit.perturb.task import Task
from replaykit.replay.sdk.instance import Instance, answer_not_replaying

__all__ = ["Watcher", "install"]


def install(scope: Scope, task: Task) -> TaskHashes:
    """Change everything that has to stand before the user's code is imported."""
    conditions = task.conditions
    if conditions.has("host name"):
        rename_host(conditions.salt("host name"))
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


class Watcher:
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
