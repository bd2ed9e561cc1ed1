"""Histories that are not replayed, and replays that do not come to their end."""

from __future__ import annotations

from pathlib import Path

from replaykit.code.user_code import asked_at, relative_to, through
from replaykit.errors import InvalidHistoryError
from replaykit.history import History, validate
from replaykit.replay.converter_failures import silent
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.lane import LaneBroken, Stalled
from replaykit.replay.replayed import at
from replaykit.replay.workers import Worker
from replaykit.verdict import Outcome, Reason, SourceLine

__all__ = ["not_replayed", "without_answer"]

_LONGER = "A longer deadline: --timeout SECONDS"


def not_replayed(history: History, worker: Worker) -> Diagnosis | None:
    """The Diagnosis of a History that Core must not be given, or that no workflow is for; None for another.

    Args:
        history: Any.
        worker: Whose workflows there are.
    """
    try:
        validate(history)
    except InvalidHistoryError as error:
        return Diagnosis(
            outcome=Outcome.UNJUDGED, reason=Reason.INVALID_HISTORY, message=str(error), detail=str(error)
        )
    workflow_type = history.workflow_type or ""
    if worker.knows(workflow_type):
        return None
    close = worker.names_like(workflow_type)
    known = ", ".join(close or worker.names[:5])
    hint = f" Did you mean {known}?" if close else f" Configured are: {known}." if known else ""
    renamed = f' Renamed? @workflow.defn(name="{workflow_type}") keeps the old name.' if known else ""
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.UNKNOWN_WORKFLOW,
        message=f"no workflow of type {workflow_type!r} is configured.{hint}{renamed} "
        "Missing? Add its module to workflows in [tool.replaykit], or pass --workflows",
    )


def without_answer(error: Stalled | LaneBroken, timeout_s: float | None, root: Path) -> Diagnosis:
    """The Diagnosis of a replay that did not come to its end.

    Args:
        error: Why.
        timeout_s: The deadline, in seconds.
        root: The project.
    """
    if isinstance(error, LaneBroken):
        return _broken(error, root)
    source = relative_to(error.standing.source, root)
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.TIMED_OUT,
        message=_stalled(error, source, timeout_s),
        source=source,
    )


def _stalled(error: Stalled, source: SourceLine | None, timeout_s: float | None) -> str:
    step = error.standing.step
    if step is not None:
        return f"{silent(step, source, timeout_s)}. {_LONGER}"
    if not error.is_begun:
        return (
            f"the SDK's Replayer did not start within {timeout_s:g} s{at(source)}: a plugin or an "
            f"interceptor of this worker waits for something. {_LONGER}"
        )
    if error.is_over:
        return (
            f"the run cannot be evicted{at(source)}: the code goes on when it is ended, as after `except "
            "BaseException:` or a bare `except:`. Catch Exception, so that a worker can let go of the run"
        )
    return f"no answer within {timeout_s:g} s{at(source)}. {_LONGER}"


def _broken(error: LaneBroken, root: Path) -> Diagnosis:
    cause = error.__cause__ or error
    source = relative_to(asked_at(through(cause.__traceback__)).source, root)
    return Diagnosis(
        outcome=Outcome.UNJUDGED,
        reason=Reason.CRASHED,
        message=f"the SDK's Replayer broke down: {type(cause).__name__}: {cause}{at(source)}",
        detail=repr(cause),
        source=source,
    )
