"""What the process of a perturbed run is started with, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from replaykit.config import Config
from replaykit.perturb.axes import Conditions

__all__ = ["Replayed", "Task", "Unreadable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Everything but the Histories, which come one by one."""

    config: Config
    conditions: Conditions
    elsewhere: str
    """An empty folder, for the axis of that name."""
    workers: frozenset[str]
    """Names of the workers whose code is needed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """The answer about one History."""

    data: dict[str, Any]
    """What came of it, from `replay_as_data`."""
    unchanged: frozenset[str]
    """Axes that should have been changed, and that cannot be changed in this temporalio."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """The answer about a fixture that is no History any more."""

    message: str
