"""Which code the base's Verdicts come from: the project's old place, and what is not of its tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.relocating import Loaded, Trees, moved_paths
from replaykit.issue import Issue, Level
from replaykit.paths import display
from replaykit.revisions import RevisionError, git, tried

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["BaseCode", "Foreign", "base_code_of", "foreign_among", "issues_of_code", "tracked_in"]

_PROJECT = "pyproject.toml"
_SHOWN = 10
"""Modules that a message names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseCode:
    """The code of a base."""

    trees: Trees
    root: Path
    """The project, inside the base's tree."""
    head_root: Path
    """The same as it is checked out: the change may have moved it."""

    def place_of(self, path: Path) -> Path:
        """Where a fixture of the change would lie in the base: the folders above it can name a worker.

        Args:
            path: Of the fixture.
        """
        real = Path(os.path.realpath(path))
        if real.is_relative_to(self.head_root) and not real.is_relative_to(self.trees.there):
            return self.root / real.relative_to(self.head_root)
        return path

    def env(self) -> Mapping[str, str]:
        """The environment variables that its process needs."""
        paths = os.environ.get("PYTHONPATH")
        if not paths:
            return {}
        moved = moved_paths(self.trees, paths.split(os.pathsep), tracked_in(self.trees.here))
        return {"PYTHONPATH": os.pathsep.join(moved)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreign:
    """A module that the base's Verdicts depend on, and that is not the base's."""

    module: Loaded
    clone: str | None = None
    """Top folder of the other clone of this repository that it lies in; None for the one at hand."""


def base_code_of(repository: Path, tree: Path, head_root: Path, commit: str) -> BaseCode:
    """Where the project of a change is in its base.

    Args:
        repository: The top folder of its repository.
        tree: The base's tree.
        head_root: The project, as it is checked out.
        commit: The base.

    Raises:
        RevisionError: The base has no such project.
    """
    head_root = head_root.resolve()
    relative = head_root.relative_to(repository)
    trees = Trees(here=repository, there=tree)
    if not (tree / relative / _PROJECT).is_file() and (head_root / _PROJECT).is_file():
        old = _old_place(repository, tree, relative, commit)
        if old is not None:
            return BaseCode(trees=trees, root=tree / old, head_root=head_root)
    if not (tree / relative).is_dir():
        raise RevisionError(
            f"the base {commit[:12]} has no project {relative.as_posix()}, there or at another place",
            where=str(repository),
            cure="Judge it without a base: replaykit gate --base none",
        )
    return BaseCode(trees=trees, root=tree / relative, head_root=head_root)


def _old_place(repository: Path, tree: Path, relative: Path, commit: str) -> Path | None:
    """The folder that a project was moved from: as git sees it, else the one of its name that is gone."""
    now = (relative / _PROJECT).as_posix()
    renamed = git(
        repository, "diff", "--find-renames=40%", "--diff-filter=R", "--name-status", "-z", commit, "--",
        f":(top,glob)**/{_PROJECT}",
    )  # fmt: skip
    fields = (renamed or "").split("\0")
    for before, after in zip(fields[1::3], fields[2::3], strict=False):
        if after == now:
            return Path(before).parent
    name = _name_of(repository / now)
    listed = git(repository, "ls-tree", "-r", "-z", "--name-only", commit) or ""
    gone = [
        Path(path).parent
        for path in listed.split("\0")
        if Path(path).name == _PROJECT and not (repository / path).exists()
    ]
    same = [folder for folder in gone if name is not None and _name_of(tree / folder / _PROJECT) == name]
    return same[0] if len(same) == 1 else None


def _name_of(path: Path) -> str | None:
    """The name that a project gives itself."""
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    name = project.get("name") if isinstance(project, Mapping) else None
    return name if isinstance(name, str) else None


def tracked_in(repository: Path) -> Callable[[Path], bool]:
    """A test of whether a path holds files that git tracks."""

    def is_tracked(path: Path) -> bool:
        real = os.path.realpath(path)
        return bool(tried(repository, "ls-files", "--", real))

    return is_tracked


def foreign_among(loaded: Sequence[Loaded], repository: Path, commit: str) -> list[Foreign]:
    """Those of the modules from outside the base's tree that a change can alter.

    A module outside the repository is the same on both sides, unless it lies in another clone of it: then
    neither side's code is judged.

    Args:
        loaded: User modules from outside the tree.
        repository: The top folder of the repository.
        commit: The base; another clone of the repository has it, too.
    """
    clones: dict[Path, str | None] = {}
    found: list[Foreign] = []
    for module in sorted(set(loaded)):
        folder = Path(module.file).parent
        if folder.is_relative_to(repository):
            found.append(Foreign(module=module))
            continue
        if folder not in clones:
            clones[folder] = _clone_at(folder, commit)
        if clones[folder] is not None:
            found.append(Foreign(module=module, clone=clones[folder]))
    return found


def _clone_at(folder: Path, commit: str) -> str | None:
    if tried(folder, "cat-file", "-e", f"{commit}^{{commit}}") is None:
        return None
    return tried(folder, "rev-parse", "--show-toplevel")


def issues_of_code(foreign: Sequence[Foreign], error: str | None) -> Iterator[Issue]:
    """What is wrong with the code that the base's Verdicts came from.

    Args:
        foreign: Modules that are not the base's.
        error: Why it does not load.
    """
    if error is not None:
        yield Issue(
            rule="base-not-judged",
            level=Level.FAIL,
            title="the base could not judge anything, so nothing shows which problems are new",
            text=error,
            cure="Its code must load with what is installed here. To judge this change without its base: "
            "replaykit gate --base none",
            unjudged=True,
        )
    for clone in sorted({each.clone or "" for each in foreign}):
        modules = [each.module for each in foreign if (each.clone or "") == clone]
        lines = [f"{module.name}  {display(module.file)}" for module in modules[:_SHOWN]]
        more = len(modules) - _SHOWN
        lines += [f"and {more} more"] if more > 0 else []
        count = f"{len(modules)} {'module' if len(modules) == 1 else 'modules'}"
        where = f"another clone of this repository, {clone}" if clone else "the tree of the change"
        yield Issue(
            rule="base-of-mixed-code",
            level=Level.FAIL,
            title=f"the base was judged with {count} from {where}, so nothing shows which problems are new",
            text="\n".join(lines),
            cure=_OF_CLONE.format(clone=clone) if clone else _OF_CHANGE,
            file=display(modules[0].file),
            unjudged=True,
        )


_OF_CLONE = (
    "Install the project from this clone and not from {clone}: pip install -e . here, or take that folder "
    "out of PYTHONPATH."
)
_OF_CHANGE = (
    "Commit a file that git does not track, or generate it outside the repository; import a module by its "
    "name from a folder of the project, and not from an absolute path. To judge this change without its "
    "base: replaykit gate --base none"
)
