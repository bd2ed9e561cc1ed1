"""What the code raised, kept as the exception that it was.

A failure converter makes a message of it, which may hide all that matters ("Encoded failure"): so the
exception is kept where the converter is given it.
"""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import DataConverter
from temporalio.exceptions import FailureError

from replaykit.code.user_code import asked_at, through
from replaykit.verdict import InterceptorLine, SourceLine

__all__ = ["CodeFailure", "failure_in", "failure_of", "keeping_raised"]

_MOST_CAUSES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeFailure:
    """A workflow task that the code failed."""

    error_type: str
    """Name of the exception class."""
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


def keeping_raised(converter: DataConverter, keep: Callable[[BaseException], None]) -> DataConverter:
    """A data converter that shows each exception before its failure converter makes a message of it.

    Args:
        converter: The worker's own.
        keep: Given the exceptions; one that is only the cause of another is not among them.
    """
    original: Any = converter.failure_converter_class
    if not isinstance(original, type):
        return converter

    class KeepingRaised(original):  # type: ignore[misc]  # a class that is known at run time
        _replaykit_depth = 0

        def to_failure(self, exception: BaseException, payload_converter: Any, failure: Failure) -> None:
            if self._replaykit_depth == 0:
                keep(exception)
            self._replaykit_depth += 1
            try:
                super().to_failure(exception, payload_converter, failure)
            finally:
                self._replaykit_depth -= 1

    KeepingRaised.__name__, KeepingRaised.__qualname__ = original.__name__, original.__qualname__
    return dataclasses.replace(converter, failure_converter_class=KeepingRaised)


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
    causes = list(_causes_of(error, while_handling=while_handling))[:_MOST_CAUSES]
    chain = (asked_at(through(each.__traceback__)) for each in (error, *causes))
    asked = next((each for each in chain if each.source is not None), asked_at(through(error.__traceback__)))
    return CodeFailure(
        error_type=getattr(error, "type", None) or type(error).__name__,
        message=error.message if isinstance(error, FailureError) else str(error),
        stack="".join(traceback.format_exception(type(error), error, error.__traceback__)),
        causes=tuple(f"{type(cause).__name__}: {cause}" for cause in causes),
        source=asked.source,
        interceptor=asked.interceptor,
    )


def _causes_of(error: BaseException, *, while_handling: bool) -> Iterator[BaseException]:
    """What an exception is a group of, else what it was raised from, and so on."""
    for each in getattr(error, "exceptions", ()):
        if isinstance(each, BaseException):
            yield each
            yield from _causes_of(each, while_handling=while_handling)
    cause = error.__cause__ or (error.__context__ if while_handling else None)
    if cause is not None and cause is not error:
        yield cause
        yield from _causes_of(cause, while_handling=while_handling)
