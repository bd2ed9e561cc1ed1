"""The life of a patch: its marker and its call."""

from __future__ import annotations

from temporalio.api.history.v1 import HistoryEvent

from replaykit.code.statements import texts_given_to
from replaykit.history import History, describe_event
from replaykit.replay.align import Alignment, fits
from replaykit.replay.commands import Command, recorded_in
from replaykit.replay.kinds import SET_PATCH_MARKER, UPSERT_SEARCH_ATTRIBUTES
from replaykit.replay.markers import patch_of
from replaykit.replay.suggestions.guards import both_paths
from replaykit.replay.suggestions.likeness import is_same
from replaykit.replay.suggestions.value import Suggestion
from replaykit.verdict import SuggestionKind

__all__ = ["about_patch", "deprecated_too_early", "patches_of"]


def about_patch(patch: str, alignment: Alignment) -> Suggestion:
    """The code does not ask for a recorded marker where it stands."""
    command = alignment.command
    if command is not None and _calls("patched", patch, command):
        return _patch_call_is_elsewhere(patch)
    return _patch_call_is_gone(patch, alignment)


def _patch_call_is_gone(patch: str, alignment: Alignment) -> Suggestion:
    """A marker that the code does not ask for: is the patched path still there?"""
    following = _after_upsert(alignment)
    command = alignment.command
    if following is None or command is None or _is_asked_for(following, command, alignment):
        return Suggestion(
            kind=SuggestionKind.KEEP_DEPRECATE_PATCH,
            text=f"this history was recorded after patch {patch!r}: keep this call where the patch was, "
            f'until no such run is left:\n    workflow.deprecate_patch("{patch}")',
        )
    renamed = sorted(_patches_called("patched", command) - _marked_in(alignment))
    text = f"patch {patch!r} was removed too early, this history still carries its marker. "
    if renamed:
        ids = " or ".join(map(repr, renamed))
        text += f'Renamed to {ids}? Keep its id: workflow.patched("{patch}"). Else put its path back:'
    else:
        text += "Put its path back:"
    was = f"{describe_event(following)}, as it was"
    later = [event for event in alignment.events_after if event.event_id > following.event_id]
    # What is also recorded further down comes after both paths, and is none of them.
    is_common = any(is_same(command, event) for event in later)
    lines = both_paths(patch, was, None if is_common else command.label)
    return Suggestion(kind=SuggestionKind.REMOVED_TOO_EARLY, text="\n".join([text, *lines]))


def _is_asked_for(event: HistoryEvent, command: Command, alignment: Alignment) -> bool:
    """Whether the code still asks for an event, as its next command or as a local activity."""
    recorded = recorded_in(event)
    return any(fits(asked, recorded) for asked in (command, *alignment.still_marked))


def _marked_in(alignment: Alignment) -> set[str]:
    """Ids of the patches with a marker in the History."""
    events = [*(event for event, _ in alignment.pairs), alignment.event, *alignment.events_after]
    patches = (patch_of(event) for event in events if event is not None)
    return {patch.patch_id for patch in patches if patch is not None}


def patches_of(history: History) -> tuple[str, ...]:
    """Ids of the patches whose marker, not a deprecated one, a History carries; sorted."""
    patches = (patch_of(event) for event in history.events)
    return tuple(sorted({p.patch_id for p in patches if p is not None and not p.deprecated}))


def _after_upsert(alignment: Alignment) -> HistoryEvent | None:
    """The event after the marker, past the search attribute upsert that Core writes next to it."""
    for event in alignment.events_after:
        recorded = recorded_in(event)
        if recorded is not None and recorded.kind is not UPSERT_SEARCH_ATTRIBUTES:
            return event
    return None


def deprecated_too_early(history: History, alignment: Alignment) -> Suggestion | None:
    """The code deprecates a patch that this History is older than."""
    markers = {patch.patch_id for event in history.events if (patch := patch_of(event)) is not None}
    asked = [command for _, command in alignment.pairs]
    asked += [command for command in (alignment.command, *alignment.passed_over) if command is not None]
    deprecated = {
        command.name or ""
        for command in asked
        if command.kind is SET_PATCH_MARKER and command.message.set_patch_marker.deprecated
    }
    wrong = alignment.command
    if wrong is not None and wrong.source is not None:
        # In a replay the call leaves no command where the History has no marker.
        deprecated |= _patches_called("deprecate_patch", wrong, before=wrong.source.line)
    for older in sorted(deprecated - markers):
        text = (
            f"this history is from before patch {older!r}, whose old path is gone. Keep both paths until no "
        )
        text += "such run is left:"
        now = wrong.label if wrong is not None else "nothing"
        was = f"{describe_event(alignment.event)}, as it was" if alignment.event is not None else "as it was"
        lines = both_paths(older, now, was)
        return Suggestion(kind=SuggestionKind.DEPRECATED_TOO_EARLY, text="\n".join([text, *lines]))
    return None


def _calls(function: str, patch: str, command: Command) -> bool:
    """Whether the code around a command calls `workflow.patched("...")` or its like for that patch."""
    return patch in _patches_called(function, command)


def _patches_called(function: str, command: Command, *, before: int | None = None) -> set[str]:
    return texts_given_to(function, command.source, before=before) if command.source is not None else set()


def _patch_call_is_elsewhere(patch: str) -> Suggestion:
    return Suggestion(
        kind=SuggestionKind.REORDERED,
        text=f"reordered: the call of patch {patch!r} is not where it was when this history was recorded. "
        "Asked before its place it answers False in a replay, and remembers that. Put it back:\n"
        f'    workflow.patched("{patch}")',
    )
