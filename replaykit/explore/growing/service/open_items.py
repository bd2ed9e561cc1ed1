"""What is open in a run: what the code started, updates on their way, the workflow task under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure as FailureMessage

from replaykit.explore.scenario import Target

__all__ = ["AdmittedUpdate", "Pending", "Task"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """What the code started, and the service has not closed."""

    target: Target
    command: Any
    """The SDK's own message."""
    event_id: int
    """Of the event that recorded the command."""
    since: int
    """Nanoseconds since 1970."""
    is_started: bool = False
    """Whether a worker has it, or a child runs."""
    started_id: int = 0
    """Of the started event of a child; of an activity where it was written early."""
    attempt: int = 1
    last_failure: FailureMessage | None = None
    heartbeat: Payloads | None = None
    cancel_id: int = 0
    """Of the event that asked for its cancellation; 0 for none."""
    token: str = ""
    """The run id of a child, the token of a Nexus operation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdmittedUpdate:
    """An update that the service has taken from a client."""

    update_id: str
    name: str
    arguments: Payloads
    sequencing_id: int = 0
    """Id of the event before the start of the workflow task that brings it, once that is known."""
    accepted_id: int = 0
    """Of the event that accepted it; 0 for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A workflow task under way."""

    scheduled_id: int = 0
    """0 for one that is tried again: it is written down once a worker takes it."""
    started_id: int = 0
    attempt: int = 1
    since: int = 0
    """How many events there were when it was scheduled."""
    is_speculative: bool = False
    """Whether only an update called for it: where that is refused, nothing is written down."""
