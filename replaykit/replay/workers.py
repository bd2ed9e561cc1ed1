"""Finding the workflow code: importing what the configuration names, and finding classes by type name.

A workflow type name is unique within one worker only, so everything here is per worker.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from replaykit.code.classes import place_of
from replaykit.code.definitions import find_definitions
from replaykit.code.importing import (
    add_import_paths,
    ensure_loaded_from,
    import_with_submodules,
    prepare,
    resolve,
)
from replaykit.config import Config, WorkerConfig
from replaykit.errors import WorkflowCodeError
from replaykit.replay.configured import (
    DATA_CONVERTER,
    INTERCEPTOR,
    PLUGIN,
    WORKFLOW_RUNNER,
    Expected,
    exception_type,
    object_of,
)
from replaykit.replay.sdk.definitions import workflow_definition
from replaykit.whose_code import own_modules

__all__ = ["Worker", "converter_of", "load_worker"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """A worker's code, imported: what a Replayer is given."""

    config: WorkerConfig
    workflows: tuple[type, ...]
    names: tuple[str, ...]
    """Workflow type names, sorted; a dynamic workflow has none."""
    has_dynamic: bool
    data_converter: Any = None
    interceptors: tuple[Any, ...] = ()
    plugins: tuple[Any, ...] = ()
    workflow_runner: Any = None
    workflow_failure_exception_types: tuple[type[BaseException], ...] = ()

    @property
    def types(self) -> dict[type, str | None]:
        """By class, the name of its workflow type; None for a dynamic workflow."""
        return {cls: _type_of(cls) for cls in self.workflows}

    def knows(self, workflow_type: str) -> bool:
        return self.has_dynamic or workflow_type in self.names

    def names_like(self, workflow_type: str) -> list[str]:
        """Known type names that resemble that one, nearest first."""
        return difflib.get_close_matches(workflow_type, self.names, n=3, cutoff=0.5)


def load_worker(config: Config, worker: WorkerConfig) -> Worker:
    """Import everything that a worker is made of.

    Args:
        config: The whole configuration: its root is where modules are imported from.
        worker: The worker to load.

    Raises:
        WorkflowCodeError: A module or attribute is missing or does not import, holds no workflow or is not
            what its key expects, two classes share one type name, or nothing is configured at all.
    """
    if not worker.workflows:
        raise _nothing_configured(config, worker)
    add_import_paths(config.root, worker.path)
    if worker.setup is not None:
        prepare(worker.setup, where=_where(worker, "setup"))
    classes: dict[type, str] = {}
    for spec in worker.workflows:
        found = list(_classes_of(spec, where=_where(worker, "workflows")))
        if not found:
            raise WorkflowCodeError(
                "no class with @workflow.defn in this module",
                where=_where(worker, f"workflows: {spec!r}"),
                cure="Name the module that defines the workflow class, or module:Class.",
            )
        for cls in found:
            classes.setdefault(cls, spec)
    ensure_loaded_from(config.root, worker.path, classes.values(), where=_where(worker, "path"))
    names = _names(classes, worker)
    own_modules(cls.__module__ for cls in classes)
    return Worker(
        config=worker,
        workflows=tuple(classes),
        names=tuple(sorted(name for name in names if name is not None)),
        has_dynamic=None in names,
        data_converter=_only(worker, "data_converter", DATA_CONVERTER),
        interceptors=_all(worker, "interceptors", INTERCEPTOR),
        plugins=_all(worker, "plugins", PLUGIN),
        workflow_runner=_only(worker, "workflow_runner", WORKFLOW_RUNNER),
        workflow_failure_exception_types=tuple(
            exception_type(spec, where=_where(worker, "workflow_failure_exception_types"))
            for spec in worker.workflow_failure_exception_types
        ),
    )


def converter_of(config: Config, cls: type) -> Any:
    """The data converter that a project gives a class: that of the workers whose workflows name its module.

    Args:
        config: The project's.
        cls: A workflow class; one that no worker names has what all workers share.

    Returns:
        None where the SDK's own default is meant.

    Raises:
        WorkflowCodeError: It cannot be loaded, is something else, or those workers have several.
    """
    naming = [
        worker for worker in config.workers if any(_names_module_of(spec, cls) for spec in worker.workflows)
    ]
    by_spec = {worker.data_converter: worker for worker in naming or [config.shared]}
    if len(by_spec) > 1:
        names = ", ".join(worker.name for worker in naming)
        raise WorkflowCodeError(
            f"workers {names} run {cls.__module__}, and their data_converter is not the same",
            where=str(config.file),
            cure="Pass the one that is meant: data_converter=CONVERTER.",
        )
    (worker,) = by_spec.values()
    if worker.data_converter is None:
        return None
    add_import_paths(config.root, worker.path)
    if worker.setup is not None:
        prepare(worker.setup, where=_where(worker, "setup"))
    return _only(worker, "data_converter", DATA_CONVERTER)


def _names_module_of(spec: str, cls: type) -> bool:
    module = spec.partition(":")[0]
    return cls.__module__ == module or cls.__module__.startswith(f"{module}.")


def _only(worker: WorkerConfig, key: str, expected: Expected) -> Any:
    spec: str | None = getattr(worker, key)
    return object_of(spec, expected, where=_where(worker, key)) if spec else None


def _all(worker: WorkerConfig, key: str, expected: Expected) -> tuple[Any, ...]:
    return tuple(object_of(spec, expected, where=_where(worker, key)) for spec in getattr(worker, key))


def _classes_of(spec: str, *, where: str) -> Iterator[type]:
    if ":" in spec:
        cls = resolve(spec, where=where)
        if not _is_workflow(cls):
            raise WorkflowCodeError(
                "not a class with @workflow.defn",
                where=f"{where}: {spec!r}",
                cure="Decorate it, or name another.",
            )
        yield cls
        return
    for module in import_with_submodules(spec, where=where):
        for cls in vars(module).values():
            if _is_workflow(cls) and not inspect.isabstract(cls):
                yield cls


def _is_workflow(value: Any) -> bool:
    return isinstance(value, type) and workflow_definition(value) is not None


def _type_of(cls: type) -> str | None:
    definition = workflow_definition(cls)
    assert definition is not None, cls
    return definition.name


def _names(classes: Iterable[type], worker: WorkerConfig) -> set[str | None]:
    seen: dict[str | None, type] = {}
    for cls in classes:
        name = _type_of(cls)
        if name in seen:
            what = f"two classes are workflow type {name!r}" if name else "two dynamic workflows"
            raise WorkflowCodeError(
                f"{what}: {place_of(seen[name])} and {place_of(cls)}",
                where=_where(worker, "workflows"),
                cure="Name the one that this worker runs as module:Class, or give each its own "
                "[[tool.replaykit.worker]].",
            )
        seen[name] = cls
    return set(seen)


def _where(worker: WorkerConfig, key: str) -> str:
    return f"[tool.replaykit] {key}" if worker.name == "default" else f"worker {worker.name!r}: {key}"


def _nothing_configured(config: Config, worker: WorkerConfig) -> WorkflowCodeError:
    found = find_definitions(config.root)
    if not found:
        return WorkflowCodeError(
            "no workflows are configured, and no class with @workflow.defn was found in the source",
            where=str(config.root),
            cure="Run replaykit from the project that defines them, or pass --workflows MODULE.",
        )
    tables = sorted({each for entry in found for each in _tables_above(config.root, entry.file)})
    if tables and not config.is_configured:
        return WorkflowCodeError(
            "no workflows are configured here",
            where=_where(worker, "workflows"),
            cure=f"There is a [tool.replaykit] table in {', '.join(f'{t}/pyproject.toml' for t in tables)}: "
            f"run replaykit in that folder (cd {tables[0]}).",
        )
    listing = "\n".join(f"  {entry.file}:{entry.line}  {entry.class_name}" for entry in found[:10])
    more = f"\n  and {len(found) - 10} more" if len(found) > 10 else ""
    modules = ", ".join(f'"{module}"' for module in _modules_of(found[:10]))
    table = "[tool.replaykit]" if worker.name == "default" else "[[tool.replaykit.worker]]"
    return WorkflowCodeError(
        "no workflows are configured",
        where=_where(worker, "workflows"),
        cure=f"The source defines:\n\n{listing}{more}\n\nRun `replaykit init`, or add to pyproject.toml:\n\n"
        f"{table}\nworkflows = [{modules}]",
    )


def _tables_above(root: Path, file: Path) -> Iterator[str]:
    """The folders between a project and one of its files that are projects of ours."""
    for folder in list(file.parents)[:-1]:
        with suppress(OSError, ValueError):
            if "[tool.replaykit" in (root / folder / "pyproject.toml").read_text(encoding="utf-8"):
                yield folder.as_posix()


def _modules_of(found: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(entry.module for entry in found))
