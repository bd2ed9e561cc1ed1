"""Code that keeps both paths with a patch: for what is new, gone, reordered or replaced."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from temporalio.api.history.v1 import HistoryEvent

from replaykit.code.statements import statement_at
from replaykit.history import describe_event
from replaykit.replay.align import Alignment, differing_ids
from replaykit.replay.commands import Command, recorded_in
from replaykit.replay.kinds import COMPLETE_WORKFLOW, START_TIMER
from replaykit.replay.suggestions.likeness import asked_later, is_same
from replaykit.replay.suggestions.value import Suggestion
from replaykit.verdict import InterceptorLine, SourceLine, SuggestionKind

__all__ = [
    "added",
    "asked_by_interceptor",
    "both_paths",
    "changed_by_interceptor",
    "event_word",
    "guarded",
    "raised",
    "removed",
    "reordered",
    "replaced",
    "returned",
]


_FEW_LINES, _MANY_LINES = 3, 7
"""Of a statement in a cure that shows other code beside it, and of one that stands alone."""


def reordered(alignment: Alignment, event: HistoryEvent, command: Command) -> Suggestion:
    """Both sides are there, in another order."""
    was = _source_of_recorded(alignment, event)
    new, old = statement_at(command.source), statement_at(was) if was is not None else None
    first, then = _code(command), [f"...  # {describe_event(event)}"]
    if old is not None:
        then = old.shown(most_lines=_FEW_LINES)
    before = [*then, *first]
    if old is not None and (old == new or "return" in (old.kind, new.kind if new is not None else "")):
        # Both in one statement, or nothing runs after the first: left to the author of the code.
        then = [] if old == new else then
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
    command = next((c for c in alignment.commands_after if is_same(c, event)), None)
    if command is not None:
        return command.source
    later, wrong = asked_later(alignment), alignment.command
    if not later or wrong is None or wrong.source is None:
        return None
    return dataclasses.replace(wrong.source, line=min(later))


def added(command: Command) -> Suggestion:
    """The code asks for what was not recorded."""
    return _patch("this is new since the history was recorded. Guard it:", guarded(command))


def guarded(command: Command) -> list[str]:
    """Code that keeps a command from runs that are older than it."""
    if command.kind is COMPLETE_WORKFLOW:
        return [
            f'if not workflow.patched("{_slug(command)}"):',
            "    ...  # what the code waited for, as it was",
        ]
    return [f'if workflow.patched("{_slug(command)}"):', *_indented(_code(command, most_lines=_MANY_LINES))]


def raised(command: Command) -> Suggestion:
    """The workflow fails where the History goes on."""
    return _ends(command, "fail", "the workflow fails here, and the history goes on. Guard what is new:")


def returned(command: Command) -> Suggestion:
    """The workflow returns where the History goes on, as does its code further down."""
    advice = "the workflow returns here, and the history goes on. Is that new? Guard it:"
    return _ends(command, "return", advice)


def _ends(command: Command, how: str, advice: str) -> Suggestion:
    function = command.source.function if command.source is not None else ""
    lines = [
        f'if workflow.patched("{how}-in-{_kebab(function)}"):',
        *_indented(_code(command, most_lines=_MANY_LINES)),
    ]
    return _patch(advice, lines)


def asked_by_interceptor(interceptor: InterceptorLine) -> Suggestion:
    """What the code asks for comes from an interceptor: no line of the workflow can be guarded."""
    return Suggestion(
        kind=SuggestionKind.INTERCEPTOR,
        text=f"the interceptor at {_place(interceptor)} asks for this, not the workflow. "
        "Runs that were recorded without it cannot take it: have the interceptor ask for "
        "nothing of its own, or finish those runs with the "
        "workers that they have (Worker Versioning) before the new interceptor takes over.",
    )


def changed_by_interceptor(event: HistoryEvent, command: Command) -> Suggestion | None:
    """The workflow's line names what was recorded, and an interceptor made another name of it."""
    recorded, statement = recorded_in(event), statement_at(command.source)
    if command.interceptor is None or statement is None or recorded is None:
        return None
    if recorded.kind is not command.kind or not recorded.name or not command.name:
        return None
    code = "\n".join(statement.lines)
    if not _names(code, recorded.name) or _names(code, command.name):
        return None
    return Suggestion(
        kind=SuggestionKind.INTERCEPTOR,
        text=f"the workflow still asks for {recorded.name!r}, and the interceptor at "
        f"{_place(command.interceptor)}, or one that it calls, makes {command.name!r} of it: no guard in the "
        "workflow helps. Have the interceptor leave the name as it was, or finish the runs that were "
        "recorded without it with the workers that they have (Worker Versioning) before the new "
        "interceptor takes over.",
    )


def _names(code: str, name: str) -> bool:
    """Whether code has a name as a whole word."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", code) is not None


def _place(interceptor: InterceptorLine) -> str:
    return f"{Path(interceptor.file).name}:{interceptor.line} in {interceptor.function}"


def removed(event: HistoryEvent) -> Suggestion:
    """The code no longer asks for what was recorded."""
    recorded = recorded_in(event)
    name = (recorded.name if recorded is not None else None) or event_word(event)
    lines = [
        f'if not workflow.patched("without-{_kebab(name)}"):',
        f"    ...  # {describe_event(event)}, as it was",
    ]
    return _patch("this is gone since the history was recorded. Keep it for the runs that have it:", lines)


def replaced(event: HistoryEvent, command: Command) -> Suggestion:
    """The code asks for one thing in the place of another."""
    lines = [
        f'if workflow.patched("{_slug(command)}"):',
        *_indented(_code(command)),
        "else:",
        f"    ...  # {describe_event(event)}, as it was",
    ]
    return _patch(_what_changed(event, command), lines)


def both_paths(patch: str, new: str, old: str | None) -> list[str]:
    """A patch with what each of its paths does, indented.

    Args:
        patch: Its id.
        new: What the patched path does, as a comment.
        old: The other; None where that path does nothing.
    """
    other = ["else:", f"    ...  # {old}"] if old is not None else []
    return _indented([f'if workflow.patched("{patch}"):', f"    ...  # {new}", *other])


def _what_changed(event: HistoryEvent, command: Command) -> str:
    ids = differing_ids(event, command)
    if ids is not None:
        return f"the id was {ids[0]!r} and is {ids[1]!r} now. Keep the old id, or both:"
    if command.kind.ends_run:
        return "the workflow ended differently when this was recorded. Keep both ends:"
    recorded, decorator = recorded_in(event), command.kind.decorator
    if recorded is not None and recorded.kind is command.kind and decorator is not None:
        return (
            "this took the place of what was recorded. Only renamed? Keep its old name: "
            f'@{decorator}(name="{recorded.name}"). Else keep both:'
        )
    return "this took the place of what was recorded. Keep both:"


def _patch(text: str, lines: list[str]) -> Suggestion:
    return Suggestion(kind=SuggestionKind.PATCH, text="\n".join([text, *_indented(lines)]))


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _slug(command: Command) -> str:
    if command.kind is START_TIMER:
        return "timer"
    # Of these the name is that of another thing, or a message.
    nameless = command.kind.cancels is not None or command.kind.ends_run
    return _kebab(command.kind.name if nameless else command.name or command.kind.name)


def event_word(event: HistoryEvent) -> str:
    """The CamelCase name of an event's type."""
    return describe_event(event).split(" ", 1)[0].rstrip(":")


def _kebab(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name)
    return re.sub(r"[^A-Za-z0-9]+", "-", spaced).strip("-").lower() or "change"


def _code(command: Command, *, most_lines: int = _FEW_LINES) -> list[str]:
    """The statement that asked for a command, or a comment in its place."""
    statement = statement_at(command.source)
    # A workflow may end after any statement.
    if statement is None or (command.kind is COMPLETE_WORKFLOW and statement.kind != "return"):
        return [f"...  # {command.label}"]
    return statement.shown(most_lines=most_lines)
