"""What to do about a divergence, in the user's own names."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History, describe_event
from replaykit.replay.align import CANCELS, Alignment, differing_ids, fits
from replaykit.replay.commands import TERMINAL, Command, patch_of, recorded_kind
from replaykit.replay.snippets import around, code_of, statement_at, statement_of
from replaykit.replay.standing import Standing
from replaykit.verdict import SourceLine, SuggestionKind, Verdict

__all__ = ["Suggestion", "guarded", "patches_of", "suggest", "with_marker_count"]

_SDK_BUGS = ("temporal-python 1.32", "temporal-python 1.33")
"""They recorded local activities otherwise than later SDKs replay them (temporalio/sdk-python issue 1881)."""

_ABOUT_MARKERS = (SuggestionKind.KEEP_DEPRECATE_PATCH, SuggestionKind.REMOVED_TOO_EARLY)


_CALLED = {
    "StartTimer": "sleep",
    "SignalExternalWorkflow": "signal",
    "RequestCancelExternalWorkflow": "cancel",
    "UpsertSearchAttributes": "upsert_search_attributes",
    "ModifyWorkflowProperties": "upsert_memo",
}
"""By kind of a command without a name that can be looked for: the call that asks for it."""

_FEW_LINES, _MANY_LINES = 3, 7
"""Of a statement in a cure that shows other code beside it, and of one that stands alone."""

_NAMED_BY = {
    "ScheduleActivity": "activity.defn",
    "ScheduleLocalActivity": "activity.defn",
    "StartChildWorkflow": "workflow.defn",
}
"""By kind of a command that names code of the user's: the decorator that keeps the old name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A piece of advice; its text may hold lines of code, indented."""

    kind: SuggestionKind
    text: str


def suggest(history: History, alignment: Alignment, standing: Standing | None = None) -> Suggestion | None:
    """The advice that fits the first difference.

    Args:
        history: The History that diverged.
        alignment: Of its events and the commands of the code.
        standing: Where the code stood when the replay was over, and its handlers.

    Returns:
        None where there is no difference to speak of.
    """
    event, command = alignment.event, alignment.command
    if event is None:
        return None
    kind = recorded_kind(event)
    if kind is not None and kind[0] == "ScheduleLocalActivity" and (history.sdk or "").startswith(_SDK_BUGS):
        return Suggestion(
            kind=SuggestionKind.SDK,
            text=f"{history.sdk} recorded this local activity, and later SDKs replay it otherwise "
            "(temporalio/sdk-python issue 1881). Does the unchanged code diverge too? Then it is the SDK.",
        )
    patch = patch_of(event)
    if patch is not None:
        if command is not None and _calls("patched", patch[0], command):
            return _patch_call_is_elsewhere(patch[0])
        return _patch_call_is_gone(patch[0], alignment)
    if (early := _deprecated_too_early(history, alignment)) is not None:
        return early
    if standing is not None and (unheard := _update_without_handler(event, command, standing)) is not None:
        return unheard
    return _of_sides(history, alignment, standing)


def _of_sides(history: History, alignment: Alignment, standing: Standing | None) -> Suggestion | None:
    """The advice that follows from what stands where on both sides."""
    event, command = alignment.event, alignment.command
    assert event is not None
    added = any(_is_same(c, event) for c in alignment.commands_after) or bool(_asked_later(alignment))
    removed = command is None or any(_is_same(command, e) for e in alignment.events_after)
    ends = (recorded_kind(event) or ("",))[0] in TERMINAL
    if command is not None and command.kind in TERMINAL and ends:
        return _replaced(event, command)
    if command is not None and added and removed and command.kind not in TERMINAL:
        return _reordered(alignment, event, command)
    if (
        command is not None
        and command.kind == "FailWorkflow"
        and isinstance(statement_of(command), ast.Raise)
    ):
        return _raised(command)
    if command is None or command.kind in TERMINAL or (removed and not added):
        unheard = _signal_without_handler(history, event, standing) if standing is not None else None
        return unheard or _removed(event)
    return _added(command) if added or ends else _replaced(event, command)


def _signal_without_handler(history: History, event: HistoryEvent, standing: Standing) -> Suggestion | None:
    """A signal that the code did not take, before the event that it does not get to."""
    for signaled in history.events:
        if signaled.event_id >= event.event_id:
            return None
        name = signaled.workflow_execution_signaled_event_attributes.signal_name
        if signaled.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED and (
            name in standing.unheard
        ):
            return _no_handler("signal", name, signaled, standing.signals)
    return None


def _update_without_handler(
    event: HistoryEvent, command: Command | None, standing: Standing
) -> Suggestion | None:
    """An update that was accepted, and that the code rejects for want of a handler."""
    accepted = event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    if not accepted or command is None or (command.kind, command.name) != ("UpdateResponse", "rejected"):
        return None
    name = event.workflow_execution_update_accepted_event_attributes.accepted_request.input.name
    if not name or name in standing.updates or None in standing.updates:
        return None
    return _no_handler("update", name, event, standing.updates)


def _no_handler(what: str, name: str, event: HistoryEvent, known: frozenset[str | None]) -> Suggestion:
    names = ", ".join(sorted(repr(other) for other in known if other))
    has = f" (it has {names})" if names else ""
    return Suggestion(
        kind=SuggestionKind.KEEP_HANDLER,
        text=f"{what} {name!r} (event {event.event_id}) has no handler in this code{has}. Renamed or "
        "removed? Keep a handler of that name until no such run is left:\n"
        f'    @workflow.{what}(name="{name}")',
    )


def _patch_call_is_gone(patch: str, alignment: Alignment) -> Suggestion:
    """A marker that the code does not ask for: is the patched path still there?"""
    following = _behind_upsert(alignment)
    command = alignment.command
    if following is None or command is None or fits(command, recorded_kind(following)):
        return Suggestion(
            kind=SuggestionKind.KEEP_DEPRECATE_PATCH,
            text=f"this history was recorded after patch {patch!r}: keep this call where the patch was, "
            f'until no such run is left:\n    workflow.deprecate_patch("{patch}")',
        )
    return Suggestion(
        kind=SuggestionKind.REMOVED_TOO_EARLY,
        text=f"patch {patch!r} was removed too early, this history still carries its marker. Put the patched "
        f'path back:\n    if workflow.patched("{patch}"):',
    )


def patches_of(history: History) -> set[str]:
    """Ids of the patches whose marker, not a deprecated one, a History carries."""
    patches = (patch_of(event) for event in history.events)
    return {patch[0] for patch in patches if patch is not None and not patch[1]}


def with_marker_count(verdict: Verdict, carriers: Mapping[str, int]) -> Verdict:
    """The Verdict; where a patch call is gone, with the number of Histories that still carry its marker."""
    divergence = verdict.divergence
    if divergence is None or divergence.suggestion_kind not in _ABOUT_MARKERS:
        return verdict
    count = carriers.get((divergence.recorded or "").removeprefix("MarkerRecorded patch "), 0)
    if count < 2:
        return verdict
    suggestion = f"{divergence.suggestion}\n{count} of the histories carry this marker."
    return dataclasses.replace(verdict, divergence=dataclasses.replace(divergence, suggestion=suggestion))


def _behind_upsert(alignment: Alignment) -> HistoryEvent | None:
    """The event behind the marker, past the search attribute upsert that Core writes next to it."""
    for event in alignment.events_after:
        kind = recorded_kind(event)
        if kind is not None and kind[0] != "UpsertSearchAttributes":
            return event
    return None


def _deprecated_too_early(history: History, alignment: Alignment) -> Suggestion | None:
    """The code deprecates a patch that this History is older than."""
    markers = {patch[0] for event in history.events if (patch := patch_of(event)) is not None}
    asked = [command for _, command in alignment.pairs]
    asked += [command for command in (alignment.command, *alignment.passed_over) if command is not None]
    deprecated = {
        command.name or ""
        for command in asked
        if command.kind == "SetPatchMarker" and command.message.set_patch_marker.deprecated
    }
    wrong = alignment.command
    if wrong is not None and wrong.source is not None:
        # In a replay the call leaves no command where the History has no marker.
        deprecated |= _patches_called("deprecate_patch", wrong, before=wrong.source.line)
    for older in sorted(deprecated - markers):
        return Suggestion(
            kind=SuggestionKind.DEPRECATED_TOO_EARLY,
            text=f"this history is from before patch {older!r}, whose old path is gone. Keep both "
            f'paths until no such run is left:\n    if workflow.patched("{older}"):',
        )
    return None


def _is_same(command: Command, event: HistoryEvent) -> bool:
    """Whether an event is likely to have recorded that very command: timers go by their length."""
    if command.kind == "StartTimer":
        recorded = event.timer_started_event_attributes.start_to_fire_timeout
        length = command.message.start_timer.start_to_fire_timeout
        if recorded != length:
            return False
    return fits(command, recorded_kind(event))


def _asked_later(alignment: Alignment) -> list[ast.AST]:
    """Where the code asks for what was recorded further down, where a replay does not get to."""
    event, command = alignment.event, alignment.command
    kind = recorded_kind(event) if event is not None else None
    if kind is None or command is None or command.source is None:
        return []
    # Behind the whole statement: the very call may name on a line of its own what it took the place of.
    statement = statement_of(command)
    end = (statement.end_lineno if statement is not None else None) or command.source.line
    behind = [n for n in around(command.source) if getattr(n, "lineno", 0) > end]
    if kind[0] not in _CALLED:
        name = kind[1].rpartition(".")[2] if kind[1] and kind[0] == "ScheduleNexusOperation" else kind[1]
        names = [
            (getattr(n, "id", None), getattr(n, "attr", None), getattr(n, "value", None)) for n in behind
        ]
        return [n for n, each in zip(behind, names, strict=True) if name is not None and name in each]
    calls = [n for n in behind if getattr(n, "attr", None) == _CALLED[kind[0]]]
    recorded = 1 + sum((recorded_kind(e) or ("",))[0] == kind[0] for e in alignment.events_after)
    return calls if len(calls) >= recorded else []


def _calls(function: str, patch: str, command: Command) -> bool:
    """Whether the code around a command calls `workflow.patched("...")` or its like for that patch."""
    return patch in _patches_called(function, command)


def _patches_called(function: str, command: Command, *, before: int | None = None) -> set[str]:
    return {
        node.args[0].value
        for node in (around(command.source) if command.source is not None else ())
        if isinstance(node, ast.Call)
        and function in (getattr(node.func, "attr", None), getattr(node.func, "id", None))
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and (before is None or node.lineno < before)
    }


def _patch_call_is_elsewhere(patch: str) -> Suggestion:
    return Suggestion(
        kind=SuggestionKind.REORDERED,
        text=f"reordered: the call of patch {patch!r} is not where it was when this history was recorded. "
        "Asked before its place it answers False in a replay, and remembers that. Put it back:\n"
        f'    workflow.patched("{patch}")',
    )


def _reordered(alignment: Alignment, event: HistoryEvent, command: Command) -> Suggestion:
    was = _source_of_recorded(alignment, event)
    new, old = statement_of(command), statement_at(was) if was is not None else None
    first, then = _code(command), [f"...  # {describe_event(event)}"]
    if was is not None and old is not None:
        then = code_of(old, was.file, most_lines=_FEW_LINES)
    before = [*then, *first]
    if old is not None and (old is new or ast.Return in (type(new), type(old))):
        # Both in one statement, or nothing gets past the first: to be written by somebody who knows it.
        then = [] if old is new else then
        before = [f"...  # {describe_event(event)} first, as it was"]
    lines = [
        f'if workflow.patched("{_slug(command)}-first"):',
        *_indented([*first, *then]),
        "else:",
        *_indented(before),
    ]
    return Suggestion(
        kind=SuggestionKind.REORDERED,
        text="\n".join(["reordered. Restore the recorded order, or keep both:", *_indented(lines)]),
    )


def _source_of_recorded(alignment: Alignment, event: HistoryEvent) -> SourceLine | None:
    """The line that asks for what was recorded, now in another place."""
    command = next((c for c in alignment.commands_after if _is_same(c, event)), None)
    if command is not None:
        return command.source
    later, wrong = _asked_later(alignment), alignment.command
    if not later or wrong is None or wrong.source is None:
        return None
    return dataclasses.replace(wrong.source, line=min(getattr(node, "lineno", 0) for node in later))


def _added(command: Command) -> Suggestion:
    return _patch("this is new since the history was recorded. Guard it:", guarded(command))


def guarded(command: Command) -> list[str]:
    """Code that keeps a command from runs that are older than it."""
    if command.kind == "CompleteWorkflow":
        return [
            f'if not workflow.patched("{_slug(command)}"):',
            "    ...  # what the code waited for, as it was",
        ]
    return [f'if workflow.patched("{_slug(command)}"):', *_indented(_code(command, most_lines=_MANY_LINES))]


def _raised(command: Command) -> Suggestion:
    """The workflow fails where the History goes on."""
    function = command.source.function if command.source is not None else ""
    lines = [
        f'if workflow.patched("fail-in-{_kebab(function)}"):',
        *_indented(_code(command, most_lines=_MANY_LINES)),
    ]
    return _patch("the workflow fails here, and the history goes on. Guard what is new:", lines)


def _removed(event: HistoryEvent) -> Suggestion:
    name = (recorded_kind(event) or ("", None))[1] or event_word(event)
    lines = [
        f'if not workflow.patched("without-{_kebab(name)}"):',
        f"    ...  # {describe_event(event)}, as it was",
    ]
    return _patch("this is gone since the history was recorded. Keep it for the runs that have it:", lines)


def _replaced(event: HistoryEvent, command: Command) -> Suggestion:
    lines = [
        f'if workflow.patched("{_slug(command)}"):',
        *_indented(_code(command)),
        "else:",
        f"    ...  # {describe_event(event)}, as it was",
    ]
    return _patch(_what_changed(event, command), lines)


def _what_changed(event: HistoryEvent, command: Command) -> str:
    ids = differing_ids(event, command)
    if ids is not None:
        return f"the id was {ids[0]!r} and is {ids[1]!r} now. Keep the old id, or both:"
    if command.kind in TERMINAL:
        return "the workflow ended otherwise when this was recorded. Keep both ends:"
    kind = recorded_kind(event)
    renamed = kind is not None and kind[0] == command.kind and kind[0] in _NAMED_BY
    if kind is not None and renamed:
        return (
            "this took the place of what was recorded. Only renamed? Keep its old name: "
            f'@{_NAMED_BY[kind[0]]}(name="{kind[1]}"). Else keep both:'
        )
    return "this took the place of what was recorded. Keep both:"


def _patch(text: str, lines: list[str]) -> Suggestion:
    return Suggestion(kind=SuggestionKind.PATCH, text="\n".join([text, *_indented(lines)]))


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _slug(command: Command) -> str:
    if command.kind == "StartTimer":
        return "timer"
    # Of these the name is that of another thing, or a message.
    nameless = command.kind in CANCELS or command.kind in TERMINAL
    return _kebab(command.kind if nameless else command.name or command.kind)


def event_word(event: HistoryEvent) -> str:
    """The CamelCase name of an event's type."""
    return describe_event(event).split(" ", 1)[0].rstrip(":")


def _kebab(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name)
    return re.sub(r"[^A-Za-z0-9]+", "-", spaced).strip("-").lower() or "change"


def _code(command: Command, *, most_lines: int = _FEW_LINES) -> list[str]:
    """The statement that asked for a command, or a comment in its place."""
    statement = statement_of(command)
    # A workflow may end behind any statement.
    falls_off = command.kind == "CompleteWorkflow" and not isinstance(statement, ast.Return)
    if statement is None or command.source is None or falls_off:
        return [f"...  # {command.label}"]
    return code_of(statement, command.source.file, most_lines=most_lines)
