"""What update handlers answered: Core matches updates by id and looks at no answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History
from replaykit.replay.commands import Command
from replaykit.replay.kinds import UPDATE_RESPONSE
from replaykit.replay.strict.attribute import Attribute, coded, plain
from replaykit.replay.strict.failures import failure_values
from replaykit.replay.strict.run import Pair, Run

__all__ = ["update_answers"]


def update_answers(
    history: History, commands: Sequence[Command], run: Run
) -> Iterator[tuple[Pair, Attribute]]:
    """Acceptance and outcome of every update that the History holds and the code answered."""
    accepted = {
        event.event_id: event
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    }
    answers: dict[str, list[Command]] = {}
    for command in commands:
        if command.kind is UPDATE_RESPONSE:
            answers.setdefault(command.message.update_response.protocol_instance_id, []).append(command)
    for event in accepted.values():
        given = answers.get(_id_of(event), [])
        if given and not any(_response(command) == "accepted" for command in given):
            yield (event, given[0]), plain("update.accepted", True, False)
    for event in history.events:
        if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            continue
        outcome = event.workflow_execution_update_completed_event_attributes
        start = accepted.get(outcome.accepted_event_id)
        given = answers.get(_id_of(start) if start is not None else outcome.meta.update_id, [])
        outcomes = [command for command in given if _response(command) in ("completed", "rejected")]
        if outcomes:
            yield from _outcome(event, outcomes[0], run)


def _id_of(event: HistoryEvent) -> str:
    return event.workflow_execution_update_accepted_event_attributes.protocol_instance_id


def _response(command: Command) -> str | None:
    response: str | None = command.message.update_response.WhichOneof("response")
    return response


def _outcome(event: HistoryEvent, command: Command, run: Run) -> Iterator[tuple[Pair, Attribute]]:
    recorded = event.workflow_execution_update_completed_event_attributes.outcome
    produced = command.message.update_response
    pair = (event, command)
    failed = (recorded.WhichOneof("value") == "failure", _response(command) == "rejected")
    if failed[0] != failed[1]:
        names = {True: "failed", False: "completed"}
        yield pair, plain("update.outcome", names[failed[0]], names[failed[1]])
    elif failed[0]:
        yield (
            pair,
            coded(
                "update.failure",
                failure_values(recorded.failure),
                failure_values(produced.rejected),
                run.context,
            ),
        )
    else:
        payloads = list(recorded.success.payloads)
        yield (
            pair,
            coded("update.result", payloads[0] if payloads else None, produced.completed, run.context),
        )
