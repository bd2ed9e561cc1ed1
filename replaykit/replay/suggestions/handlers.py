"""Messages that no handler takes any more."""

from __future__ import annotations

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History
from replaykit.replay.commands import Command
from replaykit.replay.end_state import EndState
from replaykit.replay.kinds import UPDATE_RESPONSE
from replaykit.replay.suggestions.value import Suggestion
from replaykit.verdict import SuggestionKind

__all__ = ["signal_without_handler", "update_without_handler"]


def signal_without_handler(history: History, event: HistoryEvent, end_state: EndState) -> Suggestion | None:
    """A signal that the code did not take, before the event that it does not get to."""
    for signaled in history.events:
        if signaled.event_id >= event.event_id:
            return None
        name = signaled.workflow_execution_signaled_event_attributes.signal_name
        if signaled.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED and (
            name in end_state.unheard
        ):
            return _no_handler("signal", name, signaled, end_state.signals)
    return None


def update_without_handler(
    event: HistoryEvent, command: Command | None, end_state: EndState
) -> Suggestion | None:
    """An update that was accepted, and that the code rejects for want of a handler."""
    accepted = event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    if not accepted or command is None or command.kind is not UPDATE_RESPONSE or command.name != "rejected":
        return None
    name = event.workflow_execution_update_accepted_event_attributes.accepted_request.input.name
    known = end_state.updates
    if not name or known is None or name in known or None in known:
        return None
    return _no_handler("update", name, event, known)


def _no_handler(what: str, name: str, event: HistoryEvent, known: frozenset[str | None] | None) -> Suggestion:
    names = ", ".join(sorted(repr(other) for other in known or () if other))
    has = f" (it has {names})" if names else ""
    return Suggestion(
        kind=SuggestionKind.KEEP_HANDLER,
        text=f"{what} {name!r} (event {event.event_id}) has no handler in this code{has}. Renamed or "
        "removed? Keep a handler of that name until no such run is left:\n"
        f'    @workflow.{what}(name="{name}")',
    )
