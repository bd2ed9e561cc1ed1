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
    IMPORT = "import"
    TEST_RUN = "test-run"
    EXPLORE = "explore"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """One workflow run's recorded events plus where they came from.

    The events are as Temporal recorded them and may be damaged: `replaykit.history.validate` says so.
    Everything else may be None where neither the file nor its events tell.
    """

    events: tuple[HistoryEvent, ...]
    """Temporal's own messages (`temporalio.api.history.v1.HistoryEvent`), in file order."""
    workflow_id: str | None = None
    run_id: str | None = None
    """This run's true id. For a reset run that is the new one, not the original in its started event."""
    workflow_type: str | None = None
    namespace: str | None = None
    status: str | None = None
    """`RUNNING`, `COMPLETED`, `FAILED`, `CANCELED`, `TERMINATED`, `CONTINUED_AS_NEW` or `TIMED_OUT`."""
    task_queue: str | None = None
    captured_at: datetime | None = None
    source: Source = Source.IMPORT
    sdk: str | None = None
    """Name and version of the SDK that ran the workflow, such as `temporal-python 1.35.0`."""
    build_id: str | None = None
    redacted: bool = False
    path: Path | None = None
    """The file it was read from."""
