"""A patch whose call is gone, or has another id: what its path began with decides about the cure."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from temporalio import workflow
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History
from replaykit.verdict import Divergence, SuggestionKind, Verdict
from tests.replay.samples import data_processing, session_of, with_events
from tests.replay.trouble import TIMEOUT

LOCAL = {"seq": 1, "attempt": 1, "activity_id": "1", "activity_type": "loc"}
TIMES = {
    "complete_time": {"seconds": 1795876807, "nanos": 0},
    "original_schedule_time": None,
    "backoff": None,
}


@workflow.defn(name="PatchKept", sandboxed=False)
class PatchKept:
    @workflow.run
    async def run(self, source: str) -> None:
        if workflow.patched("p1"):
            await workflow.execute_local_activity("loc", start_to_close_timeout=TIMEOUT)
        workflow.upsert_memo({"k": 1})
        await asyncio.sleep(1)


@workflow.defn(name="CallGone", sandboxed=False)
class CallGone:
    """Its path stayed."""

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_local_activity("loc", start_to_close_timeout=TIMEOUT)
        workflow.upsert_memo({"k": 1})
        await asyncio.sleep(1)


@workflow.defn(name="CallDeprecated", sandboxed=False)
class CallDeprecated:
    """As advised for the one above."""

    @workflow.run
    async def run(self, source: str) -> None:
        workflow.deprecate_patch("p1")
        await workflow.execute_local_activity("loc", start_to_close_timeout=TIMEOUT)
        workflow.upsert_memo({"k": 1})
        await asyncio.sleep(1)


@workflow.defn(name="PathGone", sandboxed=False)
class PathGone:
    @workflow.run
    async def run(self, source: str) -> None:
        workflow.upsert_memo({"k": 1})
        await asyncio.sleep(1)


@workflow.defn(name="PatchRenamed", sandboxed=False)
class PatchRenamed:
    @workflow.run
    async def run(self, source: str) -> None:
        if workflow.patched("p2"):
            await workflow.execute_local_activity("loc", start_to_close_timeout=TIMEOUT)
        workflow.upsert_memo({"k": 1})
        await asyncio.sleep(1)


@workflow.defn(name="OldPathStayed", sandboxed=False)
class OldPathStayed:
    """What it asks for was the other path, and is recorded nowhere."""

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_activity("older", start_to_close_timeout=TIMEOUT)
        workflow.upsert_memo({"k": 1})


def recorded(name: str) -> History:
    """An open run: a patch, on whose path a local activity is first, then what both paths ask for."""

    def payload(value: Any) -> dict[str, Any]:
        return {"payloads": [{"metadata": {"encoding": _text(b"json/plain")}, "data": _json(value)}]}

    def change(events: list[HistoryEvent]) -> list[HistoryEvent]:
        patch = {"patch-data": payload({"id": "p1", "deprecated": False})}
        version = {"data": _json(["p1"]), "metadata": {"type": _text(b"KeywordList")}}
        local = {**LOCAL, **TIMES, "backoff": None}
        memo = {"k": {"data": _json(1)}}
        bodies: list[dict[str, Any]] = [
            {"markerRecordedEventAttributes": {"markerName": "core_patch", "details": patch}},
            {
                "upsertWorkflowSearchAttributesEventAttributes": {
                    "searchAttributes": {"indexedFields": {"TemporalChangeVersion": version}}
                }
            },
            {
                "markerRecordedEventAttributes": {
                    "markerName": "core_local_activity",
                    "details": {
                        "data": payload(local),
                        "result": payload(None),
                    },
                }
            },
            {"workflowPropertiesModifiedEventAttributes": {"upsertedMemo": {"fields": memo}}},
            {"timerStartedEventAttributes": {"timerId": "1", "startToFireTimeout": "1s"}},
        ]
        types = [
            "MARKER_RECORDED",
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
            "MARKER_RECORDED",
            "WORKFLOW_PROPERTIES_MODIFIED",
            "TIMER_STARTED",
        ]
        more = []
        for event_id, (kind, body) in enumerate(zip(types, bodies, strict=True), start=5):
            (attributes,) = body.values()
            attributes["workflowTaskCompletedEventId"] = "4"
            event = ParseDict(
                {"eventId": str(event_id), "eventType": f"EVENT_TYPE_{kind}", **body}, HistoryEvent()
            )
            event.event_time.CopyFrom(events[3].event_time)
            more.append(event)
        return [*events[:4], *more]

    return with_events(data_processing(name), change)


def _text(data: bytes) -> str:

    return base64.b64encode(data).decode()


def _json(value: Any) -> str:
    return _text(json.dumps(value).encode())


def judged(cls: type) -> Verdict:
    with session_of(cls) as session:
        return session.judge(recorded(cls.__name__), name="one.json")


def diverged(cls: type) -> Divergence:
    divergence = judged(cls).divergence
    assert divergence is not None
    assert divergence.recorded == "MarkerRecorded patch p1"
    return divergence


@pytest.mark.parametrize("cls", [PatchKept, CallDeprecated])
def test_the_run_fits_the_code_that_recorded_it_and_the_cured_one(cls: type) -> None:
    assert judged(cls).is_consistent, judged(cls)


def test_a_path_that_begins_with_a_local_activity_is_still_there() -> None:
    divergence = diverged(CallGone)
    assert divergence.suggestion_kind is SuggestionKind.KEEP_DEPRECATE_PATCH
    assert (divergence.suggestion or "").endswith('    workflow.deprecate_patch("p1")')


def test_what_comes_after_both_paths_is_no_path_of_the_patch() -> None:
    divergence = diverged(PathGone)
    assert divergence.suggestion_kind is SuggestionKind.REMOVED_TOO_EARLY
    assert (divergence.suggestion or "").splitlines() == [
        "patch 'p1' was removed too early, this history still carries its marker. Put its path back:",
        '    if workflow.patched("p1"):',
        "        ...  # MarkerRecorded local activity loc, as it was",
    ]


def test_a_patch_under_another_id_is_to_keep_its_own() -> None:
    divergence = diverged(PatchRenamed)
    assert divergence.suggestion_kind is SuggestionKind.REMOVED_TOO_EARLY
    assert "Renamed to 'p2'? Keep its id: workflow.patched(\"p1\")." in (divergence.suggestion or "")
    assert "else:" not in (divergence.suggestion or "")


def test_what_is_recorded_nowhere_was_the_other_path() -> None:
    divergence = diverged(OldPathStayed)
    assert divergence.suggestion_kind is SuggestionKind.REMOVED_TOO_EARLY
    assert (divergence.suggestion or "").endswith("    else:\n        ...  # ScheduleActivity older")
    assert "Renamed" not in (divergence.suggestion or "")
