"""Whether a replay left something in this process that the next one could see; and that it does not."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import ModuleType

from replaykit.check.judge import Judge
from replaykit.check.questions import Spoiled
from replaykit.code.reached import reached, users_modules
from replaykit.replay.state import Change, Snapshot
from replaykit.replay.workers import Worker
from replaykit.trust import Finding, FindingKind

__all__ = ["Findings", "Leaks", "MakeElsewhere", "Spoiled", "finding_of", "import_early"]


Findings = Sequence[Finding]
"""What was noticed, each thing once."""
MakeElsewhere = Callable[[Sequence[str]], AbstractContextManager[Judge]]
"""Makes a judge that is not this process, given the modules that it has to import before its first replay."""


class Leaks:
    """Watches the globals of the user's modules, replay by replay, and undoes what a replay changed in them.

    What cannot be undone spoils this process: from then on another judge is asked, where there is one.

    Args:
        make_elsewhere: Makes the judge to ask, given the modules that it has to import first; it is closed
            with this.
        on_spoiled: Called where a replay left something; given in a process that does nothing but judge, so
            that nobody else changes anything between two replays.
    """

    def __init__(
        self, make_elsewhere: MakeElsewhere | None = None, on_spoiled: Callable[[Spoiled], None] | None = None
    ) -> None:
        self._make_elsewhere = make_elsewhere
        self._on_spoiled = on_spoiled
        self._snapshots: dict[str, Snapshot] = {}
        self._users: Mapping[str, ModuleType] = {}
        self._loaded = 0
        self._found: dict[Finding, None] = {}
        self._elsewhere: Judge | None = None
        self._closing = ExitStack()

    @property
    def findings(self) -> Findings:
        """What replays changed, here and in the child."""
        there = self._elsewhere.findings if self._elsewhere is not None else ()
        return tuple(dict.fromkeys((*self._found, *there)))

    @property
    def elsewhere(self) -> Judge | None:
        """What has to judge in place of this process, once that is spoiled."""
        return self._elsewhere

    def close(self) -> None:
        """Close the other judge; what it found is kept."""
        self._found.update(dict.fromkeys(self.findings))
        self._elsewhere = None
        self._closing.close()

    @contextmanager
    def watched(self, worker: Worker, workflow_type: str | None) -> Iterator[None]:
        """Around one replay; what changes outside of that is somebody else's.

        Args:
            worker: Whose code is replayed.
            workflow_type: Of the History.
        """
        snapshot = self._before(worker)
        yield
        late: tuple[str, ...] = ()
        if len(sys.modules) != self._loaded:
            late = tuple(name for name in users_modules() if name not in self._users)
        changes = snapshot.changed() if snapshot.is_changed else ()
        if late:  # an import may well set something of the process, once
            changes = tuple(change for change in changes if change.module in self._users)
        if not changes and not late:
            return
        is_undone = snapshot.restore() and not late
        if not is_undone:
            self._snapshots.clear()
        findings = tuple(
            finding_of(change, worker.config.name, workflow_type or "a run") for change in changes
        )
        self._note(Spoiled(findings=findings, imported=late, is_undone=is_undone))

    def _before(self, worker: Worker) -> Snapshot:
        """What the globals hold that the code of a worker reaches."""
        if len(sys.modules) != self._loaded:
            self._loaded = len(sys.modules)
            users = users_modules()
            if users.keys() != self._users.keys():
                self._users = users
                self._snapshots.clear()
        snapshot = self._snapshots.get(worker.config.name)
        if snapshot is None or (self._on_spoiled is None and snapshot.is_changed):
            given = (*worker.interceptors, *worker.plugins, worker.workflow_runner, worker.data_converter)
            names = {cls.__module__ for cls in (*worker.workflows, *map(type, given))}
            snapshot = self._snapshots[worker.config.name] = Snapshot(reached(names, self._users))
        return snapshot

    def _note(self, spoiled: Spoiled) -> None:
        self._found.update(dict.fromkeys(spoiled.findings))
        if self._on_spoiled is not None:
            self._on_spoiled(spoiled)
        if self._make_elsewhere is not None and not spoiled.is_undone:
            self._elsewhere = self._closing.enter_context(self._make_elsewhere(spoiled.imported))


def finding_of(change: Change, worker: str, workflow_type: str) -> Finding:
    """What is reported about a changed global.

    Args:
        change: The global.
        worker: Name of the worker whose code changed it.
        workflow_type: Of the run that did.
    """
    return Finding(
        kind=FindingKind.SHARED_STATE,
        subject=f"{change.module}.{change.name}",
        worker=worker,
        detail=workflow_type,
        message=f"{change.module}.{change.name} changed during {workflow_type}: "
        "other runs of the same worker see it",
        cure="Keep it in the workflow instance (self), or let an activity answer it. Here each history was\n"
        "judged as the first one of its worker",
    )


def import_early(names: Collection[str]) -> None:
    """Import modules that a replay would be the first to import; one that does not import is left to it.

    Args:
        names: Their dotted names.
    """
    for name in names:
        with suppress(Exception):
            importlib.import_module(name)
