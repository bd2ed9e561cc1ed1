"""Names in the user's own values that match nothing in the project: most are misspelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from replaykit.errors import ValuesError
from replaykit.explore.values.learned import Role
from replaykit.explore.values.overrides import Values, asked_of
from replaykit.explore.values.signatures import definition_of

__all__ = ["Names", "names_of", "unmet"]

_NOUNS: Mapping[str, tuple[str, str, str]] = {
    "activities": ("activity", "was never asked for", "asked for were"),
    "children": ("child", "was never started", "started were"),
    "nexus": ("Nexus operation", "was never started", "started were"),
    "signals": ("signal", "has no handler", "handlers are there for"),
    "updates": ("update", "has no handler", "handlers are there for"),
    "queries": ("query", "has no handler", "handlers are there for"),
    "inputs": ("workflow", "is not there", "explored were"),
    "workflow_ids": ("workflow", "is not there", "explored were"),
    "last_results": ("workflow", "is not there", "explored were"),
}
"""By field of `Values`: what a name of it is called, that it matches nothing, and what there is."""
_ROLES = {"activities": Role.ACTIVITY, "children": Role.CHILD, "nexus": Role.NEXUS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The names of one workflow, by field of `Values`."""

    given: Mapping[str, frozenset[str]]
    """What the user has values for."""
    met: Mapping[str, frozenset[str]]
    """What there is, or was asked for."""


def names_of(
    own: Values, used: Values, workflow_class: type, handlers: Iterable[Iterable[str]] = ((), (), ())
) -> Names:
    """The names of a workflow whose exploration is over.

    Args:
        own: The user's own values.
        used: Those that it was explored with.
        workflow_class: The workflow.
        handlers: Names of the signals, updates and queries that its code itself has set handlers for.
    """
    definition = definition_of(workflow_class)
    name = {definition.name or definition.workflow_class.__qualname__}
    met: dict[str, Iterable[str | None]] = {
        field: {asked for role, asked in asked_of(used) if role is wanted} for field, wanted in _ROLES.items()
    }
    declared = (definition.signals, definition.updates, definition.queries)
    for field, names, more in zip(("signals", "updates", "queries"), declared, handlers, strict=True):
        met[field] = {*names, *more}
    met |= {"inputs": name, "workflow_ids": name, "last_results": name}
    return Names(
        given={field: frozenset(map(_named, getattr(own, field))) for field in _NOUNS},
        met={field: frozenset(one for one in names if one is not None) for field, names in met.items()},
    )


def _named(key: Any) -> str:
    """The name of what stands as a key: a class for its workflow type."""
    if isinstance(key, str):
        return key
    try:
        return definition_of(key).name or str(key.__qualname__)
    except ValuesError:
        return str(getattr(key, "__qualname__", key))


def unmet(names: Iterable[Names]) -> Iterator[str]:
    """A sentence for each name that none of these workflows met, where they met another.

    Args:
        names: Those of every workflow of the project.
    """
    all_names = list(names)
    for field, (noun, what, others) in _NOUNS.items():
        given = frozenset[str]().union(*(one.given[field] for one in all_names))
        met = frozenset[str]().union(*(one.met[field] for one in all_names))
        known = ", ".join(sorted(name for name in met if not _is_part(name, met)))
        for name in sorted(given - met) if met else ():
            yield f"Values({field}=...): {noun} {name!r} {what}; {others} {known}"


def _is_part(name: str, names: frozenset[str]) -> bool:
    """Whether it is the operation of a `service.operation` that is named whole."""
    return any(other.endswith(f".{name}") for other in names)
