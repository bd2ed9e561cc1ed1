"""Patches: a marker, and the search attribute by which runs with it are found."""

from __future__ import annotations

from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.subjects.filling import as_json
from replaykit.explore.growing.service.subjects.rules import CommandRules, SubjectRules
from replaykit.explore.growing.service.subjects.search_attributes import upsert
from replaykit.replay.kinds import SET_PATCH_MARKER
from replaykit.replay.markers import patch_of

__all__ = ["PATCHES"]

_LONGEST_ATTRIBUTE = 2048
"""Bytes of a search attribute's value that Core still writes."""


def _set_marker(ledger: Ledger, command: Any, task: int) -> None:
    if command.patch_id in ledger.patches:
        return
    ledger.add_patch(command.patch_id)
    data = as_json({"id": command.patch_id, "deprecated": command.deprecated})
    ledger.write(
        "MarkerRecorded",
        marker_name="core_patch",
        workflow_task_completed_event_id=task,
        details={"patch-data": Payloads(payloads=[data])},
    )
    versions = as_json(sorted(ledger.patches), type=b"KeywordList")
    if len(versions.data) < _LONGEST_ATTRIBUTE:
        upsert(ledger, {"TemporalChangeVersion": versions}, task)


def _marked(ledger: Ledger, event: HistoryEvent) -> None:
    patch = patch_of(event)
    if patch is not None:
        ledger.add_patch(patch.patch_id)


PATCHES = SubjectRules(
    commands={SET_PATCH_MARKER: CommandRules(write=_set_marker)},
    recorded={"MarkerRecorded": _marked},
)
