"""The workers of a project, and which of them a History belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.check.known import Fixture, Registered
from replaykit.config import Config
from replaykit.errors import HistoryError
from replaykit.history import History, read_history
from replaykit.limits import Limits
from replaykit.paths import display, folders_of
from replaykit.replay.workers import Worker, load_worker

__all__ = ["NoWorker", "Workers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NoWorker:
    """There is no one worker that a History belongs to."""

    message: str
    """Why: no worker has its type, or several have it and nothing decides between them; and the cure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workers:
    """Workers, loaded."""

    each: tuple[Worker, ...]
    root: Path
    """The project: the folders between it and a fixture can name a worker."""

    @classmethod
    def load(cls, config: Config) -> Workers:
        """Import the code of every configured worker.

        Raises:
            WorkflowCodeError: Some of it cannot be loaded.
        """
        return cls(each=tuple(load_worker(config, worker) for worker in config.workers), root=config.root)

    @property
    def registered(self) -> tuple[Registered, ...]:
        """Every workflow of the workers, in their order; a dynamic one last."""
        return tuple(
            Registered(worker=worker.config.name, workflow_type=name)
            for worker in self.each
            for name in (*worker.names, *((None,) if worker.has_dynamic else ()))
        )

    def of(self, history: History) -> Worker | NoWorker:
        """The worker that judges a History, as `of_run` chooses it."""
        return self.of_run(history.workflow_type, history.task_queue, path=history.path)

    def of_run(
        self, workflow_type: str | None, task_queue: str | None, *, path: Path | None = None
    ) -> Worker | NoWorker:
        """The worker of a run.

        That of its task queue, else of its fixture's folder, else the one that knows its type. The only one
        there is, or the only one that polls the queue, is the answer even if it does not know the type: then
        nothing else does there either.

        Args:
            workflow_type: Of the run.
            task_queue: Of the run.
            path: Its fixture, where it has one.
        """
        if len(self.each) == 1:
            return self.each[0]
        found = self._candidates(workflow_type or "", task_queue or "", folders_of(path, self.root))
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(worker.config.name for worker in found)
            return NoWorker(
                message=f"workers {names} all have a workflow type {workflow_type!r}, and task queue "
                f"{task_queue!r} does not decide between them. Add it to the task_queues of one, "
                "or pass --worker NAME"
            )
        known = sorted({name for worker in self.each for name in worker.names})
        return NoWorker(
            message=f"no worker has a workflow type {workflow_type!r}. Configured are: {', '.join(known)}. "
            "Add its module to the workflows of one"
        )

    def running(self, history: History) -> Worker | None:
        """The worker that has the workflow of a History; None where none has, or more than one."""
        worker = self.of(history)
        return worker if isinstance(worker, Worker) and worker.knows(history.workflow_type or "") else None

    def known(self, path: Path, limits: Limits) -> Fixture:
        """What is known of a file without a replay."""
        try:
            history = read_history(path, limits=limits)
        except HistoryError:
            return Fixture(history=display(path), workflow_type=None, worker=None)
        worker = self.running(history)
        return Fixture(
            history=display(path),
            workflow_type=history.workflow_type,
            worker=worker.config.name if worker is not None else None,
        )

    def _candidates(self, workflow_type: str, task_queue: str, folders: Sequence[str]) -> Sequence[Worker]:
        polling = [worker for worker in self.each if worker.config.polls(task_queue)]
        in_folder = [worker for worker in self.each if worker.config.name in folders]
        for candidates in (polling, in_folder, self.each):
            knowing = [worker for worker in candidates if worker.knows(workflow_type)]
            if knowing:
                return knowing
            if candidates is polling and len(polling) == 1:
                return polling
        return ()
