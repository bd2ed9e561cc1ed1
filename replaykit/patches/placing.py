"""Which worker's code a run or a fixture belongs to, as `replaykit replay` tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from replaykit.replay.workflows import Worker

__all__ = ["folders_of", "placed"]


def placed(
    workers: Sequence[Worker], workflow_type: str, task_queue: str, folders: Sequence[str] = ()
) -> Worker | None:
    """The worker that runs a workflow; None where there is none, or more than one.

    Args:
        workers: All of them.
        workflow_type: Of the run.
        task_queue: Of the run.
        folders: Names of the folders that hold its fixture.
    """
    polling = [worker for worker in workers if worker.config.polls(task_queue)]
    in_folder = [worker for worker in workers if worker.config.name in folders]
    for candidates in (polling, in_folder, workers):
        knowing = [worker for worker in candidates if worker.knows(workflow_type)]
        if knowing:
            return knowing[0] if len(knowing) == 1 else None
    return None


def folders_of(path: Path, root: Path) -> tuple[str, ...]:
    """Names of the folders between the project and a fixture; none for one outside of it."""
    path, root = path.resolve(), root.resolve()
    return path.relative_to(root).parts[:-1] if path.is_relative_to(root) else ()
