"""One attribute of one command, on both sides, and what many kinds of command have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import SerializationContext

from replaykit.replay.strict.run import Pair, Run

__all__ = [
    "TRACING_HEADERS",
    "Attribute",
    "coded",
    "event_groups",
    "headers",
    "indexed",
    "metadata",
    "plain",
    "priority",
    "search_attributes",
]

TRACING_HEADERS = frozenset({"_tracer-data", "traceparent", "tracestate", "uber-trace-id"})
"""Headers of tracing interceptors: another value in every run, by their nature."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One attribute of one command. Values are JSON-like, with payloads anywhere in them."""

    field: str
    recorded: Any
    produced: Any
    context: SerializationContext | None = None
    """The context that the worker's codec is given for the payloads in it."""
    earlier_context: SerializationContext | None = None
    """The one that an earlier SDK gave it, where that was another; None where it was not."""
    is_coded: bool = True
    """Whether the codec has seen its payloads: search attributes never pass through one."""


def plain(field: str, recorded: object, produced: object) -> Attribute:
    return Attribute(field=field, recorded=recorded, produced=produced, is_coded=False)


def coded(field: str, recorded: Any, produced: Any, context: SerializationContext | None) -> Attribute:
    return Attribute(field=field, recorded=recorded, produced=produced, context=context)


def priority(kind: str, recorded: Any, produced: Any) -> Attribute:
    return plain(f"{kind}.priority", _priority_values(recorded), _priority_values(produced))


def _priority_values(message: Any) -> dict[str, object]:
    names = ("priority_key", "fairness_key", "fairness_weight")
    return {name: getattr(message.priority, name, None) or None for name in names}


def search_attributes(field: str, recorded: Any, produced: Any) -> Attribute:
    return Attribute(
        field=field,
        recorded=dict(recorded.indexed_fields),
        produced=indexed(produced.search_attributes),
        is_coded=False,
    )


def indexed(search_attributes: Any) -> dict[str, Payload]:
    """Older SDKs hold the map itself where newer ones hold a message around it."""
    return dict(getattr(search_attributes, "indexed_fields", search_attributes))


def headers(
    kind: str,
    recorded: Mapping[str, Payload],
    produced: Mapping[str, Payload],
    context: SerializationContext | None,
) -> Iterator[Attribute]:
    if recorded or produced:
        yield coded(
            f"{kind}.headers",
            {key: value for key, value in recorded.items() if key not in TRACING_HEADERS},
            {key: value for key, value in produced.items() if key not in TRACING_HEADERS},
            context,
        )


def metadata(
    kind: str, pair: Pair, run: Run, context: SerializationContext | None = None
) -> Iterator[Attribute]:
    """What people read of a command in the Web UI.

    The codec is given the workflow's context for it, or the given one: for Nexus operations since
    temporalio 1.33.
    """
    event, command = pair
    recorded, produced = event.user_metadata, command.message.user_metadata
    for name in ("summary", "details"):
        if recorded.HasField(name) or produced.HasField(name):
            yield Attribute(
                field=f"{kind}.static_details" if name == "details" else f"{kind}.summary",
                recorded=getattr(recorded, name) if recorded.HasField(name) else None,
                produced=getattr(produced, name) if produced.HasField(name) else None,
                context=context or run.context,
                earlier_context=run.context if context is not None else None,
            )


def event_groups(pair: Pair, run: Run, context: SerializationContext | None = None) -> Iterator[Attribute]:
    """The event groups that the code put a command into, by id; those of handlers are the SDK's own.

    Nothing for a history without any: an SDK before 1.35, or an older service, writes none down.
    """
    event, command = pair
    if run.records_groups and hasattr(command.message, "event_group_markers"):
        yield coded(
            "event_groups",
            _labels(event.event_group_markers),
            _labels(command.message.event_group_markers),
            context or run.context,
        )


def _labels(markers: Any) -> dict[str, Payload | None]:
    labels = [marker.label for marker in markers if marker.HasField("label")]
    return {label.id: label.label if label.HasField("label") else None for label in labels}
