"""Which worker's code a History belongs to, where a project has several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from replaykit.replay.workers import Worker

__all__ = ["folders_of", "workers_of"]


def workers_of(
    workers: Sequence[Worker], workflow_type: str, task_queue: str, folders: Sequence[str] = ()
) -> tuple[Worker, ...]:
    """The workers that a run may be of: one where it is clear, none where no worker knows its type.

    The worker of its task queue, else of its fixture's folder, else the one that knows its type. The only one
    that polls the queue is the answer even if it does not know the type: then nothing else does there either.

    Args:
        workers: All of them.
        workflow_type: Of the run.
        task_queue: Of the run.
        folders: Names of the folders that hold its fixture.
    """
    polling = [worker for worker in workers if worker.config.polls(task_queue)]
    in_folder = [worker for worker in workers if worker.config.name in folders]
    for candidates in (polling, in_folder, workers):
        knowing = tuple(worker for worker in candidates if worker.knows(workflow_type))
        if knowing:
            return knowing
        if candidates is polling and len(polling) == 1:
            return (polling[0],)
    return ()


def folders_of(path: Path | None, root: Path) -> tuple[str, ...]:
    """Names of the folders between the project and a fixture; none for one outside of it, or of no file."""
    if path is None or not path.resolve().is_relative_to(root.resolve()):
        return ()
    return path.resolve().relative_to(root.resolve()).parts[:-1]
