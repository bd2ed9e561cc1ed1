"""What the code raised, and what failed around it: replays without a verdict."""

from __future__ import annotations

import re
import textwrap

from replaykit.code.replacements import cure_of_call
from replaykit.code.user_code import asked_at, relative_to, through
from replaykit.replay.core_text import read_core_text
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.raised import CodeFailure, failure_of
from replaykit.replay.replayed import Replayed, at, via
from replaykit.verdict import Outcome, Reason

__all__ = ["unjudged"]

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


def unjudged(replayed: Replayed, raw: str) -> Diagnosis:
    """The Diagnosis of a replay that failed, and not for a divergence.

    Args:
        replayed: The replay.
        raw: The SDK's text.
    """
    failure = replayed.recording.failure
    if failure is None:
        return _outside_the_code(replayed, raw)
    source = replayed.line(failure.source) or replayed.line_in(failure.stack)
    interceptor = relative_to(failure.interceptor, replayed.root)
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
        message=f"{_of_code(failure)}{at(source)}{via(interceptor)}{_cure(failure)}",
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
    """The class and its fields that a payload does not have, where a cause is about that."""
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


def _outside_the_code(replayed: Replayed, raw: str) -> Diagnosis:
    """No workflow task of the code failed: the SDK around it did."""
    code, _, _ = raw.partition(":")
    text = read_core_text(raw)
    sentence = text.sentence
    reason, message = Reason.CRASHED, sentence
    raised = next(iter(replayed.recording.raised[-1:]), None)
    if _DEADLOCK in raw or _DEADLOCK in str(raised):
        # The SDK walks a running thread upwards.
        here = asked_at(through(raised.__traceback__)[::-1]).source if raised is not None else None
        source = replayed.line(here) or replayed.line_in(text.stack, innermost_first=True)
        return Diagnosis(
            outcome=Outcome.UNJUDGED,
            reason=Reason.TIMED_OUT,
            message=f"the code never yielded{at(source)}: an endless loop, or a blocking call",
            detail=raw,
            source=source,
        )
    if code == "8":
        reason, message = Reason.INVALID_HISTORY, f"Core refused the History: {sentence}"
    elif code == "4" and _NOT_REGISTERED in raw:
        reason = Reason.UNKNOWN_WORKFLOW
    elif code == "4" or raised is not None:
        return _codec_failed(replayed, raised, sentence, raw)
    return Diagnosis(outcome=Outcome.UNJUDGED, reason=reason, message=message, detail=raw)


def _codec_failed(replayed: Replayed, raised: BaseException | None, sentence: str, raw: str) -> Diagnosis:
    """A payload did not come through the codec, which is called before the code is."""
    if raised is None:
        what, source, detail = sentence, None, raw
    else:
        failure = failure_of(raised, while_handling=True)
        what, detail = f"the codec raised {failure.error_type}: {failure.message}", failure.stack
        source = replayed.line(failure.source)
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.UNDECODABLE_PAYLOAD,
        message=f"a payload of the History could not be decoded: {what}{at(source)}. Is the worker's codec "
        "configured, with its keys?",
        detail=detail,
        source=source,
    )
