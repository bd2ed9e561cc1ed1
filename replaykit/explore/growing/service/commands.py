"""The events that record what the code asked for in one workflow task.

The rules are Core's (which commands it sends, and in what order: sdk-core, `worker/workflow/machines`) and
the service's (what it fills in: `service/history/api/respondworkflowtaskcompleted`); the differential tests
run them against a real one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from google.protobuf.message import Message
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.writers import WRITERS, LocalMarker, write_local_marker
from replaykit.replay.commands import command_of
from replaykit.replay.kinds import REQUEST_CANCEL_LOCAL_ACTIVITY, SCHEDULE_LOCAL_ACTIVITY, CommandKind

__all__ = ["take"]

_CODED = ("input", "memo", "upserted_memo", "result", "failure", "details", "outcome")
"""Attributes that hold payloads of the code, which the worker's codec has seen."""


def take(ledger: Ledger, asked: Sequence[WorkflowCommand | LocalMarker], flags: Sequence[int]) -> None:
    """Complete the workflow task: write what the code asked for.

    Args:
        ledger: Of a run whose workflow task is started.
        asked: The commands of the task in the order in which the code issued them, with a marker for each
            local activity where it ended.
        flags: The SDK's own flags that the code used.
    """
    sent = _sent(asked)
    updates, ledger.updates = ledger.updates, []
    task = ledger.task
    if task is not None and task.is_speculative and all(map(_is_refusal, sent)):
        ledger.forget_task()
        return
    before = ledger.started_id - 1
    ledger.requests.update({u.update_id: dataclasses.replace(u, sequencing_id=before) for u in updates})
    completed = ledger.complete_task(flags)
    for item in sent:
        before = len(ledger.events)
        if isinstance(item, LocalMarker):
            write_local_marker(ledger, item, completed)
        else:
            variant = item.WhichOneof("variant") or ""
            WRITERS[variant](ledger, getattr(item, variant), completed)
        for event in ledger.events[before:]:
            ledger.command_ids.add(event.event_id)
            _finish(ledger, event, item)
    afterwards, ledger.afterwards = ledger.afterwards, []
    if afterwards and not ledger.is_closed:
        for write in afterwards:
            write()
        ledger.schedule_task()


def _finish(ledger: Ledger, event: HistoryEvent, item: WorkflowCommand | LocalMarker) -> None:
    """What the worker's codec and the code's own summary do to an event."""
    if isinstance(item, LocalMarker):
        return
    attributes = getattr(event, event.WhichOneof("attributes") or "")
    for name in _CODED:
        value = getattr(attributes, name, None)
        if isinstance(value, Message) and attributes.HasField(name):
            ledger.encoder.code(value)
    if item.HasField("user_metadata"):
        event.user_metadata.CopyFrom(item.user_metadata)
        ledger.encoder.code(event.user_metadata)
    if hasattr(item, "event_group_markers"):  # not before temporalio 1.35
        event.event_group_markers.extend(item.event_group_markers)


def _is_refusal(item: WorkflowCommand | LocalMarker) -> bool:
    return isinstance(item, WorkflowCommand) and item.update_response.HasField("rejected")


def _sent(asked: Sequence[WorkflowCommand | LocalMarker]) -> list[WorkflowCommand | LocalMarker]:
    """What Core sends of it, in its order: no start with its own cancel, the end of the run last."""
    asked = _before_end(asked)
    started: dict[tuple[CommandKind, int | None], WorkflowCommand] = {}
    dropped: set[int] = set()
    ends: list[WorkflowCommand | LocalMarker] = []
    for item in asked:
        command = command_of(item, task=0) if isinstance(item, WorkflowCommand) else None
        if command is None:
            if isinstance(item, WorkflowCommand):
                dropped.add(id(item))
            continue
        if command.kind in (SCHEDULE_LOCAL_ACTIVITY, REQUEST_CANCEL_LOCAL_ACTIVITY):
            dropped.add(id(item))
        elif command.kind.ends_run:
            ends.append(item)
        elif command.kind.cancels is not None:
            start = started.get((command.kind.cancels, command.seq))
            if start is not None:
                dropped |= {id(start), id(item)}
        else:
            started[command.kind, command.seq] = command.message
    last = {id(item) for item in ends}
    kept = [item for item in asked if id(item) not in dropped and id(item) not in last]
    return [*kept, *ends[:1]]


def _before_end(asked: Sequence[WorkflowCommand | LocalMarker]) -> Sequence[WorkflowCommand | LocalMarker]:
    """All but the local activities that end, and what comes of them, once the code has ended the run."""
    has_ended = False
    for number, item in enumerate(asked):
        if isinstance(item, LocalMarker):
            if has_ended:
                return asked[:number]
        else:
            command = command_of(item, task=0)
            has_ended = has_ended or (command is not None and command.kind.ends_run)
    return asked
