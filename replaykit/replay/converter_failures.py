"""Replays without a verdict for the worker's data converter: its codec, or its failure converter."""

from __future__ import annotations

from replaykit.code.user_code import relative_to, through
from replaykit.replay.converter_steps import STEPS, ConverterStep, cure_of_silence
from replaykit.replay.converting import ConverterError
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.raised import CodeFailure, failure_of
from replaykit.replay.replayed import Replayed, at
from replaykit.replay.standing import line_in_step
from replaykit.verdict import Outcome, Reason, SourceLine

__all__ = ["codec_failed", "ended_in", "failed_reading", "of_converter", "silent"]

_ENCODING = "Failed encoding completion: "
_KEYS = "Is the worker's codec configured, with its keys?"
_NO_EXCEPTION = (
    "It is no Exception, so a worker ends for it, or leaves the task without an answer: raise an Exception "
    "in its place"
)
_READING_FAILURES = "It has to make an exception of every failure that was recorded"


def ended_in(replayed: Replayed) -> ConverterError | None:
    """What a part of the converter raised that is no `Exception`, where the code's own error is not shown."""
    recording = replayed.recording
    ended = next((error for error in recording.converter_errors if not error.is_exception), None)
    if ended is None or ended.step.is_reading or ended.step.is_of_codec or recording.failure is None:
        return ended
    return None


def failed_reading(replayed: Replayed) -> ConverterError | None:
    """What the failure converter raised over a failure of the History: it never reaches the code."""
    errors = replayed.recording.converter_errors
    return next((error for error in errors if error.step.is_reading and not error.step.is_of_codec), None)


def of_converter(error: ConverterError, replayed: Replayed) -> Diagnosis:
    """The Diagnosis of a replay that the data converter broke.

    Args:
        error: What it raised.
        replayed: The replay.
    """
    step = error.step
    failure = failure_of(error.error, while_handling=True)
    source = relative_to(line_in_step(through(error.error.__traceback__)), replayed.root)
    cures = [_KEYS if step.is_of_codec else _READING_FAILURES if step.is_reading else ""]
    if not error.is_exception:
        cures.insert(0, f"{_NO_EXCEPTION}.")
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=_reason_of(step),
        message=f"{_what_failed(step)}: the {step.part} raised {_shown(failure)}{at(source)}. "
        f"{' '.join(filter(None, cures))}".rstrip(". "),
        detail=failure.stack,
        source=source,
    )


def codec_failed(replayed: Replayed, raised: BaseException | None, sentence: str, raw: str) -> Diagnosis:
    """The Diagnosis of a payload that did not come through the codec.

    Args:
        replayed: The replay.
        raised: What the SDK raised, where that is known.
        sentence: What Core shows of it.
        raw: The whole text.
    """
    errors = [error for error in replayed.recording.converter_errors if error.step.is_of_codec]
    if errors:
        return of_converter(errors[-1], replayed)
    step = STEPS["encode" if _ENCODING in raw else "decode"]
    what, source, detail = sentence.rpartition(_ENCODING)[2], None, raw
    if raised is not None:  # of the SDK, about what the codec returned
        failure = failure_of(raised, while_handling=True)
        what, detail, source = _shown(failure), failure.stack, replayed.line(failure.source)
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=_reason_of(step),
        message=f"{_what_failed(step)}: {what}{at(source)}. {_KEYS}",
        detail=detail,
        source=source,
    )


def silent(step: ConverterStep, source: SourceLine | None, timeout_s: float | None) -> str:
    """What there is to do about a part of the converter that gives no answer.

    Args:
        step: What it was doing.
        source: Where, as a Verdict names it.
        timeout_s: The deadline, in seconds.
    """
    within = "" if timeout_s is None else f" within {timeout_s:g} s"
    return f"the {step.part} gave no answer{within}{at(source)}: {_what_waits(step)}. {cure_of_silence(step)}"


def _reason_of(step: ConverterStep) -> Reason:
    is_writing_failure = not step.is_of_codec and not step.is_reading
    return Reason.WORKFLOW_TASK_FAILED if is_writing_failure else Reason.UNDECODABLE_PAYLOAD


def _what_failed(step: ConverterStep) -> str:
    if step.is_of_codec:
        if step.is_reading:
            return "a payload of the History could not be decoded"
        return "a payload of the code's commands could not be encoded"
    if step.is_reading:
        return "a failure of the History could not be decoded"
    return "what the code raised could not be made a failure"


def _what_waits(step: ConverterStep) -> str:
    if step.is_of_codec:
        return f"a payload {'of the History' if step.is_reading else 'that the code made'} waits for it"
    return f"{'a failure of the History' if step.is_reading else 'what the code raised'} waits for it"


def _shown(failure: CodeFailure) -> str:
    return f"{failure.error_type}{failure.message and f': {failure.message}'}"
