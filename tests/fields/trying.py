"""What strict mode, labels and explore make of a command and of an event: values to compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.converter import DataConverter

from replaykit.explore.growing.service import Encoder, Ledger, LocalMarker, take
from replaykit.explore.growing.service.subjects.run_start import opened
from replaykit.explore.scenario import Opening
from replaykit.history import History, timeline
from replaykit.history.events import ATTRIBUTE_FIELDS
from replaykit.replay.commands import Command, command_of
from replaykit.replay.kinds import (
    BY_FIELD,
    CANCELLABLE,
    SCHEDULE_NEXUS_OPERATION,
    UPDATE_RESPONSE,
    CommandKind,
)
from replaykit.replay.strict.attributes import attributes_of
from replaykit.replay.strict.run import Pair, Run
from replaykit.replay.strict.targets import cancellation_targets
from replaykit.replay.strict.updates import update_answers
from tests.fields.samples import Path, filled, with_value

__all__ = ["EVENTS", "command", "compared", "event", "named", "recorders", "shown", "written"]

EVENTS = {name: number for number, name in ATTRIBUTE_FIELDS.items() if hasattr(HistoryEvent(), name)}
"""By the field of each kind of event, the number of its type."""
_MARKERS = {
    "schedule_local_activity": ("core_local_activity", "data", '{"activity_type": "%s", "activity_id": "x"}'),
    "set_patch_marker": ("core_patch", "patch-data", '{"id": "%s", "deprecated": true}'),
}


def command(path: Path, *, second: bool = False) -> WorkflowCommand:
    """A command with a value in every field, and the second one at the end of the path."""
    message: WorkflowCommand = filled(WorkflowCommand, path)
    return with_value(message, path) if second else message


def event(number: int, path: Path = (), *, of: str = "", second: bool = False) -> HistoryEvent:
    """An event with a value in every field, and the second one at the end of the path.

    Args:
        number: Its type.
        path: From the event.
        of: The field of the command that it records: markers record several kinds.
        second: Whether to set the second value.
    """
    message: HistoryEvent = filled(HistoryEvent, (ATTRIBUTE_FIELDS[number],), path)
    message.event_type = EventType.ValueType(number)
    if second:
        message = with_value(message, path)
    if of in _MARKERS:
        marker = message.marker_recorded_event_attributes
        name, key, text = _MARKERS[of]
        data = (text % ("b" if second and path[-1] == "details" else "a")).encode()
        marker.marker_name = name if not second or path[-1] != "marker_name" else "b"
        marker.details[key].CopyFrom(Payloads(payloads=[Payload(data=data)]))
    return message


def recorders(field: str) -> tuple[int, ...]:
    """The types of the events that record the kind of command in that field."""
    kind = BY_FIELD[field]
    return (kind.recorded_as or kind).events


def named(message: WorkflowCommand) -> object:
    """What a label of the command shows."""
    made = command_of(message, task=0)
    return made.label if made is not None else None


def shown(recorded: HistoryEvent) -> object:
    """What a timeline shows of the event."""
    return astuple(timeline(History(events=(recorded,)))[0])


def compared(recorded: HistoryEvent, asked: WorkflowCommand) -> object:
    """What strict mode compares of the event and of the command that it records."""
    made = command_of(asked, task=0)
    assert made is not None
    if made.kind is UPDATE_RESPONSE:
        return [_values(pair, attribute) for pair, attribute in _answers(recorded, made)]
    starts = list(_starts(made.kind))
    pairs = [*starts, (recorded, made)]
    commands = [each for _, each in pairs]
    started = event(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
    started.workflow_execution_started_event_attributes.Clear()
    started.event_id = 100
    history = History(events=(started, *(each for each, _ in pairs)))
    run = Run.of(history, pairs, commands)
    found = [_values(pairs[-1], attribute) for attribute in attributes_of(pairs[-1], run)]
    return found + [_values(*each) for each in cancellation_targets(pairs, commands, run)]


def _values(_: Pair, attribute: Any) -> tuple[str, Any, Any]:
    return attribute.field, attribute.recorded, attribute.produced


def _starts(kind: CommandKind) -> Iterator[Pair]:
    """Two of what the command cancels, so that it can be about the one or the other."""
    if kind.cancels is None or kind.cancels not in CANCELLABLE or kind.cancels.field is None:
        return
    for number, name in ((1, "a"), (2, "b")):
        begun = event(kind.cancels.events[0])
        begun.event_id = number
        message = command((kind.cancels.field,))
        body = getattr(message, kind.cancels.field)
        body.seq = number
        if hasattr(body, "workflow_id"):
            body.workflow_id = name
        if hasattr(body, "cancellation_type"):
            body.cancellation_type = 0 if kind.cancels is SCHEDULE_NEXUS_OPERATION else 1  # not ABANDON
        made = command_of(message, task=0)
        assert made is not None
        yield begun, made


def _answers(recorded: HistoryEvent, made: Command) -> Any:
    """As the event of an update's outcome, or of its acceptance, stands in a history."""
    accepted = event(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
    events = [recorded]
    if recorded.event_type != accepted.event_type:
        events.insert(0, accepted)
    began = WorkflowCommand()
    began.update_response.protocol_instance_id = "a"
    began.update_response.accepted.SetInParent()
    first = command_of(began, task=0)
    assert first is not None
    commands = [first, made] if len(events) == 2 else [made]
    history = History(events=(event(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED), *events))
    return update_answers(history, commands, Run.of(history, [], commands))


def written(asked: WorkflowCommand) -> object:
    """The events that explore's service writes for the command, and for what it is about."""
    made = command_of(asked, task=0)
    assert made is not None
    ledger = opened(Opening(workflow_type="Tried"), Encoder(DataConverter.default))
    if made.kind is UPDATE_RESPONSE:
        commands = _answered(ledger, asked)
    elif asked.HasField("schedule_local_activity"):
        commands = [asked, LocalMarker(command=asked.schedule_local_activity)]
    else:
        commands = [asked]
    starts = [each.message for _, each in _starts(made.kind)]
    if starts:
        ledger.start_task()
        take(ledger, starts, ())
        ledger.wake()
    ledger.start_task()
    take(ledger, commands, ())
    return [each.SerializeToString(deterministic=True) for each in ledger.events]


def _answered(ledger: Ledger, asked: WorkflowCommand) -> list[WorkflowCommand | LocalMarker]:
    """The answer to one of two updates that a task brought; an outcome with the acceptance before it."""
    for _ in "ab":
        ledger.admit_update("pay", Payloads())
    answer, accepted = WorkflowCommand(), WorkflowCommand()
    answer.CopyFrom(asked)
    update = {"a": "update-1", "b": "update-2"}[asked.update_response.protocol_instance_id]
    answer.update_response.protocol_instance_id = accepted.update_response.protocol_instance_id = update
    accepted.update_response.accepted.SetInParent()
    return [answer] if asked.update_response.HasField("accepted") else [accepted, answer]
