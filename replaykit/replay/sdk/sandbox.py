"""Sandboxes that keep the modules they have imported: that of the SDK imports all of them for each run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

__all__ = ["Importer", "Keep", "Take", "instances_of", "own_modules"]

Importer: TypeAlias = Any
"""The SDK's object that holds the modules of one sandbox."""
Take: TypeAlias = Callable[[str], "Importer | None"]
"""Given the name of a workflow's module, the importer to go on with; None for a new one."""
Keep: TypeAlias = Callable[[str, Importer], None]
"""Given one that has just imported the module of that name."""
_NEEDED = ("_create_instance", "_run_code")


def instances_of(runner: WorkflowRunner, take: Take, keep: Keep) -> Callable[[Any], Any] | None:
    """What makes the sandboxed instances of a runner, with importers that are kept.

    Args:
        runner: The worker's.
        take: Asked before each instance.
        keep: Given each new importer, before any code of a run.

    Returns:
        Given the details of an instance, makes it. None for another kind of runner, and where this temporalio
        has other names inside.
    """
    if type(runner) is not SandboxedWorkflowRunner:
        return None
    try:
        module: Any = importlib.import_module("temporalio.worker.workflow_sandbox._runner")
    except ImportError:
        return None
    original = getattr(module, "_Instance", None)
    if original is None or not all(hasattr(original, name) for name in _NEEDED):
        return None

    base: Any = original

    class WarmInstance(base):  # type: ignore[misc]
        importer: Importer

        def _create_instance(self) -> None:
            cls = self.instance_details.defn.cls
            kept = take(cls.__module__) if cls.__module__ != "__main__" else None
            if kept is not None:
                self.importer = kept
            elif cls.__module__ != "__main__":  # which a sandbox has under another name
                # As the SDK does next, which then finds it.
                code = f"with __temporal_importer.applied():\n  from {cls.__module__} import {cls.__name__}\n"
                self._run_code(code, __temporal_importer=self.importer)
                keep(cls.__module__, self.importer)
            super()._create_instance()

    return lambda details: WarmInstance(details, runner.runner_class, runner.restrictions)


def own_modules(importer: Importer) -> list[ModuleType] | None:
    """The modules that a sandbox has imported for itself, and shares with nobody.

    Returns:
        None where that cannot be known: the names inside are others.
    """
    modules = getattr(importer, "new_modules", None)
    if not isinstance(modules, dict):
        return None
    found = []
    for name, module in modules.items():
        shared = sys.modules.get(name)
        if module is shared or name == "__main__":
            continue
        inner = module if type(module) is ModuleType else _guarded(module)
        if inner is None:
            return None
        if inner is not shared:
            found.append(inner)
    return found


def _guarded(module: object) -> ModuleType | None:
    """The module that a guard keeps workflow code from some names of."""
    try:
        inner = object.__getattribute__(module, "__temporal_state").obj
    except AttributeError:
        return None
    return inner if isinstance(inner, ModuleType) else None
