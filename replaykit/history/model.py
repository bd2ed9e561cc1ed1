"""The History value: one workflow run's recorded events plus where they came from."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from temporalio.api.history.v1 import HistoryEvent

__all__ = ["History", "Source"]


class Source(str, enum.Enum):
    """How a History came to us."""

    SERVICE = "service"
    """Captured from a Temporal service."""
    IMPORT = "import"
    """Read from a file that another tool wrote."""
    TEST_RUN = "test-run"
    """Recorded from a workflow that a test ran."""
    EXPLORE = "explore"
    """Grown by `replaykit explore`: not recorded from a run."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """One workflow run's recorded events plus where they came from.

    The events are as Temporal recorded them and may be damaged, which `replaykit.history.validate` finds.
    Everything else may be None where neither the file nor its events have it.
    """

    events: tuple[HistoryEvent, ...]
    """Temporal's own messages (`temporalio.api.history.v1.HistoryEvent`), in file order."""
    workflow_id: str | None = None
    """As in its first event."""
    run_id: str | None = None
    """This run's true id. For a reset run that is the new one, not the original in its started event."""
    workflow_type: str | None = None
    """As in its first event."""
    namespace: str | None = None
    """Where the workflow ran."""
    status: str | None = None
    """`RUNNING`, `COMPLETED`, `FAILED`, `CANCELED`, `TERMINATED`, `CONTINUED_AS_NEW` or `TIMED_OUT`."""
    task_queue: str | None = None
    """As in its first event."""
    captured_at: datetime | None = None
    """When it came to us, in UTC."""
    source: Source = Source.IMPORT
    """How it came to us."""
    sdk: str | None = None
    """Name and version of the SDK that ran the workflow, such as `temporal-python 1.35.0`."""
    build_id: str | None = None
    """Of the worker that completed its last workflow task."""
    redacted: bool = False
    """Whether values in it were masked."""
    requires: tuple[str, ...] = ()
    """What its fixture is kept for, such as `pre-patch:validate`: a gate fails where nothing shows it."""
    path: Path | None = None
    """The file it was read from."""
