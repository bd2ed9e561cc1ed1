"""What the code raised, and what failed around it: replays without a verdict."""

from __future__ import annotations

import dataclasses
import re
import traceback
from collections.abc import Sequence

from replaykit.code.user_code import asked_at, relative_to, through
from replaykit.replay.converter_failures import codec_failed, failed_reading, of_converter
from replaykit.replay.converter_steps import step_in
from replaykit.replay.core_text import read_core_text
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.payload_types import Undecoded
from replaykit.replay.raised import CodeFailure, failure_of
from replaykit.replay.refusals import cure_of_refusal, refused_in, refused_name
from replaykit.replay.replayed import Replayed, at, via
from replaykit.replay.undecoded import event_of, untyped_in_words, where_undecoded, why_undecoded
from replaykit.verdict import Outcome, Reason

__all__ = ["of_undecoded", "unjudged", "with_payloads"]

_DEADLOCK = "[TMPRL1101]"
_UNDECODED = "Failed decoding arguments"
_CALL_THE_CODEC = ("decode_activation", "encode_completion")
_TO_PAYLOAD = re.compile(r'[/\\]temporalio[/\\]converter.*", line \d+, in to_payloads?$', re.MULTILINE)
_UNENCODED = (
    ". A value that the code hands to Temporal does not encode: set data_converter of [tool.replaykit] to "
    "the worker's own (for pydantic models: temporalio.contrib.pydantic:pydantic_data_converter)"
)
_NOT_REGISTERED = "is not registered on this worker"


def unjudged(replayed: Replayed, raw: str) -> Diagnosis:
    """The Diagnosis of a replay that failed, and not for a divergence.

    Args:
        replayed: The replay.
        raw: The SDK's text.
    """
    failure = replayed.recording.failure
    if failure is None:
        return _outside_the_code(replayed, raw)
    unread = failed_reading(replayed)
    if unread is not None:
        return of_converter(unread, replayed)
    source, interceptor = replayed.line(failure.source), relative_to(failure.interceptor, replayed.root)
    if source is None and interceptor is None:
        source = replayed.line_in(failure.stack)
    detail = "\n".join([failure.stack.rstrip() or raw, *failure.causes])
    undecoded = replayed.recording.undecoded
    if failure.message == _UNDECODED:
        return dataclasses.replace(
            of_undecoded(undecoded, failure.causes, replayed), detail=detail, source=source
        )
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.WORKFLOW_TASK_FAILED,
        message=f"{_of_code(failure)}{at(source)}{via(interceptor)}{_cure(failure, replayed)}"
        f"{_untyped_of(replayed)}",
        detail=detail,
        source=source,
    )


def of_undecoded(undecoded: Undecoded | None, causes: Sequence[str], replayed: Replayed) -> Diagnosis:
    """The Diagnosis of a payload that does not decode.

    Args:
        undecoded: Which one; None where this temporalio does not show it.
        causes: What was raised, where it is not known which one it is.
        replayed: The replay.
    """
    event = event_of(undecoded.job, replayed) if undecoded is not None else None
    where = where_undecoded(undecoded, event) if undecoded is not None else "a payload of the History"
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.UNDECODABLE_PAYLOAD,
        message=f"{where}: {why_undecoded(undecoded.causes if undecoded is not None else causes)}",
        event_id=event.event_id if event is not None else None,
        argument=undecoded.argument if undecoded is not None else None,
    )


def with_payloads(diagnosis: Diagnosis, replayed: Replayed) -> Diagnosis:
    """A Diagnosis of a divergence, with what the code was not given as it expects, and may have diverged for.

    What the code never saw is the cause of what came after it: a guard of the workflow's line does not help.

    Args:
        diagnosis: It.
        replayed: Its replay.
    """
    undecoded, divergence = replayed.recording.undecoded, diagnosis.divergence
    if divergence is None:
        return diagnosis
    if undecoded is None:
        added = _untyped_of(replayed)
        if added and divergence.suggestion is not None:
            advice = f"{added.removeprefix('. ')}. If that is not the cause: {divergence.suggestion}"
            divergence = dataclasses.replace(divergence, suggestion=advice)
    else:
        found = of_undecoded(undecoded, (), replayed)
        added = f". The SDK {_fate_of(undecoded)} {found.message}"
        parted = divergence.event_id
        if found.event_id is None or parted is None or found.event_id <= parted:
            advice = f"{added.removeprefix('. ')}."
            divergence = dataclasses.replace(divergence, suggestion=advice, suggestion_kind=None)
    return dataclasses.replace(diagnosis, message=f"{diagnosis.message}{added}", divergence=divergence)


def _fate_of(undecoded: Undecoded) -> str:
    name = undecoded.job.DESCRIPTOR.name if undecoded.job is not None else ""
    return {"SignalWorkflow": "dropped", "DoUpdate": "rejected"}.get(name, "could not decode")


def _untyped_of(replayed: Replayed) -> str:
    """What the code was given without type hints, as a sentence to add; empty for nothing."""
    untyped = next(iter(replayed.recording.untyped), None)
    return f". {untyped_in_words(untyped, event_of(untyped.job, replayed))}" if untyped is not None else ""


def _of_code(failure: CodeFailure) -> str:
    refused = refused_in(failure)
    if refused is not None:
        return f"the sandbox refused {refused_name(refused)}"
    first = next(iter(failure.message.splitlines()), "")
    if first.startswith("workflow code raised"):
        return first
    cause = f" ({failure.causes[0]})" if failure.causes else ""
    return f"the code raised {failure.error_type}{first and f': {first}'}{cause}"


def _cure(failure: CodeFailure, replayed: Replayed) -> str:
    refused = refused_in(failure)
    if refused is not None:
        return f". {cure_of_refusal(refused, replayed)}"
    return _UNENCODED if _TO_PAYLOAD.search(failure.stack) else ""


def _outside_the_code(replayed: Replayed, raw: str) -> Diagnosis:
    """No workflow task of the code failed: the SDK around it did."""
    code, _, _ = raw.partition(":")
    text = read_core_text(raw)
    sentence = text.sentence
    reason, message = Reason.CRASHED, sentence
    raised = next(iter(replayed.recording.outside[-1:]), None)
    if _DEADLOCK in raw or _DEADLOCK in str(raised):
        # The SDK walks a running thread upwards.
        places = through(raised.__traceback__)[::-1] if raised is not None else []
        step, here = step_in(code for code, _ in places), asked_at(places).source
        source = replayed.line(here) or replayed.line_in(text.stack, innermost_first=True)
        what = f"the {step.part}" if step is not None else "the code"
        return Diagnosis(
            outcome=Outcome.UNJUDGED,
            reason=Reason.TIMED_OUT,
            message=f"{what} never yielded{at(source)}: an endless loop, or a blocking call",
            detail=raw,
            source=source,
        )
    if code == "8":
        reason, message = Reason.INVALID_HISTORY, f"Core refused the History: {sentence}"
    elif code == "4" and _NOT_REGISTERED in raw:
        reason = Reason.UNKNOWN_WORKFLOW
    elif raised is not None and not _is_of_codec(raised):
        failure = failure_of(raised, while_handling=True)
        message = f"the SDK failed around the code: {failure.error_type}: {failure.message}"
        raw = failure.stack
    elif code == "4" or raised is not None:
        return codec_failed(replayed, raised, sentence, raw)
    return Diagnosis(outcome=Outcome.UNJUDGED, reason=reason, message=message, detail=raw)


def _is_of_codec(raised: BaseException) -> bool:
    """Whether it came out of what the SDK calls the codec from; without a traceback it is taken for that."""
    frames = [frame.f_code for frame, _ in traceback.walk_tb(raised.__traceback__)]
    return not frames or any(code.co_name in _CALL_THE_CODEC for code in frames)
