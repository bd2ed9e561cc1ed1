"""What Core refused: the two sides, the line, and the commands around them."""

from __future__ import annotations

import dataclasses
from itertools import zip_longest

from temporalio.api.history.v1 import HistoryEvent

from replaykit.code.user_code import relative_to
from replaykit.history import History, command_events, describe_event
from replaykit.replay.align import Alignment, Change, differing_ids
from replaykit.replay.by_arguments import Placed, compared_with_later, placed_by_arguments
from replaykit.replay.commands import Command, recorded_in
from replaykit.replay.core_text import CoreText, read_core_text
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.end_state import EndState
from replaykit.replay.markers import patch_of
from replaykit.replay.replayed import Replayed, at, via
from replaykit.replay.suggestions import event_word, suggest
from replaykit.verdict import AlignedStep, Divergence, InterceptorLine, Outcome, SourceLine

__all__ = ["alignment_steps", "diverged"]


def diverged(replayed: Replayed, alignment: Alignment, raw: str, *, evidence: bool) -> Diagnosis:
    """The Diagnosis of a replay that Core refused.

    Args:
        replayed: The replay.
        alignment: Its own, or one that is cut earlier.
        raw: Core's text.
        evidence: Whether to keep the whole alignment in `Diagnosis.steps`.
    """
    history, end_state = replayed.history, replayed.recording.end_state
    text = read_core_text(raw)
    event = _event_of(history, text, alignment)
    agreed = event is not None and alignment.event is not None and event.event_id == alignment.event.event_id
    placed = placed_by_arguments(replayed, alignment) if agreed and alignment is replayed.alignment else None
    stopped_at = event.event_id if event is not None and placed is not None else None
    if placed is not None:
        alignment, event = placed.alignment, placed.alignment.event
    elif agreed:
        alignment = compared_with_later(replayed, alignment)
    command = alignment.command if agreed else None
    recorded, produced = _labels(event, command, placed)
    suggestion = suggest(history, alignment, end_state) if agreed else None
    waiting = _waiting(end_state, replayed) if agreed and command is None else ()
    interceptor = relative_to(command.interceptor, replayed.root) if command is not None else None
    steps = alignment_steps(alignment, replayed, placed)
    before = [step for step in steps if step.matches]
    return Diagnosis(
        outcome=Outcome.DIVERGED,
        message=_sides(event, recorded, produced, waiting, interceptor) + _stops_later(alignment, stopped_at),
        detail=raw,
        commands_compared=sum(
            event is not None and e.event_id < event.event_id for e in command_events(history)
        ),
        divergence=Divergence(
            event_id=event.event_id if event is not None else None,
            recorded=recorded,
            produced=produced,
            source=replayed.line(_source_of(command, alignment)) or next(iter(waiting), None),
            message=text.sentence,
            suggestion=suggestion.text if suggestion else None,
            suggestion_kind=suggestion.kind if suggestion else None,
            before=tuple(before[-3:]),
            after=_after(alignment, replayed)[:3] if agreed else (),
            interceptor=interceptor,
            waiting=waiting,
            disagreement=None if agreed else _disagreement(event, alignment),
            stopped_at=stopped_at,
            raw=raw,
        ),
        steps=steps if evidence else (),
    )


def _waiting(end_state: EndState | None, replayed: Replayed) -> tuple[SourceLine, ...]:
    lines = (replayed.line(line) for line in (end_state.waiting if end_state is not None else ()))
    return tuple(line for line in lines if line is not None)


def _labels(
    event: HistoryEvent | None, command: Command | None, placed: Placed | None = None
) -> tuple[str | None, str | None]:
    """Both sides in a line each; with their ids or arguments where nothing else differs."""
    if event is not None and command is not None and placed is not None:
        return placed.with_arguments(describe_event(event), command.label)
    ids = differing_ids(event, command) if event is not None and command is not None else None
    if event is not None and command is not None and ids is not None:
        return f"{event_word(event)} {command.name} (id {ids[0]})", f"{command.label} (id {ids[1]})"
    return (
        describe_event(event) if event is not None else None,
        command.label if command is not None else None,
    )


def alignment_steps(
    alignment: Alignment, replayed: Replayed, placed: Placed | None = None
) -> tuple[AlignedStep, ...]:
    """An alignment as rows: the pairs, the first difference, and what comes after it on both sides.

    Args:
        alignment: It.
        replayed: The replay.
        placed: Has the arguments of the first difference, where only they show it.
    """
    pairs = (
        AlignedStep(
            event_id=event.event_id,
            recorded=describe_event(event),
            produced=command.label,
            source=replayed.line(command.source),
        )
        for event, command in alignment.pairs
    )
    if alignment.event is None and alignment.command is None:
        return tuple(pairs)
    recorded, produced = _labels(alignment.event, alignment.command, placed)
    first = _unpaired(alignment.event, alignment.command, replayed)
    return (
        *pairs,
        dataclasses.replace(first, recorded=recorded, produced=produced),
        *_after(alignment, replayed),
    )


def _after(alignment: Alignment, replayed: Replayed) -> tuple[AlignedStep, ...]:
    rows = zip_longest(alignment.events_after, alignment.commands_after)
    return tuple(_unpaired(event, command, replayed) for event, command in rows)


def _unpaired(event: HistoryEvent | None, command: Command | None, replayed: Replayed) -> AlignedStep:
    return AlignedStep(
        event_id=event.event_id if event is not None else None,
        recorded=describe_event(event) if event is not None else None,
        produced=command.label if command is not None else None,
        source=replayed.line(command.source) if command is not None else None,
        matches=False,
    )


def _source_of(command: Command | None, alignment: Alignment) -> SourceLine | None:
    """The line that asked for a command; where no line did, and no interceptor, that of the one before."""
    if command is not None and command.source is not None:
        return command.source
    if command is not None and command.interceptor is not None and command.interceptor.asked:
        return None
    before = [earlier.source for _, earlier in alignment.pairs if earlier.source is not None]
    return before[-1] if before else None


def _event_of(history: History, text: CoreText, alignment: Alignment) -> HistoryEvent | None:
    """The event at which they differ: Core's where it names a command event, else the alignment's."""
    if text.event_id is not None:
        named = next((e for e in history.events if e.event_id == text.event_id), None)
        if named is not None and recorded_in(named) is not None:
            return named
    if text.patch is not None:
        for event in history.events:
            patch = patch_of(event)
            if patch is not None and patch.patch_id == text.patch:
                return event
    return alignment.event


def _disagreement(event: HistoryEvent | None, alignment: Alignment) -> str:
    core = f"event {event.event_id}" if event is not None else "no event"
    ours = f"event {alignment.event.event_id}" if alignment.event is not None else "no difference"
    return f"Core sees it at {core}, replaykit's own alignment at {ours}; the outcome is Core's"


def _stops_later(alignment: Alignment, stopped_at: int | None) -> str:
    if stopped_at is None or alignment.change is None:
        return ""
    is_new = alignment.change is Change.INSERTED
    what = "what the code asked for is new there" if is_new else "what was recorded is gone there"
    return f"; the arguments show that {what}. Temporal itself stops later, at event {stopped_at}"


def _sides(
    event: HistoryEvent | None,
    recorded: str | None,
    produced: str | None,
    waiting: tuple[SourceLine, ...],
    interceptor: InterceptorLine | None,
) -> str:
    where = f"event {event.event_id}: " if event is not None else ""
    stands = f" and waits{' and'.join(map(at, waiting[:2]))}" if waiting else ""
    return (
        f"{where}recorded {recorded or 'nothing more'}, "
        f"but the code asked for {produced or 'nothing more'}{via(interceptor)}{stands}"
    )
