"""What recorded fixtures show of the values that workflow code is given."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from replaykit.config import Config
from replaykit.errors import HistoryError
from replaykit.explore.growing.service import Encoder
from replaykit.explore.values.learned import Learned, Recorded, Role
from replaykit.history import History, event_name, find_fixtures, read_history
from replaykit.history.events import attributes_of
from replaykit.limits import Limits
from replaykit.replay.markers import local_activity_of, local_activity_seq

__all__ = ["learned_by"]

_Key = tuple[Role, str]
_MOST = 40
"""Different values that are kept of one type name."""


def learned_by(config: Config, encoder: Encoder) -> Learned | None:
    """What the fixtures of `[tool.replaykit.explore] learn` show; None where none are named.

    A fixture that cannot be read shows nothing; `run_explore` reports it. Neither does a payload that the
    worker's codec cannot decode.

    Args:
        config: The project.
        encoder: With the data converter of the worker whose workflow is explored.
    """
    if not config.explore.learn:
        return None
    fixtures, noted = _noted(config.explore.learn, config.limits)
    plain = encoder.decoded([payloads for _, payloads in noted])
    recorded: dict[_Key, dict[tuple[bytes, ...], Recorded]] = {}
    for (key, _), payloads in zip(noted, plain, strict=True):
        if payloads is not None:
            known = recorded.setdefault(key, {})
            if len(known) < _MOST:
                known.setdefault(tuple(p.SerializeToString(deterministic=True) for p in payloads), payloads)
    return Learned(
        recorded={key: tuple(known.values()) for key, known in recorded.items()},
        converter=encoder.payload_converter,
        fixtures=fixtures,
    )


@functools.lru_cache(maxsize=4)
def _noted(paths: tuple[Path, ...], limits: Limits) -> tuple[int, Sequence[tuple[_Key, Recorded]]]:
    """How many fixtures can be read, and what stands in them, as it was recorded."""
    fixtures, noted = 0, []
    for path in find_fixtures(paths):
        try:
            history = read_history(path, limits=limits)
        except HistoryError:
            continue
        fixtures += 1
        noted += list(_values(history))
    return fixtures, noted


def _values(history: History) -> Iterator[tuple[_Key, Recorded]]:
    """Each value that the code of a run was given, and what it answered itself."""
    asked: dict[int, _Key] = {}
    for event in history.events:
        name = event_name(event)
        attributes: Any = attributes_of(event)
        if name == "ActivityTaskScheduled":
            asked[event.event_id] = (Role.ACTIVITY, attributes.activity_type.name)
        elif name == "NexusOperationScheduled":
            asked[event.event_id] = (Role.NEXUS, f"{attributes.service}.{attributes.operation}")
        elif name in ("ActivityTaskCompleted", "NexusOperationCompleted"):
            key = asked.get(attributes.scheduled_event_id)
            if key is not None:
                yield key, _payloads(attributes.result)
        elif name == "WorkflowExecutionCompleted" and history.workflow_type:
            yield (Role.CHILD, history.workflow_type), _payloads(attributes.result)
        elif name == "MarkerRecorded":
            yield from _of_local_activity(event)
        elif name in _BY_NAME:
            yield _BY_NAME[name](attributes)


_BY_NAME: Mapping[str, Callable[[Any], tuple[_Key, Recorded]]] = {
    "WorkflowExecutionStarted": lambda a: ((Role.INPUT, a.workflow_type.name), _payloads(a.input)),
    "StartChildWorkflowExecutionInitiated": lambda a: (
        (Role.INPUT, a.workflow_type.name),
        _payloads(a.input),
    ),
    "ChildWorkflowExecutionCompleted": lambda a: ((Role.CHILD, a.workflow_type.name), _payloads(a.result)),
    "WorkflowExecutionSignaled": lambda a: ((Role.SIGNAL, a.signal_name), _payloads(a.input)),
    "WorkflowExecutionUpdateAccepted": lambda a: (
        (Role.UPDATE, a.accepted_request.input.name),
        _payloads(a.accepted_request.input.args),
    ),
}
"""Events that name what they are about."""


def _of_local_activity(event: HistoryEvent) -> Iterator[tuple[_Key, Recorded]]:
    details = event.marker_recorded_event_attributes.details
    name = local_activity_of(event) if local_activity_seq(event) is not None else None
    if name is not None and "result" in details:
        yield (Role.ACTIVITY, name), _payloads(details["result"])


def _payloads(message: Any) -> tuple[Payload, ...]:
    """Those of a `Payloads`; a Nexus operation answers with a single one."""
    if isinstance(message, Payload):
        return (message,)
    return tuple(message.payloads)
