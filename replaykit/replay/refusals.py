"""What the SDK's sandbox refused, and what to do about it."""

from __future__ import annotations

import re

from temporalio.api.enums.v1 import EventType

from replaykit.code.replacements import cure_of_call
from replaykit.replay.raised import CodeFailure
from replaykit.replay.replayed import Replayed

__all__ = ["cure_of_refusal", "refused_in", "refused_name"]

_REFUSED = re.compile(r"Cannot access (?P<what>\S+) from inside a workflow")
_UNSANDBOXED = (
    "The run that was recorded came past this task: unless the line is new, its worker runs without the "
    'sandbox. Configure that: workflow_runner = "temporalio.worker:UnsandboxedWorkflowRunner" in '
    "[tool.replaykit], or name the runner that the worker is given"
)


def refused_in(failure: CodeFailure) -> str | None:
    """What the sandbox refused, such as `datetime.datetime.now.__call__`; None where it refused nothing."""
    for text in (failure.message, *failure.causes):
        refused = _REFUSED.search(text)
        if refused:
            return refused.group("what")
    return None


def refused_name(what: str) -> str:
    """The same as users write it."""
    return what.removesuffix(".__call__").removeprefix("__builtins__.")


def cure_of_refusal(what: str, replayed: Replayed) -> str:
    """What to do about it, in sentences without the last full stop.

    Args:
        what: From `refused_in`.
        replayed: The replay that it was refused in.
    """
    cure = cure_of_call(what)
    return f"{cure} {_UNSANDBOXED}" if _was_passed(replayed) else cure


def _was_passed(replayed: Replayed) -> bool:
    """Whether the run that was recorded completed the task that fails now."""
    if replayed.recording.replaying:  # the last one is the one that failed
        return replayed.recording.replaying[-1]
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    return any(event.event_type == completed for event in replayed.history.events)
