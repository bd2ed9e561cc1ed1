"""A payload that does not fit the code, in words: which event, which argument, which type, and why."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.replay.kinds import SCHEDULE_ACTIVITY, SCHEDULE_NEXUS_OPERATION, START_CHILD_WORKFLOW
from replaykit.replay.payload_types import Undecoded, Untyped
from replaykit.replay.replayed import Replayed

__all__ = ["event_of", "missing_fields", "untyped_in_words", "why_undecoded", "where_undecoded"]

_E = EventType
_MISSING_ARGUMENTS = re.compile(
    r"(?P<cls>\w+)\.(?:__init__|__new__)\(\) missing \d+ required (?:positional|keyword-only) arguments?: "
    r"(?P<names>.*)"
)
_QUOTED = re.compile(r"'([^']+)'")
_PYDANTIC = re.compile(r"ValidationError: (?P<count>\d+) validation errors? for (?P<cls>.+)")
_PYDANTIC_FIELD = re.compile(r"^(\S+)\n +Field required", re.MULTILINE)
_PYDANTIC_OTHER = re.compile(r"^(?P<field>\S+)\n +(?P<what>[^\[\n]+)", re.MULTILINE)
_NO_MEMBER = re.compile(r"ValueError: (?P<value>.+) is not a valid (?P<enum>\w+)$")
_FIELD = re.compile(r"Failed converting field (?P<field>\w+) on dataclass (?:<class ')?(?P<cls>[\w.<>]+)")
_EXPECTED = re.compile(r"Expected value to be (?P<wanted>[\w|]+), was <class '(?P<given>\w+)'>")
_NO_DICT = re.compile(
    r"Cannot convert to (?:dataclass )?<class '(?P<wanted>[^']+)'>, "
    r"value is <class '(?P<given>\w+)'> not dict"
)
_ENCODING = re.compile(r"Unknown payload encoding (?P<encoding>[\w/.+-]+)")


def where_undecoded(undecoded: Undecoded, event: HistoryEvent | None) -> str:
    """The place of a payload, such as `event 5, argument 2 of signal 'say', an Order here`."""
    place = f"event {event.event_id}, " if event is not None else ""
    wanted = f", {undecoded.wanted} in this code" if undecoded.wanted else ""
    return f"{place}{_payload(undecoded.job, undecoded.argument)}{wanted}"


def why_undecoded(causes: Sequence[str]) -> str:
    """Why a payload does not decode, with the cure."""
    fields = missing_fields(causes)
    if fields is not None:
        cls, names = fields
        several = len(names) > 1
        return (
            f"it was recorded without {'fields' if several else 'field'} {', '.join(map(repr, names))} of "
            f"{cls}. Give {'them defaults' if several else 'it a default'}, or let the data converter fill "
            "in what older payloads lack"
        )
    text = "\n".join(causes)
    for cause in causes:
        if found := _NO_MEMBER.search(cause):
            return (
                f"{found['value']} is no member of {found['enum']}: removed or renamed since? Keep it for "
                "the runs that have it"
            )
    if found := _ENCODING.search(text):
        return (
            f"it is encoded as {found['encoding']}, which needs a codec that is not configured: set "
            "data_converter of [tool.replaykit] to the worker's own"
        )
    field, expected = _FIELD.search(text), _EXPECTED.search(text) or _NO_DICT.search(text)
    if expected:
        wanted = expected["wanted"].rpartition(".")[2].replace("|", " | ")
        what = f"field {field['field']!r} of {field['cls'].rpartition('.')[2]}" if field else "it"
        other = (
            "or give the changed field another name" if field else f"such as `{expected['given']} | {wanted}`"
        )
        return (
            f"{what} was recorded as {expected['given']}, and is {wanted} in this code. Let the "
            f"type accept both, {other}"
        )
    model, complaint = _PYDANTIC.search(text), _PYDANTIC_OTHER.search(text)
    if model and complaint:
        return (
            f"field {complaint['field']!r} of {model['cls']}: {complaint['what'].strip()}. Let the type "
            "accept what older payloads have"
        )
    last = textwrap.shorten(causes[-1] if causes else "", 200, placeholder=" ...")
    return f"it does not decode ({last}). Is the worker's data_converter configured?"


def untyped_in_words(untyped: Untyped, event: HistoryEvent | None) -> str:
    """Why the code was given plain JSON values, as a sentence."""
    at = f" (event {event.event_id})" if event is not None else ""
    return (
        f"{_sender(untyped.job)}{at} came with {_arguments(untyped.given)}, and this code takes "
        f"{untyped.taken}: the SDK then drops all its type hints, so that a dataclass arrives as a dict and "
        "an enum as a text. Take one dataclass with defaults, or keep the number"
    )


def event_of(job: Any, replayed: Replayed) -> HistoryEvent | None:
    """The event that holds the payloads of a message of Core; None where it is not known."""
    name = job.DESCRIPTOR.name if job is not None else ""
    events = replayed.history.events
    if name == "InitializeWorkflow":
        return events[0]
    if name == "SignalWorkflow":
        origin = getattr(job, "originating_event_id", 0)
        named = [
            event
            for event in events
            if event.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
            and event.workflow_execution_signaled_event_attributes.signal_name == job.signal_name
        ]
        by_id = [event for event in named if event.event_id == origin]
        given = [payload.data for payload in job.input]
        same = [e for e in named if _data(e.workflow_execution_signaled_event_attributes.input) == given]
        return next(iter(by_id or same or named), None)
    if name == "DoUpdate":
        return next(
            (
                event
                for event in events
                if event.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
                and event.workflow_execution_update_accepted_event_attributes.accepted_request.meta.update_id
                == job.id
            ),
            None,
        )
    return _result_of(name, job, replayed)


_RESULTS = {
    "ResolveActivity": (SCHEDULE_ACTIVITY, "activity_task_completed_event_attributes", "scheduled_event_id"),
    "ResolveChildWorkflowExecution": (
        START_CHILD_WORKFLOW,
        "child_workflow_execution_completed_event_attributes",
        "initiated_event_id",
    ),
    "ResolveNexusOperation": (
        SCHEDULE_NEXUS_OPERATION,
        "nexus_operation_completed_event_attributes",
        "scheduled_event_id",
    ),
}
"""By message of Core: its kind of command, and the attributes of its result, with the id of what began it."""


def _result_of(name: str, job: Any, replayed: Replayed) -> HistoryEvent | None:
    if name not in _RESULTS:
        return None
    kind, attributes, link = _RESULTS[name]
    pairs = replayed.alignment.pairs
    begun = {event.event_id for event, asked in pairs if (asked.kind, asked.seq) == (kind, job.seq)}
    results: list[Any] = [e for e in replayed.history.events if e.WhichOneof("attributes") == attributes]
    return next((e for e in results if getattr(getattr(e, attributes), link) in begun), None)


def missing_fields(causes: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
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


def _payload(job: Any, argument: int) -> str:
    sender = _sender(job)
    if sender.startswith("the result"):
        return sender
    return f"argument {argument} of {sender}"


def _sender(job: Any) -> str:
    name = job.DESCRIPTOR.name if job is not None else ""
    if name == "SignalWorkflow":
        return f"signal {job.signal_name!r}"
    if name == "DoUpdate":
        return f"update {job.name!r}"
    if name == "InitializeWorkflow":
        return "the workflow"
    what = {"ResolveActivity": "an activity", "ResolveChildWorkflowExecution": "a child workflow"}
    return f"the result of {what.get(name, 'an operation')}"


def _arguments(count: int) -> str:
    return f"{count} argument{'' if count == 1 else 's'}"


def _data(payloads: Any) -> list[bytes]:
    return [payload.data for payload in payloads.payloads]
