"""The events that record what the code asked for in one workflow task.

The rules are Core's (which commands it sends, and in what order: sdk-core, `worker/workflow/machines`) and
the service's (what it fills in: `service/history/api/respondworkflowtaskcompleted`); the differential tests
run them against a real one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects import COMMANDS
from replaykit.explore.growing.service.subjects.local_activities import LocalMarker, write_marker
from replaykit.replay.commands import Command, command_of
from replaykit.replay.kinds import CommandKind

__all__ = ["take"]

_Asked = Command | LocalMarker


def take(ledger: Ledger, asked: Sequence[WorkflowCommand | LocalMarker], flags: Sequence[int]) -> None:
    """Complete the workflow task: write what the code asked for.

    Args:
        ledger: Of a run whose workflow task is started.
        asked: The commands of the task in the order in which the code issued them, with a marker for each
            local activity where it ended.
        flags: The SDK's own flags that the code used.
    """
    sent = _sent(list(_until_end(asked)))
    task = ledger.task
    if task is not None and task.is_speculative and all(map(_is_refusal, sent)):
        ledger.forget_task()
        return
    completed = ledger.complete_task(flags)
    for item in sent:
        if isinstance(item, LocalMarker):
            write_marker(ledger, item, completed)
        else:
            _write(ledger, item, completed)
    ledger.write_afterwards()


def _write(ledger: Ledger, command: Command, completed: int) -> None:
    rules, body = COMMANDS[command.kind], command.body
    assert rules.write is not None
    before = len(ledger.events)
    event = rules.write(ledger, body, completed)
    if event is not None and rules.opens is not None:
        rules.opens(ledger, body, event)
    for written in ledger.events[before:]:
        ledger.finish_command(written, command.message)


def _is_refusal(item: _Asked) -> bool:
    return isinstance(item, Command) and item.message.update_response.HasField("rejected")


def _until_end(asked: Sequence[WorkflowCommand | LocalMarker]) -> Iterator[_Asked]:
    """The commands, up to the first local activity that ends after the code has ended the run."""
    has_ended = False
    for item in asked:
        if isinstance(item, LocalMarker):
            if has_ended:
                return
            yield item
            continue
        command = command_of(item, task=0)
        if command is not None:
            has_ended = has_ended or command.kind.ends_run
            yield command


def _sent(asked: Sequence[_Asked]) -> list[_Asked]:
    """What Core sends of it, in its order: no start with its own cancel, the end of the run last."""
    started: dict[tuple[CommandKind, int | None], Command] = {}
    dropped: set[int] = set()
    ends: list[_Asked] = []
    for item in asked:
        if isinstance(item, LocalMarker):
            continue
        if item.kind.ends_run:
            ends.append(item)
            dropped.add(id(item))
        elif item.kind.cancels is not None:
            start = started.get((item.kind.cancels, item.seq))
            if start is not None:
                dropped |= {id(start), id(item)}
        else:
            started[item.kind, item.seq] = item
    kept = [item for item in asked if id(item) not in dropped and _is_sent(item)]
    return [*kept, *ends[:1]]


def _is_sent(item: _Asked) -> bool:
    return isinstance(item, LocalMarker) or COMMANDS[item.kind].write is not None
