"""Which deployment version a run stays on."""

from __future__ import annotations

from google.protobuf.message import Message
from temporalio.api.enums.v1 import VersioningBehavior

from replaykit.history.model import History

__all__ = ["pinned_to"]

_PINNED = VersioningBehavior.VERSIONING_BEHAVIOR_PINNED


def pinned_to(history: History) -> str | None:
    """The version that the last workflow task, or an override of the run, pins it to.

    https://docs.temporal.io/worker-versioning: a run is Pinned or Auto-Upgrade by what its worker reported
    with its last workflow task; an override of the run outweighs that.

    Args:
        history: Of the run.

    Returns:
        The deployment's name and the build id; None for a run that moves on to another version.
    """
    reported: str | None = None
    override: tuple[str | None] | None = None
    for event in history.events:
        if event.HasField("workflow_task_completed_event_attributes"):
            completed = event.workflow_task_completed_event_attributes
            version = completed.deployment_version
            is_pinned = completed.versioning_behavior == _PINNED and bool(version.build_id)
            reported = f"{version.deployment_name} {version.build_id}".strip() if is_pinned else None
        elif event.HasField("workflow_execution_started_event_attributes"):
            override = _override(event.workflow_execution_started_event_attributes)
        elif event.HasField("workflow_execution_options_updated_event_attributes"):
            updated = event.workflow_execution_options_updated_event_attributes
            override = None if updated.unset_versioning_override else _override(updated) or override
    return reported if override is None else override[0]


def _override(attributes: Message) -> tuple[str | None] | None:
    """The version that an override names, None in it for a run that moves on; None for no override.

    By name, so that a temporalio whose messages have fewer fields serves as well.
    """
    given = {field.name: value for field, value in attributes.ListFields()}.get("versioning_override")
    if given is None:
        return None
    fields = {field.name: value for field, value in given.ListFields()}
    if "pinned" in fields:
        version = fields["pinned"].version
        return (f"{version.deployment_name} {version.build_id}".strip(),)
    if fields.get("behavior") == _PINNED:
        return (str(fields.get("pinned_version") or "") or None,)
    return (None,)
