"""Strict comparison: every attribute of every matched command, and the tail."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

from replaykit.config import StrictPolicy
from replaykit.history import History
from replaykit.history.durations import with_readable_spans
from replaykit.replay.align import Alignment, align
from replaykit.replay.commands import Command, recorded_in
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.kinds import UPDATE_RESPONSE, Compares
from replaykit.replay.replayed import Replayed, at
from replaykit.replay.strict.attribute import Attribute
from replaykit.replay.strict.attributes import attributes_of
from replaykit.replay.strict.differences import differences
from replaykit.replay.strict.failures import ENCODED
from replaykit.replay.strict.payloads import CodecFailed, Encoded, Reader
from replaykit.replay.strict.run import Pair, Run
from replaykit.replay.strict.severity import is_ignored, severity_of
from replaykit.replay.strict.tail import tail_of
from replaykit.replay.strict.targets import cancellation_targets
from replaykit.replay.strict.updates import update_answers
from replaykit.replay.suggestions import guarded
from replaykit.verdict import Drift, Outcome, Reason, Severity

__all__ = ["compare", "judged_strictly"]

_RENAMED = (Compares.ID_AND_TYPE, Compares.OPERATION)
_RENAMES = 50


def judged_strictly(diagnosis: Diagnosis, replayed: Replayed, policy: StrictPolicy) -> Diagnosis:
    """A Diagnosis with the drifts of its replay, and the outcome that they make of it.

    A History whose commands match, or that has none, becomes `drifted` where a drift is as severe as the
    policy's `fail_on`; the others are listed in any case. A divergence stays one, and what could not be
    judged stays unjudged, with the drifts before: a changed argument may be why the code raised.

    Args:
        diagnosis: Without a look at attributes.
        replayed: The replay.
        policy: What to leave out, and what to fail on.
    """
    accepted = diagnosis.outcome is Outcome.CONSISTENT or diagnosis.reason is Reason.VACUOUS
    try:
        drifts = compare(replayed, accepted=accepted)
    except CodecFailed as error:
        if not accepted:
            return diagnosis
        return dataclasses.replace(
            diagnosis,
            outcome=Outcome.UNJUDGED,
            reason=Reason.UNDECODABLE_PAYLOAD,
            message=f"strict mode: the codec refused a payload of the History ({error}). "
            "Is the right key or codec configured?",
            detail=repr(error.__cause__),
        )
    rules = policy.of(replayed.history.workflow_type or "")
    drifts = tuple(drift for drift in drifts if not is_ignored(drift.field, rules.ignore))
    failing = [d for d in drifts if d.severity is Severity.BEHAVIOURAL or rules.fail_on is Severity.COSMETIC]
    if not failing or not accepted:
        return dataclasses.replace(diagnosis, drifts=drifts)
    return dataclasses.replace(
        diagnosis, outcome=Outcome.DRIFTED, reason=None, message=_message(failing), detail=None, drifts=drifts
    )


def _message(drifts: Sequence[Drift]) -> str:
    first = drifts[0]
    where = f"event {first.event_id}: " if first.event_id is not None else ""
    text = first.message
    if text is None:
        text = f"{where}{first.field} was {_short(first.recorded)}, is {_short(first.produced)}"
    more = len(drifts) - 1
    return f"{text}; and {more} more" if more else text


def _short(value: object) -> str:
    read = with_readable_spans(value)
    text = " ".join(read.split()) if isinstance(read, str) else repr(read)
    return text if len(text) <= 60 else f"{text[:57]}..."


def compare(replayed: Replayed, *, accepted: bool) -> tuple[Drift, ...]:
    """Every attribute that came out otherwise than recorded, in event order; the tail comes last.

    Args:
        replayed: The replay.
        accepted: Whether Core accepted the replay. It may accept another *name* where the History's SDK
            metadata lacks Core's first flag, and then that is a drift.

    Raises:
        CodecFailed: The worker's codec raised.
    """
    history, recording, alignment = replayed.history, replayed.recording, replayed.alignment
    if accepted and alignment.event is not None:
        alignment = _aligned_by_kind(history, recording.commands, alignment)
    run = Run.of(history, alignment.pairs, recording.commands)
    held = [
        (pair, attribute)
        for pair, attribute in _attributes(replayed, alignment, run)
        if _may_differ(attribute)
    ]
    reader = Reader(recording.data_converter or DataConverter.default)
    reader.decode(
        encoded
        for _, attribute in held
        if attribute.is_coded
        for encoded in _encoded(attribute.recorded, attribute)
    )
    drifts = [drift for pair, attribute in held for drift in _drifts(pair, attribute, reader, replayed)]
    drifts.sort(key=lambda drift: drift.event_id or 0)
    if accepted:
        tail = tail_of(history, alignment, recording.replaying, run)
        drifts += [_of_tail(command, replayed) for command in tail]
    return tuple(drifts)


def _of_tail(command: Command, replayed: Replayed) -> Drift:
    source = replayed.line(command.source)
    cure = [f"    {line}" for line in guarded(command)]
    return Drift(
        event_id=None,
        field=f"tail.{command.kind.name}",
        recorded=None,
        produced=command.label,
        severity=Severity.BEHAVIOURAL,
        source=source,
        message=f"the history ends at event {replayed.history.events[-1].event_id}; "
        f"the code already asks for {command.label}{at(source)}, in a task that is recorded without it",
        suggestion="\n".join(["a run that stands here never asked for it. Guard it:", *cure]),
    )


def _attributes(replayed: Replayed, alignment: Alignment, run: Run) -> Iterator[tuple[Pair, Attribute]]:
    commands = replayed.recording.commands
    for pair in alignment.pairs:
        for attribute in attributes_of(pair, run):
            yield pair, attribute
    yield from cancellation_targets(alignment.pairs, commands, run)
    if any(command.kind is UPDATE_RESPONSE for command in commands):
        yield from update_answers(replayed.history, commands, run)


def _aligned_by_kind(history: History, commands: Sequence[Command], alignment: Alignment) -> Alignment:
    """The alignment where another name of the same kind of command is taken for the recorded one."""
    commands = list(commands)
    for _ in range(_RENAMES):
        event, command = alignment.event, alignment.command
        recorded = recorded_in(event) if event is not None else None
        if recorded is None or command is None or command.kind is not recorded.kind:
            break
        if command.kind.compares not in _RENAMED:
            break
        position = next(index for index, candidate in enumerate(commands) if candidate is command)
        commands[position] = dataclasses.replace(command, name=recorded.name)
        alignment = align(history.events, commands)
    return alignment


def _may_differ(attribute: Attribute) -> bool:
    """Whether the raw values differ: most do not, and are never decoded."""
    return bool(attribute.recorded != attribute.produced)


def _encoded(value: Any, attribute: Attribute) -> Iterator[Encoded]:
    if isinstance(value, Payload):
        yield Encoded(payload=value, context=attribute.context)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _encoded(item, attribute)
    elif isinstance(value, list):
        for item in value:
            yield from _encoded(item, attribute)


def _drifts(pair: Pair, attribute: Attribute, reader: Reader, replayed: Replayed) -> Iterator[Drift]:
    event, command = pair
    recorded = _readable(attribute.recorded, attribute, reader, is_recorded=attribute.is_coded)
    produced = _readable(attribute.produced, attribute, reader, is_recorded=False)
    for difference in differences(recorded, produced):
        field = f"{attribute.field}{difference.path}"
        yield Drift(
            event_id=event.event_id,
            field=field,
            recorded=difference.recorded,
            produced=difference.produced,
            severity=severity_of(field),
            source=replayed.line(command.source),
        )


def _readable(value: Any, attribute: Attribute, reader: Reader, *, is_recorded: bool) -> object:
    if isinstance(value, Payload):
        if is_recorded:
            return reader.recorded(Encoded(payload=value, context=attribute.context))
        return reader.produced(value, attribute.context)
    if isinstance(value, dict):
        read = {
            key: _readable(item, attribute, reader, is_recorded=is_recorded) for key, item in value.items()
        }
        return _unhidden(read) if ENCODED in read else read
    if isinstance(value, list):
        return [_readable(item, attribute, reader, is_recorded=is_recorded) for item in value]
    return value


def _unhidden(failure: dict[str, object]) -> dict[str, object]:
    """A failure with the message that its converter moved into a payload, without the stack trace there."""
    hidden = failure.pop(ENCODED)
    return {**failure, "message": hidden.get("message") if isinstance(hidden, dict) else hidden}
