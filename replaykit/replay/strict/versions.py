"""Which deployment version a workflow that this one starts runs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from temporalio.api.enums.v1 import ContinueAsNewVersioningBehavior

from replaykit.replay.strict.attribute import Attribute, plain

__all__ = ["initial_versioning_behavior", "versioning_override"]

_PINNED = 1
"""`VERSIONING_BEHAVIOR_PINNED`, in the field that came before `pinned`."""


def versioning_override(kind: str, recorded: Any, produced: Any) -> Iterator[Attribute]:
    """The override of a child workflow, which events hold since temporalio 1.31 and commands since 1.35."""
    if hasattr(recorded, "versioning_override") and hasattr(produced, "versioning_override"):
        yield plain(f"{kind}.versioning_override", _override(recorded), _override(produced))


def _override(attributes: Any) -> Mapping[str, object] | None:
    """What the override comes to: the SDK fills older fields too, and the service clears them again."""
    if not attributes.HasField("versioning_override"):
        return None
    message = attributes.versioning_override
    if message.HasField("pinned"):
        return {"pinned": _version(message.pinned.version)}
    if hasattr(message, "one_time") and message.HasField("one_time"):
        return {"one_time": _version(message.one_time.target_deployment_version)}
    if message.behavior == _PINNED:
        before = message.pinned_version or f"{message.deployment.series_name}.{message.deployment.build_id}"
        return {"pinned": before}
    return {"auto_upgrade": True}


def _version(version: Any) -> str:
    """As Temporal writes a version: https://docs.temporal.io/worker-versioning."""
    return f"{version.deployment_name}.{version.build_id}"


def initial_versioning_behavior(kind: str, recorded: Any, produced: Any) -> Iterator[Attribute]:
    """How the next run's first task is versioned, compared where the service wrote it down.

    (Measured: the dev server of CLI 1.9.1 writes it down for no run of an unversioned worker.)
    """
    name = "initial_versioning_behavior"
    if getattr(recorded, name, 0) and hasattr(produced, name):
        yield plain(f"{kind}.{name}", *(_behavior(getattr(side, name)) for side in (recorded, produced)))


def _behavior(value: int) -> str | None:
    kinds = ContinueAsNewVersioningBehavior
    text = kinds.Name(kinds.ValueType(value)) if value in kinds.values() else str(value)
    return text.removeprefix("CONTINUE_AS_NEW_VERSIONING_BEHAVIOR_") if value else None
