"""The workers of a project, and which of them a History belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.check.known import Fixture, Registered, RunBy
from replaykit.code.definitions import Definition, find_definitions
from replaykit.config import Config, WorkerConfig
from replaykit.errors import HistoryError, WorkflowCodeError
from replaykit.history import History, read_history
from replaykit.limits import Limits
from replaykit.paths import display, folders_of
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.workers import Worker, load_worker
from replaykit.verdict import Outcome, Reason

__all__ = ["NoWorker", "Workers", "left_out"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NoWorker:
    """There is no one worker that can judge a History."""

    message: str
    """Why: no worker has its type, several have it and nothing decides between them, or the code of the one
    that has it cannot be loaded; and the cure."""
    is_broken: bool = False
    """Whether that is for code that cannot be loaded."""


class Workers:
    """The workers of a project, each loaded when a History first needs it.

    One whose code cannot be loaded costs its own Histories alone. Where it is the only worker that there is,
    nothing can be judged, and the error is raised at once.

    Args:
        config: The project.
        on_load: Called with the name of a worker before its code is imported.
        given: Those that are loaded already.

    Raises:
        WorkflowCodeError: The code of the only worker cannot be loaded.
    """

    def __init__(
        self,
        config: Config,
        *,
        on_load: Callable[[str], None] | None = None,
        given: Sequence[Worker] = (),
    ) -> None:
        self._config = config
        self._on_load = on_load
        self._broken: dict[str, str] = {}
        self._loaded: dict[str, Worker] = {worker.config.name: worker for worker in given}
        self._defined: dict[Path, Sequence[Definition]] = {}
        if len(config.workers) == 1 and not given:
            self._loaded[config.workers[0].name] = load_worker(config, config.workers[0])

    @classmethod
    def loaded(cls, each: Sequence[Worker], *, root: Path) -> Workers:
        """Workers that are loaded already.

        Args:
            each: The workers.
            root: The project: the folders between it and a fixture can name a worker.
        """
        return cls(Config(root=root, workers=tuple(worker.config for worker in each)), given=each)

    def give_up(self, broken: Mapping[str, str]) -> None:
        """Never load these: another process has not survived it.

        Args:
            broken: What is known of each, by its name.
        """
        self._broken.update(broken)

    def every(self) -> tuple[Worker, ...]:
        """All of them, loaded.

        Raises:
            WorkflowCodeError: Some cannot be; the message has what is wrong with each.
        """
        able, broken = self.able()
        if broken:
            raise WorkflowCodeError("\n".join(broken.values()))
        return able

    def able(self) -> tuple[tuple[Worker, ...], Mapping[str, str]]:
        """Those that can be loaded, and by the names of the others what is wrong with them."""
        found = {config.name: self._get(config) for config in self._config.workers}
        return (
            tuple(each for each in found.values() if isinstance(each, Worker)),
            {name: each.message for name, each in found.items() if isinstance(each, NoWorker)},
        )

    def registered(self, *, whole: bool) -> tuple[Registered, ...]:
        """Every workflow of every worker, in their order, a dynamic one last.

        Args:
            whole: Load every worker for it. Of one that is not loaded, or cannot be, there is what its source
                shows.
        """
        return tuple(
            Registered(worker=config.name, workflow_type=name, code=code)
            for config in self._config.workers
            for name, code in self._names(config, load=whole)
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
        configs = self._config.workers
        polling = [config for config in configs if config.polls(task_queue or "")]
        if len(configs) == 1 or len(polling) == 1:
            return self._get((*polling, *configs)[0])
        folders = folders_of(path, self._config.root)
        in_folder = [config for config in configs if config.name in folders]
        for candidates in (polling, in_folder, configs):
            found, broken = self._knowing(candidates, workflow_type or "")
            if broken:  # no other worker stands in for one that cannot be loaded
                return NoWorker(message="; ".join(broken), is_broken=True)
            if len(found) == 1:
                return found[0]
            if found:
                return _several(found, workflow_type, task_queue)
        return self._none(workflow_type)

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

    def _knowing(
        self, candidates: Sequence[WorkerConfig], workflow_type: str
    ) -> tuple[list[Worker], list[str]]:
        """Those that have the workflow, and what is wrong with others that may have it.

        Where the source shows one candidate that defines it, no other is imported. One that has it by name
        goes before one that takes any type.
        """
        defining = [config for config in candidates if workflow_type in self._in_source(config)]
        if len(defining) == 1:
            only = self._get(defining[0])
            if isinstance(only, NoWorker):
                return [], [only.message]
            if workflow_type in only.names:
                return [only], []
        found = {config.name: self._get(config) for config in candidates}
        able = [worker for worker in found.values() if isinstance(worker, Worker)]
        named = [worker for worker in able if workflow_type in worker.names]
        knowing = named or [worker for worker in able if worker.has_dynamic]
        broken = [
            each.message
            for config in candidates
            if isinstance(each := found[config.name], NoWorker)
            and (config in defining or not (knowing or self._in_source(config)))
        ]
        return knowing, broken

    def _get(self, config: WorkerConfig) -> Worker | NoWorker:
        name = config.name
        if name not in self._loaded and name not in self._broken:
            if self._on_load is not None:
                self._on_load(name)
            try:
                self._loaded[name] = load_worker(self._config, config)
            except WorkflowCodeError as error:
                self._broken[name] = str(error)
        if name in self._loaded:
            return self._loaded[name]
        return NoWorker(message=f"worker {name!r} cannot be loaded: {self._broken[name]}", is_broken=True)

    def _names(self, config: WorkerConfig, *, load: bool) -> Iterator[tuple[str | None, RunBy | None]]:
        worker = self._get(config) if load else self._loaded.get(config.name)
        if not isinstance(worker, Worker):
            yield from ((name, None) for name in sorted(self._in_source(config)))
            return
        classes = {name: cls for cls, name in worker.types.items()}
        for name in (*worker.names, *([None] if worker.has_dynamic else [])):
            cls = classes.get(name)
            yield name, None if cls is None else RunBy.of(cls)

    def _in_source(self, config: WorkerConfig) -> set[str]:
        """The workflow types of a worker, as far as the source of the project shows them."""
        root = self._config.root
        return {
            each.workflow_type
            for folder in (root, *(root / path for path in config.path))
            for each in self._definitions(folder)
            if each.workflow_type is not None and any(_is_of(each, spec) for spec in config.workflows)
        }

    def _definitions(self, folder: Path) -> Sequence[Definition]:
        if folder not in self._defined:
            specs = {spec for config in self._config.workers for spec in config.workflows}
            self._defined[folder] = find_definitions(folder, of=specs)
        return self._defined[folder]

    def _none(self, workflow_type: str | None) -> NoWorker:
        known = sorted({name for worker in self._loaded.values() for name in worker.names})
        return NoWorker(
            message=f"no worker has a workflow type {workflow_type!r}. Configured are: {', '.join(known)}. "
            "Add its module to the workflows of one"
        )


def _is_of(definition: Definition, spec: str) -> bool:
    """Whether an entry of `workflows` registers a class."""
    _, colon, name = spec.partition(":")
    return definition.is_covered_by(spec) and (not colon or name == definition.class_name)


def _several(found: Sequence[Worker], workflow_type: str | None, task_queue: str | None) -> NoWorker:
    names = ", ".join(worker.config.name for worker in found)
    return NoWorker(
        message=f"workers {names} all have a workflow type {workflow_type!r}, and task queue "
        f"{task_queue!r} does not decide between them. Add it to the task_queues of one, "
        "or pass --worker NAME"
    )


def left_out(history: History) -> Diagnosis:
    """What comes of a History whose workflow is configured, and was not chosen on the command line."""
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.UNKNOWN_WORKFLOW,
        message=f"this run leaves workflow type {history.workflow_type!r} out: "
        "the command line chose other workflows",
    )
