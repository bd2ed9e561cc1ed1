"""What the fields of strict mode begin with, and whether patterns leave any of them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

__all__ = ["STRICT_FIELDS", "ignores_all"]

STRICT_FIELDS = (
    "activity",
    "cancel_activity",
    "cancel_child",
    "cancel_external",
    "cancel_nexus",
    "cancel_timer",
    "child_workflow",
    "continue_as_new",
    "event_groups",
    "local_activity",
    "memo",
    "nexus",
    "search_attributes",
    "signal_external",
    "tail",
    "timer",
    "update",
    "workflow",
)
"""What the fields of strict mode begin with; a pattern that begins with anything else covers nothing."""

_ANY = "\0"
"""What no pattern names."""


def ignores_all(patterns: Iterable[str]) -> bool:
    """Whether patterns cover every field that strict mode compares.

    Args:
        patterns: As `ignore` has them: `*` stands for anything, and `activity` covers what is inside it too.
    """
    known = tuple(patterns)
    return all(
        any(pattern == field or fnmatchcase(f"{field}.{_ANY}", pattern) for pattern in known)
        for field in STRICT_FIELDS
    )
