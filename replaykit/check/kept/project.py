"""What the Verdicts of a project depend on, as far as its files show it: nothing of it is run."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from replaykit.check.kept.surroundings import (
    Parts,
    is_library,
    setting_parts,
    state_of,
    surrounding_parts,
    variable_parts,
)
from replaykit.code.needed import Needed, NeededFile
from replaykit.code.needs import Needs
from replaykit.config import Config, WorkerConfig
from replaykit.paths import display, real

__all__ = ["Project"]

_OURS = frozenset({"replaykit", "temporalio"})
"""Their releases count, and nobody's code below them."""


class Project:
    """The files of a project as they are now, and what of them each workflow can come to.

    A Verdict depends on what its workflow's module imports, on what its worker is made of, and on whatever
    else a process of that project loads and that can change something outside of itself while it is imported.

    Args:
        config: The project.
        path: `sys.path` of the process that judges.
        door: Who has it judge, in a word.
        seed: The hash seed that was asked for, where one was.
        loaded: Files that this process has loaded of the user's, such as a conftest.py: they count for all.
        known: What is known of files already.
        traced: Whether what the code opens is seen while it runs.
    """

    def __init__(
        self,
        config: Config,
        *,
        path: Sequence[str],
        door: str,
        seed: int | None = None,
        loaded: Iterable[str] = (),
        known: Mapping[str, Needs] | None = None,
        traced: bool = True,
    ) -> None:
        self._config = config
        self._traced = traced
        named = [config.root / entry for worker in config.workers for entry in worker.path]
        first = [str(folder.resolve()) for folder in (*named, config.root, config.root / "src")]
        folders = [folder for folder in path if not is_library(folder) and folder not in first]
        libraries = [folder for folder in path if folder not in folders and folder not in first]
        self._archives = [entry for entry in folders if Path(entry).is_file()]
        specs = {name.partition(":")[0] for worker in config.workers for name in _specs(worker)}
        self.needed = Needed(
            [*first, *folders],
            libraries,
            own={spec.partition(".")[0] for worker in config.workers for spec in worker.workflows} - _OURS,
            known=known,
        )
        self._installed = {top for folder in libraries for top in self.needed.tops(folder)} | _OURS
        self._parts_of: dict[tuple[str, str], Parts] = {}
        self._places: dict[tuple[str, str], set[Path]] = {}
        self._closures: dict[tuple[str, ...], tuple[dict[str, NeededFile], set[str]]] = {}
        theirs = {top for folder in (*first, *folders) for top in self.needed.tops(folder)}
        shadowing = sorted((theirs & self._installed) - _OURS)
        whole = [*self._roots(config.workers), *shadowing]
        setups = [worker.setup.partition(":")[0] for worker in config.workers if worker.setup]
        self._files, self._elsewhere = self._closure(whole)
        self._missing = sorted(spec for spec in specs if not self._is_there(spec))
        self._common = self._shared([*setups, *shadowing])
        self._loaded = sorted(loaded)
        self.common: Parts = {
            **surrounding_parts(path, door),
            "hash seed": str(seed),
            **setting_parts(config),
            "imported libraries": " ".join(sorted(self._elsewhere - sys.stdlib_module_names)),
            **{f"file {display(file, config.root)}": state_of(file) for file in self._loaded},
        }
        """What every Verdict of it depends on."""

    def of(self, worker: str, module: str) -> Parts:
        """What else the Verdicts on one workflow depend on.

        Args:
            worker: Name of its worker.
            module: Dotted name of the module that defines its class.
        """
        key = (worker, module)
        if key not in self._parts_of:
            self._parts_of[key] = self._parts(self._files_of(worker, module))
        return self._parts_of[key]

    @property
    def whole(self) -> Parts:
        """What depends on all workers: which workflows there are."""
        return self._parts(self._files)

    def unclear(self, worker: str, module: str) -> str | None:
        """Why it is not clear what the Verdicts on a workflow depend on; None where it is."""
        return self._unclear_everywhere or self._unclear_in(self._files_of(worker, module))

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that its workers can load, as far as their imports show it."""
        return (*self._files, *self._loaded)

    def has(self, worker: str, module: str, file: str | None) -> bool:
        """Whether a module that was loaded from a file is found there by its name."""
        key = (worker, module)
        if key not in self._places:
            self._places[key] = {real(path) for path in self._files_of(worker, module)}
        return file is not None and real(file) in self._places[key]

    @property
    def unclear_whole(self) -> str | None:
        """The same of which workflows there are."""
        return self._unclear_everywhere or self._unclear_in(self._files)

    @property
    def _unclear_everywhere(self) -> str | None:
        if self._archives:
            return f"{self._archives[0]} on the import path is no folder"
        if self._missing:
            return f"{self._missing[0]} is in no folder of the import path"
        # Such a link brings modules that no folder of the import path has.
        unknown = sorted(self._elsewhere - self._installed - sys.stdlib_module_names)
        is_hooked = any(top.startswith("__editable__") for top in self._installed)
        return (
            f"{unknown[0]} is imported, and in no folder of the import path"
            if unknown and is_hooked
            else None
        )

    def _unclear_in(self, files: Mapping[str, NeededFile]) -> str | None:
        for path in sorted(files):
            needs = files[path].needs
            for why in needs.unclear:
                return f"{display(path, self._config.root)} {why}"
            if needs.reads_files and not self._traced:
                return f"{display(path, self._config.root)} opens files"
        return None

    def _files_of(self, worker: str, module: str) -> Mapping[str, NeededFile]:
        config = next((each for each in self._config.workers if each.name == worker), None)
        names = [] if config is None else [name.partition(":")[0] for name in _parts_of(config)]
        return {**self._common, **self._closure([module, *names])[0]}

    def _parts(self, files: Mapping[str, NeededFile]) -> Parts:
        variables = sorted({name for file in files.values() for name in file.needs.variables})
        root = self._config.root
        return {
            **{f"file {display(path, root)}": file.digest for path, file in files.items()},
            **variable_parts(variables),
        }

    def _shared(self, names: Sequence[str]) -> dict[str, NeededFile]:
        """The files that can change something for all others: what a process imports is imported for all."""
        if any(file.needs.has_hooks for file in self._files.values()):
            return self._files
        files = dict(self._closure(names)[0])
        for path, file in self._files.items():
            if file.needs.reaches_out or file.needs.unclear_at_import:
                files[path] = file
                files.update(self._closure([file.name])[0])
        return files

    def _closure(self, names: Iterable[str]) -> tuple[dict[str, NeededFile], set[str]]:
        key = tuple(sorted({name for name in names if name.partition(".")[0] not in _OURS}))
        if key not in self._closures:
            self._closures[key] = self.needed.closure(key)
        return self._closures[key]

    def _roots(self, workers: Iterable[WorkerConfig]) -> Iterator[str]:
        """The modules that workers are loaded from: a package stands for all that is in it."""
        for worker in workers:
            for spec in _specs(worker):
                name, colon, _ = spec.partition(":")
                yield name
                if not colon:
                    yield from self.needed.below(name)

    def _is_there(self, name: str) -> bool:
        is_found = self.needed.at(name) or self.needed.has_folder(name)
        return bool(is_found) or name.partition(".")[0] in self._installed


def _specs(worker: WorkerConfig) -> Iterator[str]:
    """All that names code of a worker."""
    yield from worker.workflows
    yield from _parts_of(worker)
    if worker.setup:
        yield worker.setup


def _parts_of(worker: WorkerConfig) -> Iterator[str]:
    """What names code that stands around each of its runs."""
    yield from worker.interceptors
    yield from worker.plugins
    yield from (name for name in worker.workflow_failure_exception_types if ":" in name)
    yield from filter(None, (worker.data_converter, worker.workflow_runner))
