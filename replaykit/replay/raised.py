"""What the code raised, kept as the exception that it was.

A failure converter makes a message of it, which may hide all that matters ("Encoded failure"): so the
exception is kept where the converter is given it.
"""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.exceptions import FailureError

from replaykit.code.user_code import asked_at, through
from replaykit.verdict import InterceptorLine, SourceLine

__all__ = ["NEVER_YIELDED", "CodeFailure", "failure_in", "failure_of", "text_of"]

NEVER_YIELDED = "the code never yielded"
"""In the place of an exception's class, where code that ran too long was interrupted."""

_MOST_CAUSES = 10
_MOST_TEXT = 10_000
"""Characters of one exception's text that are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeFailure:
    """A workflow task that the code failed."""

    error_type: str
    """Name of the exception class, or `NEVER_YIELDED`."""
    message: str
    """Its text."""
    stack: str
    """The stack trace, or an empty string."""
    causes: tuple[str, ...] = ()
    """Messages of the exceptions that it was raised from, or is a group of, nearest first."""
    source: SourceLine | None = None
    """The workflow's line that it came from or through, its file as the interpreter knows it."""
    interceptor: InterceptorLine | None = None
    """The user's own interceptor that it came through."""


def failure_in(completion: WorkflowActivationCompletion, raised: Sequence[BaseException] = ()) -> CodeFailure:
    """How the code failed.

    Args:
        completion: A failed one.
        raised: What was raised in this activation, in order; without it the completion's text has to do.
    """
    if raised:
        return failure_of(raised[-1])
    message = completion.failed.failure
    causes: list[str] = []
    cause = message.cause if message.HasField("cause") else None
    while cause is not None and len(causes) < _MOST_CAUSES:
        causes.append(f"{cause.application_failure_info.type or 'Error'}: {cause.message}")
        cause = cause.cause if cause.HasField("cause") else None
    return CodeFailure(
        error_type=message.application_failure_info.type or "Error",
        message=message.message,
        stack=message.stack_trace,
        causes=tuple(causes),
    )


def failure_of(error: BaseException, *, while_handling: bool = False) -> CodeFailure:
    """How the code failed, from what it raised.

    Args:
        error: The exception.
        while_handling: Whether what was being handled meanwhile is a cause too.
    """
    causes = list(itertools.islice(_causes_of(error, while_handling=while_handling), _MOST_CAUSES))
    chain = (asked_at(through(each.__traceback__)) for each in (error, *causes))
    asked = next((each for each in chain if each.source is not None), asked_at(through(error.__traceback__)))
    return CodeFailure(
        error_type=getattr(error, "type", None) or type(error).__name__,
        message=text_of(error),
        stack="".join(
            _cut(line) for line in traceback.format_exception(type(error), error, error.__traceback__)
        ),
        causes=tuple(f"{type(cause).__name__}: {text_of(cause)}" for cause in causes),
        source=asked.source,
        interceptor=asked.interceptor,
    )


def text_of(error: BaseException) -> str:
    """The text of an exception; its class may be the user's, and its `__str__` raise in its turn."""
    try:
        return _cut(error.message if isinstance(error, FailureError) else str(error))
    except Exception as broken:
        return f"(its text cannot be made: {type(broken).__name__})"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}... ({len(text):,} characters)"


def _causes_of(error: BaseException, *, while_handling: bool) -> Iterator[BaseException]:
    """What an exception is a group of, else what it was raised from, and so on; each once."""
    seen = {id(error)}
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is not error:
            yield each
        inner = getattr(each, "exceptions", ())
        cause = each.__cause__ or (each.__context__ if while_handling else None)
        found = [*(inner if isinstance(inner, (tuple, list)) else ()), cause]
        for other in reversed(found):
            if isinstance(other, BaseException) and id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)
