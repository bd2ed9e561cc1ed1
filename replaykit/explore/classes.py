"""The code to explore, from classes instead of a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from replaykit.config import WorkerConfig
from replaykit.explore.values.signatures import workflow_name
from replaykit.replay.workers import Worker

__all__ = ["worker_of"]


def worker_of(classes: Sequence[type], **options: Any) -> Worker:
    """A worker that runs these workflow classes.

    Args:
        classes: Classes with `@workflow.defn`.
        **options: Whatever else a worker is given, as `Worker` names it: `data_converter`, `interceptors`,
            `plugins`, `workflow_runner`, `workflow_failure_exception_types`.
    """
    names = [workflow_name(cls) for cls in classes]
    return Worker(
        config=WorkerConfig(),
        workflows=tuple(classes),
        names=tuple(sorted(name for name in names if name is not None)),
        has_dynamic=None in names,
        **{name: value for name, value in options.items() if value is not None},
    )
