"""What the workflow code asked for, and which events would record it.

A `Command` is read off a completion that the code gave to Core; `recorded_in` reads kind and name of the
same off an event, so that `replaykit.replay.align` can compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.code.user_code import NOWHERE, Asked
from replaykit.replay.kinds import BY_FIELD, CommandKind, recording_kind
from replaykit.verdict import InterceptorLine, SourceLine

__all__ = ["Command", "Recorded", "command_of", "recorded_in", "recorded_or_answered_in"]


class Recorded(NamedTuple):
    """What an event records: the kind of a command, and what it names."""

    kind: CommandKind
    name: str | None
    """None where Core compares none: a timer's duration, a signal's name, a child to be cancelled."""

    @property
    def label(self) -> str:
        """Kind and name in one line, such as `ScheduleActivity validate_order`."""
        return _label(self.kind, self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command that the workflow code asked for."""

    kind: CommandKind
    name: str | None = None
    """What it names: an activity type, a child's type, a patch id, a signal, a duration."""
    seq: int | None = None
    """The SDK's own number of the activity, timer or child that it is about."""
    task: int = 0
    """Index of the activation that it was issued in, counted from 0."""
    message: WorkflowCommand
    """The SDK's own message, before the payload codec."""
    source: SourceLine | None = None
    """The line of the workflow's code that asked for it, its file as the interpreter knows it."""
    interceptor: InterceptorLine | None = None
    """The interceptor that it came through, or that asked for it itself."""

    @property
    def label(self) -> str:
        """Kind and name in one line, such as `ScheduleActivity validate_order`."""
        return _label(self.kind, self.name)

    @property
    def body(self) -> Any:
        """The part of the message that is of its kind."""
        return getattr(self.message, self.kind.field or "")


def _label(kind: CommandKind, name: str | None) -> str:
    return f"{kind.name} {name}" if name else kind.name


def command_of(message: WorkflowCommand, *, task: int, asked: Asked = NOWHERE) -> Command | None:
    """The Command that a message of the SDK stands for.

    Returns:
        None for what no event ever records: the answer to a query, or a kind that this version does not know.
    """
    field = message.WhichOneof("variant")
    kind = BY_FIELD.get(field) if field is not None else None
    if field is None or kind is None:
        return None
    body = getattr(message, field)
    return Command(
        kind=kind,
        name=kind.subject(body) or None,
        seq=getattr(body, "seq", None) or getattr(body, "child_workflow_seq", None),
        task=task,
        message=message,
        source=asked.source,
        interceptor=asked.interceptor,
    )


def recorded_in(event: HistoryEvent) -> Recorded | None:
    """Kind and name of the command that an event records.

    Returns:
        None for an event that no command asked for, also for an update's: a protocol message asks for it.
    """
    kind = recording_kind(event)
    return Recorded(kind, kind.recorded_subject(event)) if kind is not None and not kind.is_message else None


def recorded_or_answered_in(event: HistoryEvent) -> Recorded | None:
    """As `recorded_in`, the responses to updates included: Core keeps them in its queue too."""
    kind = recording_kind(event)
    return Recorded(kind, kind.recorded_subject(event)) if kind is not None else None
