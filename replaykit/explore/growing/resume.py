"""Continues a recorded History where it stands, so that its future can be grown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from temporalio.api.history.v1 import HistoryEvent

from replaykit.explore.growing.service import Encoder, Ledger
from replaykit.explore.growing.service.subjects import COMMANDS, FOLLOWS, RECORDED
from replaykit.explore.scenario import Opening
from replaykit.history import History, event_name, is_command_event
from replaykit.history.events import attributes_of, close_status, status_of
from replaykit.replay.commands import Command
from replaykit.replay.replayed import Replayed

__all__ = ["Recorded", "sound_prefixes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A run so far: its events, and the code's own command for each that records one."""

    history: History
    commands: tuple[tuple[HistoryEvent, Command], ...]

    @classmethod
    def of(cls, replayed: Replayed) -> Recorded:
        """A History and what the code asked for in a replay of it that was consistent."""
        return cls(history=replayed.history, commands=replayed.alignment.pairs)

    def ledger(self, encoder: Encoder) -> Ledger:
        """A ledger that stands where the History ends."""
        ledger = Ledger(_opening_of(self.history), encoder, run_id=self.history.run_id or "")
        asked = {event.event_id: command for event, command in self.commands}
        *before, last = self.history.events
        # A task that a worker has is given to another one: its start is written again.
        is_started = event_name(last) == "WorkflowTaskStarted"
        for event in before if is_started else self.history.events:
            ledger.take_up(event)
            command = asked.get(event.event_id)
            opens = COMMANDS[command.kind].opens if command is not None else None
            if command is not None and opens is not None:
                opens(ledger, command.body, event)
            _follow(ledger, event)
        if is_started:
            ledger.wait_until(last.event_time.ToNanoseconds())
        return ledger


def sound_prefixes(history: History) -> Iterator[History]:
    """The History as it was each time the workflow had nothing left to do: after a task's last command.

    A History cut anywhere else replays differently than it ran (in the middle of a batch of commands,
    `patched` takes the wrong branch).
    """
    events = history.events
    for index in range(1, len(events) - 1):
        one, following = events[index], events[index + 1]
        ends_batch = event_name(one) == "WorkflowTaskCompleted" or is_command_event(one)
        if ends_batch and not is_command_event(following) and close_status(one) is None:
            cut = events[: index + 1]
            if any(map(is_command_event, cut)):
                yield replace(history, events=cut, status=status_of(cut), path=None)


def _opening_of(history: History) -> Opening:
    started = history.events[0].workflow_execution_started_event_attributes
    return Opening(
        workflow_type=history.workflow_type or started.workflow_type.name,
        workflow_id=history.workflow_id or "recorded",
        task_queue=history.task_queue or started.task_queue.name,
        namespace=history.namespace or "default",
        recorded_events=len(history.events),
    )


_LINKS = ("scheduled_event_id", "initiated_event_id", "started_event_id")
"""Fields that name the event that started it all; the first that a message has is the one."""


def _follow(ledger: Ledger, event: HistoryEvent) -> None:
    """What an event changes in the run, and in something that was started before."""
    name, attributes = event_name(event), attributes_of(event)
    if name in RECORDED:
        RECORDED[name](ledger, event)
    link = next((field for field in _LINKS if hasattr(attributes, field)), None)
    if link is None or name in ("WorkflowTaskCompleted", "WorkflowTaskStarted"):
        return
    started = getattr(attributes, link)
    pending = next((p for p in ledger.pending.values() if p.event_id == started), None)
    if pending is None:
        return
    if name in FOLLOWS:
        FOLLOWS[name](ledger, pending, event)
    else:
        ledger.close(pending)
