"""Warm sandboxes: the modules that a sandbox has imported are kept, as long as no run left a trace in them.

The SDK's sandbox imports the workflow's module, and all that it imports, for each run. That keeps runs
apart, and is most of what a replay costs where a module holds many classes. Here they are kept, and looked
through before each run: what they hold has to be what they held after the import. At the first trace they are
thrown away, and so are those of which not everything can be seen. A run is so in no other state than in a
sandbox of its own.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from replaykit.replay.sdk.sandbox import Importer, instances_of, own_modules
from replaykit.replay.state import Change, Snapshot

__all__ = ["Trace", "Warmth", "instance_maker"]

_MOST_TRACES = 2
"""After so many, a module is imported for each run, and not looked through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What a run left in a module of its sandbox, or why nobody can know."""

    module: str
    """Of the workflow."""
    changes: tuple[Change, ...] = ()
    """Globals that hold something else; none where not everything could be seen."""


@dataclass(kw_only=True, slots=True)
class _Kept:
    """One sandbox's modules."""

    importer: Importer
    snapshot: Snapshot
    count: int
    """How many modules there were."""


@dataclass(kw_only=True)
class Warmth:
    """The sandboxes of one Replayer, by the module of their workflow."""

    traces: list[Trace] = field(default_factory=list)
    """What runs left, in order."""
    reused: int = 0
    """Runs that had the modules of an earlier one."""
    made: int = 0
    """Those for which all was imported."""
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _cold: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, some: Iterable[Warmth]) -> Warmth:
        """What several came to."""
        all_of = cls()
        for each in some:
            all_of.traces += each.traces
            all_of.reused += each.reused
            all_of.made += each.made
        return all_of

    def take(self, name: str) -> Importer | None:
        """The modules to go on with; None where they have to be imported.

        Args:
            name: Of the workflow's module.
        """
        kept = self._kept.get(name)
        if kept is None:
            return None
        modules = own_modules(kept.importer)
        if modules is not None and len(modules) == kept.count and not kept.snapshot.is_changed:
            self.reused += 1
            return kept.importer
        self._note(name, Trace(module=name, changes=kept.snapshot.changed()))
        return None

    def keep(self, name: str, importer: Importer) -> None:
        """Keep what was just imported, if all of it can be looked through.

        Args:
            name: Of the workflow's module.
            importer: What holds the modules.
        """
        self.made += 1
        if self._cold.get(name, 0) >= _MOST_TRACES:
            return
        modules: list[ModuleType] | None = own_modules(importer)
        if modules is None:
            return
        snapshot = Snapshot(modules, thorough=True)
        if snapshot.is_whole:
            self._kept[name] = _Kept(importer=importer, snapshot=snapshot, count=len(modules))
        else:
            self._cold[name] = _MOST_TRACES

    def _note(self, name: str, trace: Trace) -> None:
        del self._kept[name]
        self._cold[name] = self._cold.get(name, 0) + 1
        self.traces.append(trace)


def instance_maker(
    runner: WorkflowRunner, warmth: Warmth | None
) -> Callable[[WorkflowInstanceDetails], WorkflowInstance]:
    """What makes the instances of a runner: in warm sandboxes, where it is the SDK's own sandboxed one.

    Args:
        runner: The worker's.
        warmth: What is kept; None for nothing.
    """
    make = instances_of(runner, warmth.take, warmth.keep) if warmth is not None else None
    if make is None:
        return runner.create_instance

    def made(details: WorkflowInstanceDetails) -> WorkflowInstance:
        instance: WorkflowInstance = make(details)
        activate = instance.activate

        def in_own_context(act: WorkflowActivation) -> WorkflowActivationCompletion:
            """Variables that the code sets outside its tasks are gone with the activation."""
            return contextvars.copy_context().run(activate, act)

        instance.activate = in_own_context  # type: ignore[method-assign]
        return instance

    return made
