"""Which advice fits a divergence."""

from __future__ import annotations

from replaykit.code.statements import statement_at
from replaykit.history import History
from replaykit.replay.align import Alignment, Change
from replaykit.replay.commands import recorded_in
from replaykit.replay.end_state import EndState
from replaykit.replay.kinds import COMPLETE_WORKFLOW, FAIL_WORKFLOW, SCHEDULE_LOCAL_ACTIVITY
from replaykit.replay.markers import patch_of
from replaykit.replay.suggestions.guards import (
    added,
    asked_by_interceptor,
    changed_by_interceptor,
    raised,
    removed,
    reordered,
    replaced,
    returned,
)
from replaykit.replay.suggestions.handlers import signal_without_handler, update_without_handler
from replaykit.replay.suggestions.likeness import (
    asked_later,
    is_one_more,
    is_same,
    recorded_later,
    returns_early,
)
from replaykit.replay.suggestions.markers import about_patch, deprecated_too_early
from replaykit.replay.suggestions.value import Suggestion
from replaykit.verdict import SuggestionKind

__all__ = ["suggest"]


_SDK_BUGS = ("temporal-python 1.32", "temporal-python 1.33")
"""Later SDKs replay what these recorded of local activities differently: temporalio/sdk-python issue 1881."""


def suggest(history: History, alignment: Alignment, end_state: EndState | None = None) -> Suggestion | None:
    """The advice that fits the first difference.

    Args:
        history: The History that diverged.
        alignment: Of its events and the commands of the code.
        end_state: Where the code stood when the replay was over, and its handlers.

    Returns:
        None where there is no difference to speak of.
    """
    event, command = alignment.event, alignment.command
    if event is None:
        return None
    recorded = recorded_in(event)
    is_local = recorded is not None and recorded.kind is SCHEDULE_LOCAL_ACTIVITY
    if is_local and (history.sdk or "").startswith(_SDK_BUGS):
        return Suggestion(
            kind=SuggestionKind.SDK,
            text=f"{history.sdk} recorded this local activity, and later SDKs replay it differently "
            "(temporalio/sdk-python issue 1881). Does the unchanged code diverge too? Then it is the SDK.",
        )
    patch = patch_of(event)
    if patch is not None:
        return about_patch(patch.patch_id, alignment)
    if (early := deprecated_too_early(history, alignment)) is not None:
        return early
    if command is not None and command.interceptor is not None and command.interceptor.asked:
        return asked_by_interceptor(command.interceptor)
    if command is not None and (changed := changed_by_interceptor(event, command)) is not None:
        return changed
    if end_state is not None and (unheard := update_without_handler(event, command, end_state)) is not None:
        return unheard
    return _of_sides(history, alignment, end_state)


def _of_sides(history: History, alignment: Alignment, end_state: EndState | None) -> Suggestion | None:
    """The advice that follows from what stands where on both sides."""
    event, command = alignment.event, alignment.command
    assert event is not None
    if command is not None and alignment.change is not None:
        return added(command) if alignment.change is Change.INSERTED else removed(event)
    is_added = any(is_same(c, event) for c in alignment.commands_after) or bool(asked_later(alignment))
    is_removed = command is None or (bool(recorded_later(alignment)) and not is_one_more(alignment))
    recorded = recorded_in(event)
    ends = recorded is not None and recorded.kind.ends_run
    if command is not None and command.kind.ends_run and ends:
        return replaced(event, command)
    if command is not None and is_added and is_removed and not command.kind.ends_run:
        return reordered(alignment, event, command)
    statement = statement_at(command.source) if command is not None else None
    if command is not None and command.kind is FAIL_WORKFLOW and statement and statement.kind == "raise":
        return raised(command)
    if command is not None and command.kind is COMPLETE_WORKFLOW and returns_early(command):
        return returned(command)
    if command is None or command.kind.ends_run or (is_removed and not is_added):
        unheard = signal_without_handler(history, event, end_state) if end_state is not None else None
        return unheard or removed(event)
    return added(command) if is_added or ends else replaced(event, command)
