"""The shaky workflows, and the one condition that each depends on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from replaykit.config import Config, WorkerConfig
from tests.perturb.shaky import machine, sets, state

__all__ = ["CONFIG", "HISTORIES", "SAMPLES", "Sample"]

HISTORIES = Path(__file__).parent / "histories"
_SHAKY = "tests.perturb.shaky"
CONFIG = Config(
    root=Path(__file__).parents[2],
    histories=(HISTORIES,),
    workers=(WorkerConfig(workflows=(f"{_SHAKY}.sets", f"{_SHAKY}.machine", f"{_SHAKY}.state")),),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A workflow that depends on one condition."""

    workflow: type[Any]
    axis: str
    """What is to be named."""

    @property
    def name(self) -> str:
        return self.workflow.__name__


def _on(axis: str, *workflows: type[Any]) -> tuple[Sample, ...]:
    return tuple(Sample(workflow=workflow, axis=axis) for workflow in workflows)


SAMPLES = (
    *_on("hash seed", sets.SetOfStrings),
    *_on("object addresses", sets.SetOfObjects, sets.SetOfPlainObjects),
    *_on("task addresses", sets.AsyncioWait, sets.SetOfHandles, sets.AsCompleted),
    *_on("wall clock", machine.WallClock, machine.WallClockArgument, machine.Stopwatch),
    *_on("time zone", machine.TimeZone),
    *_on("environment", machine.Environment, machine.EnvironmentSwitch, machine.EnvironmentHome),
    *_on("environment", machine.EnvironmentAtImport),
    *_on("host name", machine.HostName, machine.PlatformNode),
    *_on("working directory", machine.WorkingDirectory),
    *_on("random seed", machine.Random, machine.UnseededRandom, machine.Uuid4),
    *_on("the process itself", machine.ProcessId),
    *_on("warm process", state.GlobalCounter, state.ModuleCache, state.CachedFunction),
    *_on("is_replaying", state.IsReplaying),
    *_on("thread timing", state.Threads, state.ThreadRace, state.ThreadPool),
)
