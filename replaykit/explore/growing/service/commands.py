"""The events that record what the code asked for in one workflow task.

The rules are Core's (which commands it sends, and in what order: sdk-core, `worker/workflow/machines`) and
the service's (what it fills in: `service/history/api/respondworkflowtaskcompleted`); the differential tests
run them against a real one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.explore.growing.service.journal import IDENTITY
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects import COMMANDS
from replaykit.explore.growing.service.subjects.local_activities import LocalMarker, write_marker
from replaykit.explore.scenario import Subject
from replaykit.replay.commands import Command, command_of
from replaykit.replay.kinds import (
    REQUEST_CANCEL_ACTIVITY,
    SCHEDULE_ACTIVITY,
    SCHEDULE_NEXUS_OPERATION,
    SIGNAL_EXTERNAL_WORKFLOW,
    START_CHILD_WORKFLOW,
    CommandKind,
)
from replaykit.replay.refused_commands import Refusal, refusal_of, too_many

__all__ = ["fail_task", "refused_in", "take"]

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


_OPEN_AS = {
    SCHEDULE_ACTIVITY: Subject.ACTIVITY,
    START_CHILD_WORKFLOW: Subject.CHILD,
    SIGNAL_EXTERNAL_WORKFLOW: Subject.SIGNAL,
    SCHEDULE_NEXUS_OPERATION: Subject.NEXUS,
}


def refused_in(
    ledger: Ledger, asked: Sequence[WorkflowCommand | LocalMarker]
) -> tuple[Command, Refusal] | None:
    """The first command of a task that a service refuses, for itself or for what is open already.

    Args:
        ledger: Of a run whose workflow task is started.
        asked: As for `take`.
    """
    is_coded = ledger.encoder.has_codec
    are_open = Counter(target.subject for target in ledger.pending)
    ids = {p.command.activity_id for p in ledger.pending.values() if p.target.subject is Subject.ACTIVITY}
    for item in _sent(list(_until_end(asked))):
        if isinstance(item, LocalMarker):
            continue
        subject = _OPEN_AS.get(item.kind)
        refusal = refusal_of(item, is_coded=is_coded)
        if refusal is None and subject is not None:
            refusal = too_many(item, are_open[subject], ids)
            are_open[subject] += 1
        if refusal is not None:
            return item, refusal
        if item.kind is SCHEDULE_ACTIVITY:
            ids.add(item.body.activity_id)
        elif item.kind is REQUEST_CANCEL_ACTIVITY:  # the service may close it on the spot
            activity = ledger.find(Subject.ACTIVITY, item.body.seq)
            ids.discard(activity.command.activity_id if activity is not None else None)
    return None


def fail_task(ledger: Ledger, refusal: Refusal) -> None:
    """Fail the workflow task, as a service does that refuses a command of it: nothing of the task is kept."""
    kind = "".join(word.capitalize() for word in refusal.cause.split("_"))
    info = ApplicationFailureInfo(type=kind, non_retryable=True)
    ledger.lose_task(
        "WorkflowTaskFailed",
        cause=refusal.cause_number,
        failure=Failure(message=str(refusal), source="Server", application_failure_info=info),
        identity=IDENTITY,
    )


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
