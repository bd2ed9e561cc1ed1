"""Which workflows a change alters, and which patches it takes away, from the code of both sides. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from replaykit.code.reachable import WorkflowCode

__all__ = ["changed_workflows", "removed_patches", "removed_unread"]


def changed_workflows(now: Mapping[str, WorkflowCode], before: Mapping[str, WorkflowCode]) -> set[str]:
    """Workflow types whose reachable code the change alters; not by comments, docstrings or layout.

    Args:
        now: Of the change, by type.
        before: Of the base.

    Returns:
        Names of types that both sides have.
    """
    return {name for name, reached in now.items() if name in before and before[name].code != reached.code}


def removed_patches(
    now: Mapping[str, WorkflowCode], before: Mapping[str, WorkflowCode]
) -> Mapping[str, frozenset[str]]:
    """The patches whose old branch the change takes away: the base calls `patched`, the change does not.

    Args:
        now: Of the change, by type.
        before: Of the base.

    Returns:
        Ids of patches by workflow type, for types that both sides have.
    """
    removed = {name: _removed(reached, before[name]) for name, reached in now.items() if name in before}
    return {name: ids for name, ids in removed.items() if ids}


def _removed(now: WorkflowCode, before: WorkflowCode) -> frozenset[str]:
    """What a worker calls no longer counts, though another one that runs the type still does."""
    by_worker = (
        ids - now.patched_by[worker] for worker, ids in before.patched_by.items() if worker in now.patched_by
    )
    return (before.patched - now.patched).union(*by_worker)


def removed_unread(
    now: Mapping[str, WorkflowCode], before: Mapping[str, WorkflowCode]
) -> Mapping[str, frozenset[str]]:
    """The calls of `patched` that the change takes away, and whose id the source does not show.

    Args:
        now: Of the change, by type.
        before: Of the base.

    Returns:
        What they were given, by workflow type, for types that both sides have.
    """
    removed = {
        name: frozenset(before[name].unread) - frozenset(reached.unread)
        for name, reached in now.items()
        if name in before
    }
    return {name: texts for name, texts in removed.items() if texts}
