"""Whether a command is what an event recorded, now in another place."""

from __future__ import annotations

from temporalio.api.history.v1 import HistoryEvent

from replaykit.code.statements import awaits_below, mentions_below
from replaykit.replay.align import Alignment, fits
from replaykit.replay.commands import Command, recorded_kind

__all__ = ["asked_later", "is_same", "returns_early"]


_CALLED = {
    "StartTimer": "sleep",
    "SignalExternalWorkflow": "signal",
    "RequestCancelExternalWorkflow": "cancel",
    "UpsertSearchAttributes": "upsert_search_attributes",
    "ModifyWorkflowProperties": "upsert_memo",
}
"""By kind of a command without a name that can be looked for: the call that asks for it."""


def is_same(command: Command, event: HistoryEvent) -> bool:
    """Whether an event is likely to have recorded that very command: timers go by their length."""
    if command.kind == "StartTimer":
        recorded = event.timer_started_event_attributes.start_to_fire_timeout
        length = command.message.start_timer.start_to_fire_timeout
        if recorded != length:
            return False
    return fits(command, recorded_kind(event))


def asked_later(alignment: Alignment) -> list[int]:
    """The lines, further down than a replay gets, on which the code asks for what was recorded."""
    event, command = alignment.event, alignment.command
    kind = recorded_kind(event) if event is not None else None
    if kind is None or command is None or command.source is None:
        return []
    below = mentions_below(command.source)
    if kind[0] not in _CALLED:
        name = kind[1].rpartition(".")[2] if kind[1] and kind[0] == "ScheduleNexusOperation" else kind[1]
        return [each.line for each in below if each.text == name]
    calls = [each.line for each in below if each.is_attribute and each.text == _CALLED[kind[0]]]
    recorded = 1 + sum((recorded_kind(e) or ("",))[0] == kind[0] for e in alignment.events_after)
    return calls if len(calls) >= recorded else []


def returns_early(command: Command) -> bool:
    """Whether the workflow returns in the middle of its code, and there is more to wait for further down."""
    return command.source is not None and awaits_below(command.source)
