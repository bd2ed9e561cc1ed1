"""Workflows that a change adds to the source, and that no configured worker runs: nothing guards them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.check import Registered
from replaykit.code.definitions import Definition, find_definitions
from replaykit.config import Config

__all__ = ["Unconfigured", "added_unconfigured"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unconfigured:
    """A workflow class that no worker has."""

    name: str
    """Its type; that of its class where the source does not show the type."""
    spec: str
    """The entry of `workflows` that would name it."""
    file: str
    """Relative to the project, with `/`."""
    line: int


def added_unconfigured(
    config: Config, base_root: Path, registered: Sequence[Registered]
) -> tuple[Unconfigured, ...]:
    """The workflows that only the change's source has, outside of tests, and none of its workers.

    Args:
        config: The change's.
        base_root: The project's folder in the base.
        registered: What the workers of the change run.
    """
    specs = {spec for worker in config.workers for spec in worker.workflows}
    running = {each.workflow_type for each in registered}
    found = [
        each
        for each in find_definitions(config.root)
        if not each.is_in_tests
        and each.workflow_type not in running
        and not any(each.is_covered_by(spec) for spec in specs)
    ]
    if not found:
        return ()
    before = {_name(each) for each in find_definitions(base_root)}
    return tuple(
        Unconfigured(name=_name(each), spec=each.spec(), file=each.file.as_posix(), line=each.line)
        for each in found
        if _name(each) not in before  # one that only moved is not new
    )


def _name(definition: Definition) -> str:
    return definition.workflow_type or definition.class_name
