"""What there is to know about one subject: how it is recorded, what can come of it, what the code hears."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Pending
from replaykit.explore.scenario import Step, StepKind, Subject, Target, Timeout
from replaykit.replay.kinds import CommandKind
from replaykit.replay.strict.defaults import Nanoseconds

__all__ = [
    "NEVER",
    "Apply",
    "CommandRules",
    "FromOutside",
    "Job",
    "MakeJob",
    "OpenRules",
    "Opens",
    "Possible",
    "SubjectRules",
    "Write",
    "opens",
]

NEVER: Nanoseconds = 1 << 62
Job = WorkflowActivationJob


@dataclass(frozen=True, kw_only=True, slots=True)
class Possible:
    """A step that can come next, its values still to be chosen."""

    kind: StepKind
    target: Target | None = None
    timeout: Timeout | None = None
    wants_value: bool = False
    """Whether it carries a result of the code's expected type."""
    wants_failure: bool = False
    retries: bool = False
    """Whether a retryable failure would be tried again."""


Write = Callable[[Ledger, Any, int], "HistoryEvent | None"]
"""Writes the event of a command: the ledger, the SDK's message, the id of the WorkflowTaskCompleted event."""
Opens = Callable[[Ledger, Any, HistoryEvent], None]
"""Keeps what a command started: the ledger, the SDK's message, the event that records it."""
Apply = Callable[[Ledger, Pending, Step], None]
FromOutside = Callable[[Ledger, Step], None]
MakeJob = Callable[[Ledger, HistoryEvent], Job]


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandRules:
    """What becomes of one kind of command."""

    write: Write | None = None
    """Writes its event and returns it; None where Core keeps the command to itself."""
    opens: Opens | None = None
    """Called with an event that was written, and with one that was recorded in a run that is taken up."""
    core_answers: bool = False
    """Whether Core may answer it within the same task."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRules:
    """What can come of something that the code has started."""

    possible: Callable[[Ledger, Pending, Nanoseconds], Iterator[Possible]]
    """The steps that can come next; none later than the given time, at which the service does something."""
    apply: Apply
    """Lets one of them happen."""
    deadline: Callable[[Ledger, Pending], Nanoseconds] = lambda ledger, pending: NEVER
    """When the service acts by itself, without any step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectRules:
    """One subject."""

    commands: Mapping[CommandKind, CommandRules] = field(default_factory=dict)
    open: Mapping[Subject, OpenRules] = field(default_factory=dict)
    """By what a step calls it, what the code can start of it; empty where nothing stays open."""
    outside: Mapping[StepKind, FromOutside] = field(default_factory=dict)
    """By kind of step, what comes of what the code has not asked for."""
    follows: Mapping[str, Callable[[Ledger, Pending, HistoryEvent], None]] = field(default_factory=dict)
    """In a run that is taken up, by event type, what it changes; every type without a rule ends what it
    points to."""
    recorded: Mapping[str, Callable[[Ledger, HistoryEvent], None]] = field(default_factory=dict)
    """In a run that is taken up, by event type, what it changes in the whole run."""
    jobs: Mapping[str, MakeJob] = field(default_factory=dict)
    """By event type, the one job that Core makes of it. Whatever needs more is left to Core."""
    silent: frozenset[str] = frozenset()
    """Event types of which the code hears nothing."""


def opens(subject: Subject, name_of: Callable[[Any], str | None]) -> Opens:
    """Keeps something new.

    Args:
        subject: What it is.
        name_of: What a `Target` calls it, from the SDK's message.
    """

    def keep(ledger: Ledger, command: Any, event: HistoryEvent) -> None:
        ledger.opens(subject, name_of(command) or "", command, event)

    return keep
