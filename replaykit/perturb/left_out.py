"""What two runs may differ in: as strict mode has it, what is cosmetic and what the project ignores."""

from __future__ import annotations

import re

from replaykit.config import StrictRules
from replaykit.replay import kinds
from replaykit.replay.strict.severity import is_ignored, preset_of, severity_of
from replaykit.verdict import Severity

__all__ = ["field_of", "is_left_out"]

_SUBJECTS = {
    kinds.SCHEDULE_ACTIVITY: "activity",
    kinds.SCHEDULE_LOCAL_ACTIVITY: "local_activity",
    kinds.START_TIMER: "timer",
    kinds.START_CHILD_WORKFLOW: "child_workflow",
    kinds.SCHEDULE_NEXUS_OPERATION: "nexus",
    kinds.SIGNAL_EXTERNAL_WORKFLOW: "signal_external",
    kinds.REQUEST_CANCEL_EXTERNAL_WORKFLOW: "cancel_external",
    kinds.CANCEL_CHILD_WORKFLOW: "cancel_child",
    kinds.REQUEST_CANCEL_ACTIVITY: "cancel_activity",
    kinds.CANCEL_TIMER: "cancel_timer",
    kinds.REQUEST_CANCEL_NEXUS_OPERATION: "cancel_nexus",
    kinds.CONTINUE_AS_NEW_WORKFLOW: "continue_as_new",
    kinds.UPDATE_RESPONSE: "update",
    kinds.COMPLETE_WORKFLOW: "workflow",
    kinds.FAIL_WORKFLOW: "workflow",
    kinds.CANCEL_WORKFLOW: "workflow",
}
_SUBJECT_OF = {kind.name: subject for kind, subject in _SUBJECTS.items()}
_CANCELS = frozenset(_SUBJECT_OF[kind.name] for kind in _SUBJECTS if kind.cancels is not None)
_WHOLE = {
    kinds.UPSERT_SEARCH_ATTRIBUTES.name: (r"search_attributes(\.indexed_fields)?", "search_attributes"),
    kinds.MODIFY_WORKFLOW_PROPERTIES.name: (r"upserted_memo(\.fields)?", "memo"),
}
"""By a kind whose field stands without a subject: what the command calls it, and strict mode."""
_FAILURE_INFO = re.compile(r"\.\w+_failure_info\b")
_NAMES = (
    (r"user_metadata\.details", "static_details"),
    (r"user_metadata\.", ""),
    (r"nexus_header", "headers"),
    (r"args(?=\[|$)", "arguments"),
    (r"workflow_execution\.", ""),
    (r"details(?=\[|$)", "cancel_details"),
    (r"completed(?=\.|\[|$)", "result"),
    (r"rejected(?=\.|$)", "failure"),
)
"""The beginning of a field as a command has it, and as strict mode names it."""


def field_of(kind: str, path: str) -> str:
    """The name that strict mode has for a field of a command, such as `activity.headers`.

    Args:
        kind: Name of the command's kind.
        path: Of the field inside the SDK's command, such as `user_metadata.summary`.
    """
    if path.startswith("event_group_markers"):
        return "event_groups"
    if kind in _WHOLE:
        pattern, name = _WHOLE[kind]
        return re.sub(f"^{pattern}", name, path)
    subject = _SUBJECT_OF.get(kind, kind)
    if subject in _CANCELS and path in ("seq", "child_workflow_seq"):
        return f"{subject}.target"
    for pattern, name in _NAMES:
        path = re.sub(f"^{pattern}", name, path)
    return f"{subject}.{_FAILURE_INFO.sub('', path)}"


def is_left_out(kind: str, path: str, rules: StrictRules) -> bool:
    """Whether two runs may differ there.

    Args:
        kind: Name of the command's kind.
        path: Of the field inside the SDK's command.
        rules: Of the workflow type, from `[tool.replaykit.strict]`.
    """
    field = field_of(kind, path)
    is_cosmetic = severity_of(field) is Severity.COSMETIC and rules.fail_on is not Severity.COSMETIC
    return is_cosmetic or is_ignored(field, rules.ignore) or preset_of(field, rules.presets) is not None
