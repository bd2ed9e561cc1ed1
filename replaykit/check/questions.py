"""What a check and the child that judges for it send each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.check.judge import Judgeable
from replaykit.check.known import Registered
from replaykit.config import Config

__all__ = ["AboutFile", "Began", "Loaded", "ToLoad", "ToJudge"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToLoad:
    """What the child judges with."""

    config: Config
    evidence: bool
    """Put the whole alignment and the timeline into each Verdict."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """The answer to the opening: the code is loaded."""

    registered: tuple[Registered, ...]
    sdk: str
    """Release of temporalio."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToJudge:
    """A History to be judged; the child answers with `Began` where it is replayed, and with a Verdict."""

    source: Judgeable
    """A path rather than a History, where there is a file: it is read in the child."""
    name: str
    """What the Verdict calls it."""
    stalls: Mapping[str, int]
    """What earlier children have counted: see `Stalls`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutFile:
    """A file of which the child is to answer what is known without a replay."""

    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Began:
    """The replay of a History begins: what its Verdict has, whatever becomes of this process."""

    workflow_type: str | None
    workflow_id: str | None
    run_id: str | None
    worker: str
    """Name of the worker that judges it."""
