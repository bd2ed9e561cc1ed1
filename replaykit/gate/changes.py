"""What a change does to fixtures, from the trees of both sides."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.errors import HistoryError
from replaykit.history import find_fixtures, read_history
from replaykit.paths import display

__all__ = [
    "ChangeKind",
    "FixtureChange",
    "fixture_changes",
    "new_fixtures",
]


class ChangeKind(str, enum.Enum):
    """What became of a fixture of the base."""

    DELETED = "deleted"
    LEFT_OUT = "left out"
    """It is there as it was, and the change's configuration no longer names it."""
    REWRITTEN = "rewritten"
    """Its file holds other events, or another run of the same workflow took its place."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class FixtureChange:
    """A fixture that the change took away or recorded again."""

    kind: ChangeKind
    name: str
    """As a report has it, from the current folder."""
    path: Path
    """Where it is or was, in the project."""
    old: Path
    """The base's version of it, in the base's tree."""


def fixture_changes(
    repository: Path, tree: Path, folders: Iterable[Path], files: Sequence[Path]
) -> list[FixtureChange]:
    """The fixtures of the base that the change took away, left out or recorded again.

    Args:
        repository: Its top folder, with the change checked out.
        tree: The base's tree.
        folders: Where fixtures are or were, inside the repository: what either configuration names.
        files: The fixtures that are replayed.
    """
    replayed = {path.resolve() for path in files}
    new = [path for path in replayed if _is_new(path, repository, tree)]
    new_runs = {_workflow_of(path) for path in new}
    changes: list[FixtureChange] = []
    before = [tree / folder.relative_to(repository) for folder in folders]
    for old in find_fixtures(folder for folder in before if folder.exists()):
        now = repository / old.relative_to(tree)
        kind: ChangeKind | None = None
        if now.exists():
            if _events_of(now) != _events_of(old):
                kind = ChangeKind.REWRITTEN
            elif now.resolve() not in replayed:
                kind = ChangeKind.LEFT_OUT
        elif not any(_events_of(other) == _events_of(old) for other in new):  # else it was moved
            kind = ChangeKind.REWRITTEN if _workflow_of(old) in new_runs else ChangeKind.DELETED
        if kind is not None:
            changes.append(FixtureChange(kind=kind, name=display(now), path=now, old=old))
    return changes


def new_fixtures(repository: Path, tree: Path, files: Sequence[Path]) -> set[str]:
    """The fixtures that the base has not, or has with other events, as the report names them."""
    inside = [path for path in files if path.resolve().is_relative_to(repository)]
    return {
        display(path)
        for path in inside
        if _is_new(path.resolve(), repository, tree)
        or _events_of(tree / path.resolve().relative_to(repository)) != _events_of(path)
    }


def _is_new(path: Path, repository: Path, tree: Path) -> bool:
    return path.is_relative_to(repository) and not (tree / path.relative_to(repository)).exists()


def _workflow_of(path: Path) -> tuple[str | None, str | None]:
    """Type and id: a run that is recorded again keeps them."""
    try:
        history = read_history(path)
    except HistoryError:
        return None, path.name
    return history.workflow_type, history.workflow_id


def _events_of(path: Path) -> object:
    """What a fixture holds; its own bytes where it cannot be read, and why not where it is no file."""
    try:
        return [event.SerializeToString(deterministic=True) for event in read_history(path).events]
    except HistoryError as error:
        return path.read_bytes() if path.is_file() else error.what
