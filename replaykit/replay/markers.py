"""What Core writes into a marker: a patch, or a local activity that has ended."""

from __future__ import annotations

from typing import Any, NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history.labels import json_detail, patch_detail

__all__ = ["PatchMarker", "local_activity_of", "local_activity_seq", "patch_of"]


class PatchMarker(NamedTuple):
    """The marker of a patch."""

    patch_id: str
    deprecated: bool
    """Whether `workflow.deprecate_patch` wrote it."""


def patch_of(event: HistoryEvent) -> PatchMarker | None:
    """The patch marker that an event is; None for any other event, and where it cannot be read."""
    marker = event.marker_recorded_event_attributes
    if event.event_type != EventType.EVENT_TYPE_MARKER_RECORDED or marker.marker_name != "core_patch":
        return None
    detail = patch_detail(marker)
    return PatchMarker(*detail) if detail is not None else None


def local_activity_of(event: HistoryEvent) -> str | None:
    """Activity type that a local activity's marker names."""
    return _local_activity_data(event).get("activity_type") or None


def local_activity_seq(event: HistoryEvent) -> int | None:
    """The SDK's own number of the local activity that a marker is of; None for any other event."""
    if event.marker_recorded_event_attributes.marker_name != "core_local_activity":
        return None
    return _local_activity_data(event).get("seq")


def _local_activity_data(event: HistoryEvent) -> dict[str, Any]:
    return json_detail(event.marker_recorded_event_attributes, "data")
