"""What to do about a divergence, in the user's own names."""

from __future__ import annotations

import ast
import dataclasses
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History, describe_event
from replaykit.replay.align import Alignment, fits
from replaykit.replay.commands import TERMINAL, Command, patch_of, recorded_kind
from replaykit.verdict import SuggestionKind, Verdict

__all__ = ["Suggestion", "patches_of", "suggest", "with_marker_count"]

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A piece of advice; its text may hold lines of code, indented."""

    kind: SuggestionKind
    text: str


def suggest(history: History, alignment: Alignment) -> Suggestion | None:
    """The advice that fits the first difference.

    Args:
        history: The History that diverged.
        alignment: Of its events and the commands of the code.

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
    added = any(_is_same(c, event) for c in alignment.commands_after) or _is_still_asked(alignment)
    removed = command is None or any(_is_same(command, e) for e in alignment.events_after)
    if command is not None and added and removed and command.kind not in TERMINAL:
        return _reordered(event, command)
    if command is not None and command.kind == "FailWorkflow" and isinstance(_node(command), ast.Raise):
        return _raised(command)
    if command is None or command.kind in TERMINAL or (removed and not added):
        return _removed(event)
    return _added(command) if added else _replaced(event, command)


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


def _is_still_asked(alignment: Alignment) -> bool:
    """Whether the code asks for what was recorded further down, where a replay does not get to."""
    event, command = alignment.event, alignment.command
    kind = recorded_kind(event) if event is not None else None
    if kind is None or command is None or command.source is None:
        return False
    # Behind the whole statement: the very call may name on a line of its own what it took the place of.
    statement = _node(command)
    end = (statement.end_lineno if statement is not None else None) or command.source.line
    behind = [n for n in _around(command) if getattr(n, "lineno", 0) > end]
    if kind[0] not in _CALLED:
        name = kind[1].rpartition(".")[2] if kind[1] and kind[0] == "ScheduleNexusOperation" else kind[1]
        return name is not None and any(
            name in (getattr(n, "id", None), getattr(n, "attr", None), getattr(n, "value", None))
            for n in behind
        )
    calls = sum(getattr(n, "attr", None) == _CALLED[kind[0]] for n in behind)
    recorded = 1 + sum((recorded_kind(e) or ("",))[0] == kind[0] for e in alignment.events_after)
    return bool(calls >= recorded)


def _around(command: Command) -> list[ast.AST]:
    """The syntax of the class or function that asked for a command, whole."""
    if command.source is None:
        return []
    tree = _parsed(command.source.file)[1]
    for node in tree.body if tree else ():
        if node.lineno <= command.source.line <= (node.end_lineno or 0):
            return list(ast.walk(node))
    return []


def _calls(function: str, patch: str, command: Command) -> bool:
    """Whether the code around a command calls `workflow.patched("...")` or its like for that patch."""
    return patch in _patches_called(function, command)


def _patches_called(function: str, command: Command, *, before: int | None = None) -> set[str]:
    return {
        node.args[0].value
        for node in _around(command)
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


def _reordered(event: HistoryEvent, command: Command) -> Suggestion:
    return Suggestion(
        kind=SuggestionKind.REORDERED,
        text=f"reordered: {describe_event(event)} came first, now {command.label} does. Restore "
        f'the order, or keep both orders apart:\n    if workflow.patched("{_slug(command)}-first"):',
    )


def _added(command: Command) -> Suggestion:
    statement = _statement(command) or [f"...  # {command.label}"]
    lines = [f'if workflow.patched("{_slug(command)}"):', *(f"    {line}" for line in statement)]
    return _patch("this is new since the history was recorded. Guard it:", lines)


def _raised(command: Command) -> Suggestion:
    """The workflow fails where the History goes on."""
    function = command.source.function if command.source is not None else ""
    statement = _statement(command) or []
    lines = [f'if workflow.patched("fail-in-{_kebab(function)}"):', *(f"    {line}" for line in statement)]
    return _patch("the workflow fails here, and the history goes on. Guard what is new:", lines)


def _removed(event: HistoryEvent) -> Suggestion:
    name = (recorded_kind(event) or ("", None))[1] or event_word(event)
    lines = [
        f'if not workflow.patched("without-{_kebab(name)}"):',
        f"    ...  # {describe_event(event)}, as it was",
    ]
    return _patch("this is gone since the history was recorded. Keep it for the runs that have it:", lines)


def _replaced(event: HistoryEvent, command: Command) -> Suggestion:
    statement = _statement(command) or [f"...  # {command.label}"]
    lines = [
        f'if workflow.patched("{_slug(command)}"):',
        *(f"    {line}" for line in statement),
        "else:",
        f"    ...  # {describe_event(event)}, as it was",
    ]
    return _patch("this took the place of what was recorded. Keep both:", lines)


def _patch(text: str, lines: list[str]) -> Suggestion:
    return Suggestion(kind=SuggestionKind.PATCH, text="\n".join([text, *(f"    {line}" for line in lines)]))


def _slug(command: Command) -> str:
    return _kebab("timer" if command.kind == "StartTimer" else command.name or command.kind)


def event_word(event: HistoryEvent) -> str:
    """The CamelCase name of an event's type."""
    return describe_event(event).split(" ", 1)[0].rstrip(":")


def _kebab(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name)
    return re.sub(r"[^A-Za-z0-9]+", "-", spaced).strip("-").lower() or "change"


@lru_cache(maxsize=64)
def _parsed(file: str) -> tuple[str, ast.Module | None]:
    try:
        source = Path(file).read_text(encoding="utf-8")
        return source, ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return "", None


def _statement(command: Command) -> list[str] | None:
    """The statement that asked for a command, whole and dedented."""
    node = _node(command)
    if node is None or command.source is None:
        return None
    source = _parsed(command.source.file)[0]
    return textwrap.dedent("\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])).splitlines()


def _node(command: Command) -> ast.stmt | None:
    """The syntax of the smallest statement around a command's line."""
    if command.source is None:
        return None
    line, tree = command.source.line, _parsed(command.source.file)[1]
    simple = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return min(simple, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)
