"""Turns what the SDK answered for one History into a Verdict."""

from __future__ import annotations

import dataclasses
import re
import textwrap
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from temporalio.api.history.v1 import HistoryEvent

from replaykit.code.replacements import cure_of_call
from replaykit.code.user_code import is_user_code, relative_to
from replaykit.history import History, command_events, describe_event
from replaykit.replay.align import Alignment, align, differing_ids, parted_at_cancel
from replaykit.replay.commands import Command, recorded_in
from replaykit.replay.core_text import CoreText, read_core_text
from replaykit.replay.end_state import EndState
from replaykit.replay.markers import patch_of
from replaykit.replay.recorder import CodeFailure, Recording
from replaykit.replay.suggestions import event_word, suggest
from replaykit.verdict import AlignedStep, Divergence, Outcome, Reason, SourceLine, Verdict

__all__ = ["Diagnosis", "diagnose", "source_in"]

_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>.+?)\s*$', re.MULTILINE)
_REFUSED = re.compile(r"Cannot access (?P<what>\S+) from inside a workflow")
_DEADLOCK = "[TMPRL1101]"
_UNDECODED = "Failed decoding arguments"
_MISSING_ARGUMENTS = re.compile(
    r"(?P<cls>\w+)\.(?:__init__|__new__)\(\) missing \d+ required (?:positional|keyword-only) arguments?: "
    r"(?P<names>.*)"
)
_QUOTED = re.compile(r"'([^']+)'")
_PYDANTIC = re.compile(r"ValidationError: (?P<count>\d+) validation errors? for (?P<cls>.+)")
_PYDANTIC_FIELD = re.compile(r"^(\S+)\n +Field required", re.MULTILINE)
_NOT_REGISTERED = "is not registered on this worker"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """The part of a Verdict that a replay decides."""

    outcome: Outcome
    reason: Reason | None = None
    message: str | None = None
    detail: str | None = None
    source: SourceLine | None = None
    commands_compared: int = 0
    divergence: Divergence | None = None
    steps: tuple[AlignedStep, ...] = ()

    def verdict(self, history: History, *, name: str, duration_s: float) -> Verdict:
        """The whole Verdict, with the History's own names."""
        return Verdict(
            history=name,
            workflow_type=history.workflow_type,
            workflow_id=history.workflow_id,
            run_id=history.run_id,
            outcome=self.outcome,
            reason=self.reason,
            message=self.message,
            detail=self.detail,
            source=self.source,
            commands_compared=self.commands_compared,
            duration_s=duration_s,
            divergence=self.divergence,
            steps=self.steps,
        )


def diagnose(
    history: History, failure: Exception | None, recording: Recording, *, root: Path, evidence: bool = False
) -> Diagnosis:
    """Tell apart what the SDK's Replayer answered.

    Args:
        history: The History that was replayed.
        failure: `WorkflowReplayResult.replay_failure`.
        recording: What the code asked for meanwhile.
        root: The project; source lines inside it are given relative to it.
        evidence: Whether to keep the whole alignment in `Diagnosis.steps`.
    """
    commands = command_events(history)
    if failure is None:
        if not commands:
            return vacuous(history)
        steps = alignment_steps(align(history.events, recording.commands), root) if evidence else ()
        return Diagnosis(outcome=Outcome.CONSISTENT, commands_compared=len(commands), steps=steps)
    raw = str(failure)
    # By name, since a test runner may have imported temporalio twice.
    if any(cls.__name__ == "NondeterminismError" for cls in type(failure).__mro__):
        return _diverged(history, raw, recording, root, evidence=evidence)
    parted = _refused_for_a_cancel(history, raw, recording)
    if parted is not None:
        return _diverged(history, raw, recording, root, evidence=evidence, alignment=parted)
    return _unjudged(raw, recording, root)


def _refused_for_a_cancel(history: History, raw: str, recording: Recording) -> Alignment | None:
    """The alignment where an activity's cancel came, went or changed: Core does not say that it diverged."""
    refused = read_core_text(raw).refused_transition
    if refused is None:
        return None
    alignment = align(history.events, recording.commands)
    if alignment.event is not None and alignment.event.event_id == refused:
        return alignment
    event = next((event for event in history.events if event.event_id == refused), None)
    return parted_at_cancel(alignment, event) if event is not None else None


def vacuous(history: History) -> Diagnosis:
    """The Diagnosis of a History in which no command was recorded."""
    last = history.events[-1].event_id
    again = f" Capture it again later: replaykit capture {history.workflow_id}" if history.workflow_id else ""
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.VACUOUS,
        message=f"its {last} events record no command, so there is nothing to compare.{again}",
    )


def _diverged(
    history: History,
    raw: str,
    recording: Recording,
    root: Path,
    *,
    evidence: bool,
    alignment: Alignment | None = None,
) -> Diagnosis:
    text = read_core_text(raw)
    alignment = alignment or align(history.events, recording.commands)
    event = _event_of(history, text, alignment)
    agreed = event is not None and alignment.event is not None and event.event_id == alignment.event.event_id
    command = alignment.command if agreed else None
    recorded, produced = _labels(event, command)
    end_state = recording.end_state
    suggestion = suggest(history, alignment, end_state) if agreed else None
    waiting = _waiting(end_state, root) if agreed and command is None else ()
    before = [step for step in alignment_steps(alignment, root) if step.matches]
    return Diagnosis(
        outcome=Outcome.DIVERGED,
        message=_sides(event, recorded, produced, waiting),
        detail=raw,
        commands_compared=sum(
            event is not None and e.event_id < event.event_id for e in command_events(history)
        ),
        divergence=Divergence(
            event_id=event.event_id if event is not None else None,
            recorded=recorded,
            produced=produced,
            source=relative_to(_source_of(command, alignment), root) or next(iter(waiting), None),
            message=text.sentence,
            suggestion=suggestion.text if suggestion else None,
            suggestion_kind=suggestion.kind if suggestion else None,
            before=tuple(before[-3:]),
            after=_after(alignment, root)[:3] if agreed else (),
            waiting=waiting,
            disagreement=None if agreed else _disagreement(event, alignment),
            raw=raw,
        ),
        steps=alignment_steps(alignment, root) if evidence else (),
    )


def _waiting(end_state: EndState | None, root: Path) -> tuple[SourceLine, ...]:
    lines = (relative_to(line, root) for line in (end_state.waiting if end_state is not None else ()))
    return tuple(line for line in lines if line is not None)


def _labels(event: HistoryEvent | None, command: Command | None) -> tuple[str | None, str | None]:
    """Both sides in a line each; with their ids where nothing else tells them apart."""
    ids = differing_ids(event, command) if event is not None and command is not None else None
    if event is not None and command is not None and ids is not None:
        return f"{event_word(event)} {command.name} (id {ids[0]})", f"{command.label} (id {ids[1]})"
    return (
        describe_event(event) if event is not None else None,
        command.label if command is not None else None,
    )


def alignment_steps(alignment: Alignment, root: Path) -> tuple[AlignedStep, ...]:
    """An alignment as rows: the pairs, the first difference, and what comes behind it on both sides."""
    pairs = (
        AlignedStep(
            event_id=event.event_id,
            recorded=describe_event(event),
            produced=command.label,
            source=relative_to(command.source, root),
        )
        for event, command in alignment.pairs
    )
    if alignment.event is None and alignment.command is None:
        return tuple(pairs)
    recorded, produced = _labels(alignment.event, alignment.command)
    first = _unpaired(alignment.event, alignment.command, root)
    return (
        *pairs,
        dataclasses.replace(first, recorded=recorded, produced=produced),
        *_after(alignment, root),
    )


def _after(alignment: Alignment, root: Path) -> tuple[AlignedStep, ...]:
    rows = zip_longest(alignment.events_after, alignment.commands_after)
    return tuple(_unpaired(event, command, root) for event, command in rows)


def _unpaired(event: HistoryEvent | None, command: Command | None, root: Path) -> AlignedStep:
    return AlignedStep(
        event_id=event.event_id if event is not None else None,
        recorded=describe_event(event) if event is not None else None,
        produced=command.label if command is not None else None,
        source=relative_to(command.source, root) if command is not None else None,
        matches=False,
    )


def _source_of(command: Command | None, alignment: Alignment) -> SourceLine | None:
    """The line that asked for a command; where no line did, that of the one before."""
    if command is not None and command.source is not None:
        return command.source
    before = [earlier.source for _, earlier in alignment.pairs if earlier.source is not None]
    return before[-1] if before else None


def _event_of(history: History, text: CoreText, alignment: Alignment) -> HistoryEvent | None:
    """The event at which they part: Core's where it names a command event, else the alignment's."""
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


def _sides(
    event: HistoryEvent | None, recorded: str | None, produced: str | None, waiting: tuple[SourceLine, ...]
) -> str:
    where = f"event {event.event_id}: " if event is not None else ""
    stands = f" and waits{' and'.join(map(_at, waiting[:2]))}" if waiting else ""
    return (
        f"{where}recorded {recorded or 'nothing more'}, "
        f"but the code asked for {produced or 'nothing more'}{stands}"
    )


def _unjudged(raw: str, recording: Recording, root: Path) -> Diagnosis:
    failure = recording.failure
    if failure is None:
        return _outside_the_code(raw, root)
    source = source_in(failure.stack, root)
    detail = "\n".join([failure.stack.rstrip() or raw, *failure.causes])
    if failure.message == _UNDECODED:
        return Diagnosis(
            outcome=Outcome.UNJUDGED,
            reason=Reason.UNDECODABLE_PAYLOAD,
            message=_undecoded(failure),
            detail=detail,
            source=source,
        )
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.WORKFLOW_TASK_FAILED,
        message=f"{_of_code(failure)}{_at(source)}{_cure(failure)}",
        detail=detail,
        source=source,
    )


def _undecoded(failure: CodeFailure) -> str:
    fields = _missing_fields(failure.causes)
    if fields is not None:
        cls, names = fields
        several = len(names) > 1
        return (
            f"a payload of the History was recorded without {'fields' if several else 'field'} "
            f"{_listed(names)} of {cls}. Give {'them defaults' if several else 'it a default'}, "
            "or let the data converter fill in what older payloads lack"
        )
    cause = textwrap.shorten(failure.causes[0], 200, placeholder=" ...") if failure.causes else ""
    causes = f" ({cause})" if cause else ""
    return (
        "a payload of the History does not decode to the type that the code expects"
        f"{causes}. Is the worker's data_converter configured?"
    )


def _missing_fields(causes: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """The class and its fields that a payload does not have, where that is what a cause says."""
    for cause in causes:
        missing = _MISSING_ARGUMENTS.search(cause)
        if missing:
            return missing.group("cls"), tuple(_QUOTED.findall(missing.group("names")))
        invalid = _PYDANTIC.search(cause)
        required = _PYDANTIC_FIELD.findall(cause)
        # One error of another sort, and a default alone does not help.
        if invalid and required and len(required) == int(invalid.group("count")):
            return invalid.group("cls"), tuple(required)
    return None


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


def _of_code(failure: CodeFailure) -> str:
    for text in (failure.message, *failure.causes):
        refused = _REFUSED.search(text)
        if refused:
            name = refused.group("what").removesuffix(".__call__").removeprefix("__builtins__.")
            return f"the sandbox refused {name}"
    first = next(iter(failure.message.splitlines()), "")
    if first.startswith("workflow code raised"):
        return first
    cause = f" ({failure.causes[0]})" if failure.causes else ""
    return f"the code raised {failure.error_type}{first and f': {first}'}{cause}"


def _cure(failure: CodeFailure) -> str:
    for text in (failure.message, *failure.causes):
        refused = _REFUSED.search(text)
        if refused:
            return f". {cure_of_call(refused.group('what'))}"
    return ""


def _outside_the_code(raw: str, root: Path) -> Diagnosis:
    """No workflow task of the code failed: the SDK around it did."""
    code, _, _ = raw.partition(":")
    text = read_core_text(raw)
    sentence = text.sentence
    reason, message = Reason.CRASHED, sentence
    if _DEADLOCK in raw:
        source = source_in(text.stack, root, innermost_first=True)  # the SDK walks a running thread upwards
        return Diagnosis(
            outcome=Outcome.UNJUDGED,
            reason=Reason.TIMED_OUT,
            message=f"the code never yielded{_at(source)}: an endless loop, or a blocking call",
            detail=raw,
            source=source,
        )
    if code == "8":
        reason, message = Reason.INVALID_HISTORY, f"Core refused the History: {sentence}"
    elif code == "4" and _NOT_REGISTERED in raw:
        reason = Reason.UNKNOWN_WORKFLOW
    elif code == "4":
        reason = Reason.UNDECODABLE_PAYLOAD
        message = (
            f"a payload of the History could not be decoded: {sentence}. Is the worker's codec configured?"
        )
    return Diagnosis(outcome=Outcome.UNJUDGED, reason=reason, message=message, detail=raw)


def _at(source: SourceLine | None) -> str:
    return f" at {source.file}:{source.line} in {source.function}" if source else ""


def source_in(stack: str, root: Path, *, innermost_first: bool = False) -> SourceLine | None:
    """The innermost line of the user's code in a Python stack trace.

    Never a frame of temporalio, of replaykit, of the standard library or of an installed package.
    """
    frames = [match.groupdict() for match in _FRAME.finditer(stack)]
    for frame in frames if innermost_first else reversed(frames):
        if is_user_code(frame["file"]):
            found = SourceLine(
                file=frame["file"], line=int(frame["line"]), function=frame["function"].split(".")[-1]
            )
            return relative_to(found, root)
    return None
