"""What a change does to fixtures, from the trees of both sides."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.gate.base_code import BaseCode
from replaykit.gate.bringing_back import WayBack, way_back
from replaykit.gate.facts import Facts, facts_of
from replaykit.history import find_fixtures
from replaykit.limits import Limits
from replaykit.paths import display, real

__all__ = [
    "ChangeKind",
    "FixtureChange",
    "fixture_changes",
    "fixtures_at_base",
    "folders_of_both",
    "new_fixtures",
    "place_now",
]


class ChangeKind(str, enum.Enum):
    """What became of a fixture of the base."""

    DELETED = "deleted"
    LEFT_OUT = "left out"
    """It is there as it was, and the change's configuration no longer names it."""
    REWRITTEN = "rewritten"
    """Its file holds other events, or another run of the same workflow took its place."""
    MOVED = "moved"
    """It lies in another folder, so that another worker may judge it."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class FixtureChange:
    """A fixture that the change took away, recorded again or moved."""

    kind: ChangeKind
    name: str
    """As a report has it, from the current folder."""
    path: Path
    """Where it is or was, in the project."""
    old: Facts
    """The base's version of it, in the base's tree."""
    way_back: WayBack
    """How it comes back."""


def folders_of_both(config: Config, paths: Sequence[Path], code: BaseCode) -> list[Path]:
    """Where fixtures are or were, inside the repository: what the change names, and what its base named.

    Args:
        config: The change's.
        paths: What the user named.
        code: Where the base's project is.
    """
    repository, tree = code.trees.here, code.trees.there
    named = [path for path in (*paths, *config.histories) if path.is_dir() or not path.exists()]
    found = [_inside(repository, folder) for folder in named]
    try:
        before = load_config(code.root).histories
    except ReplaykitError:  # a base that cannot be read names nothing
        before = ()
    found += [repository / folder.relative_to(tree) for folder in before if folder.is_relative_to(tree)]
    return [folder for folder in dict.fromkeys(found) if folder.is_relative_to(repository)]


def _inside(repository: Path, folder: Path) -> Path:
    """A folder with its links resolved, as git sees it."""
    return (
        Path(os.path.realpath(folder))
        if folder.exists()
        else repository / os.path.relpath(folder.absolute(), repository)
    )


def fixtures_at_base(code: BaseCode, folders: Iterable[Path]) -> tuple[Path, ...]:
    """The fixtures of the base, in its tree.

    Args:
        code: Where the base's project is.
        folders: Where fixtures are or were, inside the repository.
    """
    before = [code.trees.there / folder.relative_to(code.trees.here) for folder in folders]
    # A link with an absolute path leads out of the base's tree, into that of the change.
    inside = [code.trees.counterpart(folder) or folder for folder in before]
    return find_fixtures(folder for folder in inside if folder.exists())


def fixture_changes(
    code: BaseCode, before: Sequence[Facts], now: Sequence[Facts], limits: Limits
) -> list[FixtureChange]:
    """The fixtures of the base that the change took away, left out, recorded again or moved.

    Args:
        code: Where the base's project is.
        before: The fixtures of the base.
        now: The fixtures that are replayed.
        limits: How large they may be.
    """
    return list(_changes(code, before, now, limits))


def _changes(
    code: BaseCode, before: Sequence[Facts], now: Sequence[Facts], limits: Limits
) -> Iterator[FixtureChange]:
    replayed = {each.content: each.path.resolve() for each in now}
    known = {each.content for each in before}
    new_runs = {each.run for each in now if each.content not in known}
    for old in before:
        place = place_now(code, old.path)
        kind: ChangeKind | None
        if old.content in replayed:
            same_folder = replayed[old.content].parent == place.parent.resolve()
            kind = None if same_folder else ChangeKind.MOVED
        elif place.exists():
            same = facts_of([place], limits)[0].content == old.content
            kind = ChangeKind.LEFT_OUT if same else ChangeKind.REWRITTEN
        else:
            kind = ChangeKind.REWRITTEN if old.run in new_runs else ChangeKind.DELETED
        if kind is not None:
            back = way_back(code.trees, old.path, place)
            yield FixtureChange(kind=kind, name=_name(place), path=place, old=old, way_back=back)


def _name(place: Path) -> str:
    """As `display`, without following links: the change may have pointed them to something else."""
    return place.relative_to(Path.cwd()).as_posix() if place.is_relative_to(Path.cwd()) else display(place)


def place_now(code: BaseCode, path: Path) -> Path:
    """Where a fixture of the base lies in the change, as far as the change left it where it was.

    Args:
        code: Where the base's project is.
        path: The fixture, in the base's tree.
    """
    followed = real(path)
    old = followed if followed.is_relative_to(code.trees.there) else path
    if old.is_relative_to(code.root):
        return code.head_root / old.relative_to(code.root)
    return code.trees.here / old.relative_to(code.trees.there)


def new_fixtures(repository: Path, before: Sequence[Facts], now: Sequence[Facts]) -> set[str]:
    """The fixtures in the repository that hold what none of the base's does, as the report names them.

    Args:
        repository: Its top folder.
        before: The fixtures of the base.
        now: The fixtures that are replayed.
    """
    known = {each.content for each in before}
    inside = [each for each in now if each.path.resolve().is_relative_to(repository)]
    return {display(each.path) for each in inside if each.content not in known}
