"""What a check and the child that judges for it send each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from replaykit.check.judge import Judgeable
from replaykit.config import Config
from replaykit.trust import Finding

__all__ = [
    "AboutFile",
    "AboutWorkers",
    "Began",
    "Loaded",
    "Loading",
    "Spoiled",
    "ToJudge",
    "ToLoad",
    "WhichFiles",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToLoad:
    """What the child judges with."""

    config: Config
    evidence: bool
    """Put the whole alignment and the timeline into each Verdict."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """The answer to the opening: the child is ready, and the code of the only worker is loaded."""

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
    broken: Mapping[str, str]
    """By name, workers whose code an earlier child did not survive, and how."""
    imported: tuple[str, ...] = ()
    """Modules that replays in earlier children were the first to import."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutFile:
    """A file of which the child is to answer what is known without a replay."""

    path: Path
    broken: Mapping[str, str]
    """See `ToJudge`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutWorkers:
    """A question for every workflow that is registered."""

    whole: bool
    """See `Judge.registered`."""
    broken: Mapping[str, str]
    """See `ToJudge`."""


class WhichFiles:
    """A question for the files of the user's that the code was loaded from so far."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loading:
    """The code of one of several workers is about to be imported, which may take its time."""

    worker: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoiled:
    """What a replay left in its process; comes before its Verdict."""

    findings: tuple[Finding, ...]
    imported: tuple[str, ...]
    """The user's modules that the replay was the first to import: nobody knows what they held before."""
    is_undone: bool
    """Whether everything is as it was before; else what is judged there next can depend on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Began:
    """The replay of a History begins: what its Verdict has, whatever becomes of this process."""

    workflow_type: str | None
    workflow_id: str | None
    run_id: str | None
    worker: str
    """Name of the worker that judges it."""
