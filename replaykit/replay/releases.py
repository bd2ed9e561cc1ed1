"""The release of the SDK that recorded a History, where it may be what makes the difference.

Named only where the difference is of a sort in which releases are known to differ: a workflow's own change is
not to be blamed on the SDK.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History
from replaykit.replay.commands import recorded_in
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.kinds import SCHEDULE_LOCAL_ACTIVITY, CommandKind
from replaykit.replay.refusals import refused_in
from replaykit.replay.replayed import Replayed
from replaykit.replay.sdk.installed import VERSION
from replaykit.verdict import Divergence, Reason, SuggestionKind

__all__ = ["naming_release", "recorded_by"]

_OURS = "temporal-python"
_RELEASE = re.compile(r"\d+\.\d+")
_LOCAL = "give results of local activities to the code in another order (temporalio/sdk-python issue 1881)"
_ORDER = "give signals, updates and results to the code in another order"
_CANCELS = "give cancellations to the code at another time"
_SANDBOX = "let other calls through their sandbox"
_READING = "read other histories"


def recorded_by(history: History, event_id: int | None = None) -> str | None:
    """The SDK that recorded an event, such as `temporal-python 1.29.0`; None where it is not known.

    Args:
        history: The History; workers of several releases may have run it, or its metadata know better.
        event_id: The event; None for the last one.
    """
    found = [
        (event.event_id, f"{metadata.sdk_name or _OURS} {metadata.sdk_version}")
        for event in history.events
        if (metadata := event.workflow_task_completed_event_attributes.sdk_metadata).sdk_version
    ]
    if not found or (history.sdk is not None and history.sdk != found[-1][1]):
        return history.sdk
    until = [sdk for at, sdk in found if event_id is None or at <= event_id]
    return until[-1] if until else None


def naming_release(diagnosis: Diagnosis, replayed: Replayed) -> Diagnosis:
    """The Diagnosis with what to try, where another release of the SDK may have made what it is about.

    Args:
        diagnosis: Of the replay.
        replayed: The replay.
    """
    advice = _advice(diagnosis, replayed)
    if advice is None:
        return diagnosis
    divergence = diagnosis.divergence
    if divergence is None:
        before = (diagnosis.message or "").rstrip(".")
        return dataclasses.replace(diagnosis, message=f"{before}. {advice}")
    suggestion = f"{divergence.suggestion}\n{advice}" if divergence.suggestion else advice
    return dataclasses.replace(diagnosis, divergence=dataclasses.replace(divergence, suggestion=suggestion))


def _advice(diagnosis: Diagnosis, replayed: Replayed) -> str | None:
    divergence = diagnosis.divergence
    if divergence is None and diagnosis.reason is None:
        return None
    recorded = recorded_by(replayed.history, divergence.event_id if divergence is not None else None)
    name, _, version = (recorded or "").partition(" ")
    if not version:
        return None
    if name != _OURS:
        return f"{recorded} recorded it, an SDK of another language: {_OURS} cannot go on with such a run"
    difference = _differing(diagnosis, replayed) if _release(version) != _release(VERSION) else None
    if difference is None:
        return None
    compare = f"Try that release: replaykit gate --sdk temporalio=={version}"
    if divergence is not None and divergence.suggestion_kind is SuggestionKind.SDK:
        return compare
    return (
        f"It was recorded by temporalio {version} and is judged by {VERSION}, and releases may {difference}. "
        f"Does the unchanged code fail too? {compare}"
    )


def _release(version: str) -> str:
    """Of a version, the part that changes with the behaviour: `1.29` of `1.29.3`."""
    found = _RELEASE.match(version)
    return found.group() if found is not None else version


def _differing(diagnosis: Diagnosis, replayed: Replayed) -> str | None:
    """In what releases differ that fits, after "releases may"."""
    divergence, failure = diagnosis.divergence, replayed.recording.failure
    if divergence is not None:
        kinds = tuple(_kinds(replayed, divergence))
        if SCHEDULE_LOCAL_ACTIVITY in kinds:
            return _LOCAL
        if any(kind.cancels is not None for kind in kinds):
            return _CANCELS
        return _ORDER if divergence.suggestion_kind is SuggestionKind.REORDERED else None
    if failure is not None and refused_in(failure) is not None:
        return _SANDBOX
    undecoded = replayed.recording.undecoded
    if diagnosis.reason is Reason.UNDECODABLE_PAYLOAD and undecoded is not None:
        return _LOCAL if getattr(undecoded.job, "is_local", False) else None
    return _READING if diagnosis.reason in (Reason.INVALID_HISTORY, Reason.CRASHED) else None


def _kinds(replayed: Replayed, divergence: Divergence) -> Iterator[CommandKind]:
    """The kinds of what stands on the two sides."""
    event = _event(replayed.history, divergence.event_id)
    recorded = recorded_in(event) if event is not None else None
    if recorded is not None:
        yield recorded.kind
    alignment = replayed.alignment
    if alignment.command is not None and divergence.produced is not None:
        yield alignment.command.kind


def _event(history: History, event_id: int | None) -> HistoryEvent | None:
    return next((event for event in history.events if event.event_id == event_id), None)
