"""The table of command kinds, and what elsewhere has to know of each."""

from __future__ import annotations

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.history import is_command_event
from replaykit.replay.kinds import BY_FIELD, KINDS

NEVER_RECORDED = {"respond_to_query"}
"""Fields of the SDK's command that no event records."""


def test_every_command_of_the_sdk_has_a_row() -> None:
    fields = {field.name for field in WorkflowCommand.DESCRIPTOR.oneofs_by_name["variant"].fields}
    assert fields - NEVER_RECORDED <= BY_FIELD.keys()


def test_what_counts_as_a_command_event_is_what_a_row_has() -> None:
    recorded = {number for kind in KINDS for number in kind.events}
    counted = {number for number in EventType.values() if is_command_event(HistoryEvent(event_type=number))}
    # A rejected update leaves no event on a service of today; old histories have it.
    assert counted == recorded | {EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_REJECTED}
