"""All Scenarios and worker setups of the gallery, found in its modules."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from functools import cache
from types import ModuleType

import tests.gallery
from tests.gallery.scenario import Scenario, WorkerSetup

__all__ = ["all_scenarios", "checked", "gallery_modules", "workers_of"]


@cache
def gallery_modules() -> tuple[ModuleType, ...]:
    """Every module that declares `SCENARIOS`, by name."""
    found = pkgutil.walk_packages(tests.gallery.__path__, prefix="tests.gallery.")
    modules = (importlib.import_module(info.name) for info in found)
    return tuple(module for module in modules if hasattr(module, "SCENARIOS"))


@cache
def all_scenarios() -> tuple[Scenario, ...]:
    """What every module of the gallery declares."""
    return checked(tuple(scenario for module in gallery_modules() for scenario in module.SCENARIOS))


def checked(scenarios: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
    """The same Scenarios.

    Raises:
        ValueError: Two of them share a workflow id, and so their fixtures.
    """
    ids = Counter(workflow_id for scenario in scenarios for workflow_id in scenario.workflow_ids)
    if twice := [workflow_id for workflow_id, count in ids.items() if count > 1]:
        raise ValueError(f"tests/gallery: workflow ids used twice: {', '.join(twice)}. Rename one of each.")
    return scenarios


def workers_of(scenarios: tuple[Scenario, ...]) -> dict[str, WorkerSetup]:
    """The worker setups that these Scenarios need, by task queue.

    Raises:
        ValueError: Two different setups poll one task queue.
    """
    setups: dict[str, WorkerSetup] = {}
    for scenario in scenarios:
        for setup in scenario.workers:
            if setups.setdefault(setup.task_queue, setup) != setup:
                raise ValueError(f"two worker setups poll {setup.task_queue!r}. Give each its own.")
    return setups
