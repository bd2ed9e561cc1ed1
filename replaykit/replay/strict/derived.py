"""Fields that the service fills, or caps, from another field of the same command.

A changed source changes them too. That is one change of the code, so the source alone is a drift: a field
that would be as it was recorded, had its sources stayed as they were, is none of its own. It can never hide a
change: where no source differs, nothing is derived from a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from replaykit.replay.strict import defaults
from replaykit.replay.strict.attribute import Attribute, plain
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds, time_span

__all__ = ["retry_policies", "timeouts"]

_SOURCES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "activity": {
        "schedule_to_start_timeout": ("schedule_to_close_timeout",),
        "start_to_close_timeout": ("schedule_to_close_timeout",),
        "heartbeat_timeout": ("schedule_to_close_timeout", "start_to_close_timeout"),
    },
    "child_workflow": {
        "workflow_run_timeout": ("workflow_execution_timeout",),
        "workflow_task_timeout": ("workflow_execution_timeout", "workflow_run_timeout"),
    },
    "continue_as_new": {"workflow_task_timeout": ("workflow_run_timeout",)},
    "nexus": {
        "schedule_to_start_timeout": ("schedule_to_close_timeout",),
        "start_to_close_timeout": ("schedule_to_close_timeout",),
    },
}
"""By the first word of an attribute, and by field, what the service fills or caps it from."""


def timeouts(
    kind: str, recorded: Any, produced: Any, fill: Callable[[Any], Mapping[str, Nanoseconds]]
) -> Iterator[Attribute]:
    """The timeouts of a command that differ by themselves, and those that do not differ.

    Args:
        kind: First word of the attributes, such as `activity`.
        recorded: The attributes of the event.
        produced: The message of the command.
        fill: All timeouts, by field, that the service makes of such a message.
    """
    for name, value in fill(produced).items():
        if not hasattr(recorded, name):
            continue  # an older temporalio has no such field in the event
        before = nanoseconds(getattr(recorded, name))
        sources = _SOURCES[kind].get(name, ())
        if value != before and sources and fill(_with(produced, recorded, sources))[name] == before:
            continue
        yield plain(f"{kind}.{name}", time_span(before), time_span(value))


def _with(produced: Any, recorded: Any, names: tuple[str, ...]) -> Any:
    """The command with these fields as they were recorded."""
    copy = type(produced)()
    copy.CopyFrom(produced)
    for name in names:
        getattr(copy, name).CopyFrom(getattr(recorded, name))
    return copy


def retry_policies(kind: str, recorded: Any, produced: Any, *, always: bool) -> Attribute:
    """Both retry policies, their gaps filled: the maximum interval is a hundred initial ones by default.

    Args:
        kind: First word of the attribute.
        recorded: The attributes of the event.
        produced: The message of the command.
        always: Whether the service fills in a whole policy where none is given: for activities it does.
    """
    before, now = (
        defaults.retry_policy(
            side.retry_policy, is_set=always or side.HasField("retry_policy"), always=always
        )
        for side in (recorded, produced)
    )
    if before is not None and now is not None and _is_derived(recorded) and _is_derived(produced):
        now = {**now, "maximum_interval": before["maximum_interval"]}
    return plain(f"{kind}.retry_policy", before, now)


def _is_derived(side: Any) -> bool:
    """Whether the maximum interval is the one by default, which the SDK writes down too."""
    policy = side.retry_policy
    longest = nanoseconds(policy.maximum_interval)
    return not longest or longest == defaults.MAXIMUM_INTERVALS * nanoseconds(policy.initial_interval)
