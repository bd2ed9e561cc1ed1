"""What `[tool.replaykit]` holds, as frozen values. Everything that names code stays a string here."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from replaykit.config.strict_fields import ignores_all
from replaykit.errors import ConfigError
from replaykit.limits import DEFAULT_LIMITS, Limits
from replaykit.verdict import Severity

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "Config",
    "ExploreConfig",
    "GateConfig",
    "StrictPolicy",
    "StrictRules",
    "Waiver",
    "WorkerConfig",
    "is_deadline",
]

DEFAULT_TIMEOUT_S = 60.0
"""Deadline of one replay, in seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerConfig:
    """What one Temporal worker is made of: all that a Replayer needs to match it."""

    name: str = "default"
    """What `--worker` chooses it by, and the name of its folder of fixtures."""
    task_queues: tuple[str, ...] = ()
    """Patterns (`billing-*`) of the task queues that it polls; empty for any."""
    workflows: tuple[str, ...] = ()
    """`module`, scanned for `@workflow.defn` classes, or `module:Class`."""
    data_converter: str | None = None
    """`module:attribute`, as everything below; the SDK's default where there is none."""
    interceptors: tuple[str, ...] = ()
    """Objects, or classes that are made without arguments."""
    plugins: tuple[str, ...] = ()
    """Worker plugins: objects, or classes that are made without arguments."""
    workflow_runner: str | None = None
    """The SDK's sandbox where there is none."""
    workflow_failure_exception_types: tuple[str, ...] = ()
    """Exception classes; builtin ones by their bare name."""
    path: tuple[str, ...] = ()
    """Folders, relative to the project, that its modules are imported from first."""
    setup: str | None = None
    """`module:function`, called before any other code of the worker is imported."""

    def polls(self, task_queue: str) -> bool:
        """Ask whether it takes tasks from a task queue.

        Args:
            task_queue: Its name.

        Returns:
            Whether one of its patterns fits; False where it has none.
        """
        return any(fnmatchcase(task_queue, pattern) for pattern in self.task_queues)


@dataclass(frozen=True, kw_only=True, slots=True)
class StrictRules:
    """What strict mode leaves out, and what it fails on."""

    ignore: tuple[str, ...] = ()
    """Patterns of fields: `activity.task_queue`, `timer.*`."""
    presets: tuple[str, ...] = ()
    """Names of presets: frameworks whose ids and clock times in payloads are left out too."""
    fail_on: Severity = Severity.BEHAVIOURAL
    """The least severity that makes a History `drifted`; what is below is still listed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StrictPolicy:
    """`[tool.replaykit.strict]`: rules for every workflow, and some of single types."""

    rules: StrictRules = StrictRules()
    """For every workflow type that is not named."""
    workflows: Mapping[str, StrictRules] = field(default_factory=dict)
    """By workflow type; their patterns already hold those for every workflow."""

    def of(self, workflow_type: str) -> StrictRules:
        """Find the rules of one workflow type.

        Args:
            workflow_type: Its name.

        Returns:
            Its own rules, or those for every workflow.
        """
        return self.workflows.get(workflow_type, self.rules)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExploreConfig:
    """`[tool.replaykit.explore]`: what grown histories are made of."""

    values: str | None = None
    """`module:attribute` of a `replaykit.explore.Values`."""
    activities: tuple[str, ...] = ()
    """`module`, scanned for `@activity.defn` functions, or `module:function`: for the types of results."""
    learn: tuple[Path, ...] = ()
    """Folders and files of fixtures whose recorded values are drawn too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """An agreement that something may stay as it is for a while."""

    reason: str
    """Why, for those who read the report."""
    until: date
    """The last day that it holds."""
    rule: str = "*"
    """Pattern of the rules that it is about, such as `new-divergence`."""
    history: str = "*"
    """Pattern of fixtures: `histories/OrderWorkflow/*`."""
    workflow: str = "*"
    """Pattern of workflow types."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GateConfig:
    """`[tool.replaykit.gate]`: what holds a change back."""

    base: str | None = None
    """Revision to judge against; found by itself where it is not named."""
    levels: Mapping[str, str] = field(default_factory=dict)
    """By key, such as `deleted_fixture`: `fail`, `warn` or `ignore`."""
    min_commands: int = 1
    """A gate that compares fewer commands fails."""
    requires: tuple[str, ...] = ()
    """What at least one fixture has to show, such as `pre-patch:validate`."""
    waivers: tuple[Waiver, ...] = ()
    """What is agreed to stay as it is for a while."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The whole of `[tool.replaykit]`, with every path absolute."""

    root: Path
    """Folder of the pyproject.toml, or the folder asked about where there is none."""
    file: Path | None = None
    """The pyproject.toml, where it has a `[tool.replaykit]` table."""
    histories: tuple[Path, ...] = ()
    """Folders and files of fixtures."""
    strict: bool = False
    """Whether attributes are compared too."""
    strict_policy: StrictPolicy = field(default=StrictPolicy())
    """What a strict check leaves out, and what it fails on."""
    require_fixtures: bool = False
    """Whether a check fails where a workflow has no fixture."""
    timeout_s: float = DEFAULT_TIMEOUT_S
    """Deadline of one replay, in seconds."""
    warm: bool = True
    """Whether the modules of a sandbox are kept between replays, as long as no run changes them."""
    changed: bool = False
    """Whether a replay keeps its verdicts, and judges again only what a change since then can affect."""
    blame: bool = True
    """Whether git is asked since which commit a history does not replay."""
    jobs: int | None = None
    """In how many processes fixtures are judged; None for as many as pay for themselves."""
    workers: tuple[WorkerConfig, ...] = field(default=(WorkerConfig(),))
    """At least one; where the file has no `[[tool.replaykit.worker]]`, one that is named `default`."""
    shared: WorkerConfig = field(default=WorkerConfig())
    """What a worker has for each key that it does not set: the keys beside `[[tool.replaykit.worker]]`."""
    explore: ExploreConfig = ExploreConfig()
    """For `replaykit explore`."""
    gate: GateConfig = field(default=GateConfig())
    """For `replaykit gate`."""
    limits: Limits = DEFAULT_LIMITS
    """How large a history may be."""
    narrowed: bool = False
    """Whether the command line chose some of the configured workflows: the others are left out on purpose."""

    @property
    def compares_attributes(self) -> bool:
        """Whether a check compares attributes too: it is strict, and `ignore` leaves any of them."""
        return self.strict and not ignores_all(self.strict_policy.rules.ignore)

    def worker_named(self, name: str) -> WorkerConfig:
        """Find a worker by its name.

        Args:
            name: As in `[[tool.replaykit.worker]]`.

        Returns:
            The worker.

        Raises:
            ConfigError: There is none; the message names those that exist.
        """
        for worker in self.workers:
            if worker.name == name:
                return worker
        names = ", ".join(worker.name for worker in self.workers)
        raise ConfigError(f"no worker is named {name!r}", where=self._where, cure=f"There is: {names}.")

    @property
    def is_configured(self) -> bool:
        """Whether any worker names a workflow."""
        return any(worker.workflows for worker in self.workers)

    def with_workflows(self, workflows: Sequence[str]) -> Config:
        """Replace the configured workflows, as `--workflows` does.

        Args:
            workflows: `module` or `module:Class`, as in the file.

        Returns:
            This Config with one worker, which runs these and judges every History.
        """
        first = self.workers[0] if len(self.workers) == 1 else self.shared
        worker = replace(first, workflows=tuple(workflows), task_queues=())
        return replace(self, workers=(worker,), narrowed=self.is_configured)

    def with_worker(self, name: str) -> Config:
        """Choose one worker, as `--worker` does.

        Args:
            name: As in `[[tool.replaykit.worker]]`.

        Returns:
            This Config with that worker alone, which then judges every History.

        Raises:
            ConfigError: There is none of that name.
        """
        worker = replace(self.worker_named(name), task_queues=())
        return replace(self, workers=(worker,), narrowed=len(self.workers) > 1)

    @property
    def _where(self) -> str:
        return str(self.file) if self.file else "[tool.replaykit]"


def is_deadline(value: float) -> bool:
    """Whether a number of seconds can be waited for: positive, finite, and not too much for a lock."""
    return 0 < value <= threading.TIMEOUT_MAX
