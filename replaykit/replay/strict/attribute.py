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


def metadata(kind: str, pair: Pair, run: Run) -> Iterator[Attribute]:
    """What people read of a command in the Web UI; the codec is given the workflow's context for it."""
    event, command = pair
    recorded, produced = event.user_metadata, command.message.user_metadata
    for name in ("summary", "details"):
        if recorded.HasField(name) or produced.HasField(name):
            yield coded(
                f"{kind}.static_details" if name == "details" else f"{kind}.summary",
                getattr(recorded, name) if recorded.HasField(name) else None,
                getattr(produced, name) if produced.HasField(name) else None,
                run.context,
            )
