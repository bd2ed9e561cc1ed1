"""Modules of the project that were loaded from a copy of it, such as that of a plain `pip install .`.

Such a copy is the same for both sides, whatever the change does: what it judges is neither's.
"""

from __future__ import annotations

import filecmp
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from replaykit.code.relocating import Loaded
from replaykit.config import Config
from replaykit.issue import Issue, Level
from replaykit.paths import display
from replaykit.revisions import git

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Copy", "Loads", "Project", "copies_among", "issues_of_copies", "project_of"]

Loads: TypeAlias = Callable[[], Sequence[Loaded]]
"""Answers with the modules that a judge has loaded so far."""
_INSTALLED = {"site-packages", "dist-packages"}
_OURS = {"replaykit", "temporalio"}
_SHOWN = 10
"""Modules that a message names."""
_NAME = re.compile(r"""^\s*name\s*=\s*["']?([A-Za-z0-9._-]+)""", re.MULTILINE)
"""Of a project, in setup.cfg and setup.py."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A module that a side was judged with, and that the project has elsewhere."""

    module: Loaded
    folder: Path
    """What it was imported from."""
    source: str
    """The same module of the project, in its repository."""
    home: Path
    """The folder of the working tree that this one would be imported from."""
    of_base: bool
    """Whether the base's Verdicts depend on it; else those of the change do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """What makes a module one of the project's."""

    repository: Path
    tree: Path | None
    """The base's; None for no base."""
    modules: Mapping[str, tuple[str, ...]]
    """By name of the file, the Python files that git has on one side or both."""
    distributions: frozenset[str]
    """What the projects of the repository call themselves."""
    packages: frozenset[str]
    """The top-level packages that the configuration names."""

    def sources(self, tail: str) -> list[str]:
        """The files of the project that would be imported as a module.

        Args:
            tail: Its file, from the folder of an import path.
        """
        named = self.modules.get(PurePosixPath(tail).name, ())
        return [each for each in named if each == tail or each.endswith(f"/{tail}")]


def project_of(config: Config, repository: Path, tree: Path | None = None, commit: str = "") -> Project:
    """What both sides have of a project.

    Args:
        config: The change's.
        repository: The top folder of the repository.
        tree: The base's tree; None for no base.
        commit: The base.
    """
    here = (git(repository, "ls-files", "-z") or "").split("\0")
    there = (
        (git(repository, "ls-tree", "-r", "-z", "--name-only", commit) or "").split("\0") if commit else []
    )
    modules: dict[str, list[str]] = {}
    names: set[str] = set()
    for path in dict.fromkeys([*here, *there]):
        name = PurePosixPath(path).name
        if name.endswith(".py"):
            modules.setdefault(name, []).append(path)
        if name in ("pyproject.toml", "setup.cfg", "setup.py"):
            names |= {each for top in (repository, tree) if top is not None for each in _names(top / path)}
    specs = [spec for worker in (config.shared, *config.workers) for spec in worker.workflows]
    return Project(
        repository=repository,
        tree=tree,
        modules={name: tuple(paths) for name, paths in modules.items()},
        distributions=frozenset(names),
        packages=frozenset(spec.partition(":")[0].partition(".")[0] for spec in specs),
    )


def _names(path: Path) -> Iterator[str]:
    """How a project is called in one of its files."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".toml":
            yield from map(_normal, _NAME.findall(text))
            return
        table = tomllib.loads(text)
    except (OSError, ValueError):
        return
    for section in (table.get("project"), table.get("tool", {}).get("poetry")):
        name = section.get("name") if isinstance(section, Mapping) else None
        if isinstance(name, str):
            yield _normal(name)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def copies_among(loaded: Iterable[Loaded], project: Project, *, base: Path | None = None) -> Iterator[Copy]:
    """Those of the modules that a side has loaded which are copies, and not the same as its own.

    Args:
        loaded: The modules.
        project: What makes one the project's.
        base: The base's tree, where it is the base that loaded them.
    """
    own, other = (project.repository, project.tree) if base is None else (base, project.repository)
    for module in sorted(set(loaded)):
        file = Path(os.path.realpath(module.file))
        split = _split(module.name, file)
        if split is None or module.name.partition(".")[0] in _OURS or _is_in_place(file, project):
            continue
        folder, tail = split
        sources = project.sources(tail)
        if not sources or folder in _standard_library() or _is_same(file, own, sources):
            continue
        owner = _owners(folder).get(tail)
        if owner is not None:
            is_copy = _is_of_project(owner, project)
        else:  # nobody installed it: one that is like the other side's, or that is placed like a package
            is_copy = "/" in tail or bool(_INSTALLED & set(folder.parts)) or _is_same(file, other, sources)
        if is_copy:
            source = sources[0]
            home = project.repository / source.removesuffix(tail)
            yield Copy(module=module, folder=folder, source=source, home=home, of_base=base is not None)


def _split(name: str, file: Path) -> tuple[Path, str] | None:
    """The folder that a module was imported from, and its file from there; None for no plain module."""
    parts = name.split(".")
    parts = [*parts, "__init__.py"] if file.name == "__init__.py" else [*parts[:-1], f"{parts[-1]}.py"]
    if file.parts[-len(parts) :] != tuple(parts):
        return None
    return Path(*file.parts[: -len(parts)]), "/".join(parts)


def _is_in_place(file: Path, project: Project) -> bool:
    """Whether a file is one that git has, in the working tree or in the base's."""
    for top in filter(None, (project.tree, project.repository)):
        if file.is_relative_to(top):
            return file.relative_to(top).as_posix() in project.modules.get(file.name, ())
    return False


def _is_same(file: Path, tree: Path | None, sources: Sequence[str]) -> bool:
    places = [] if tree is None else [tree / source for source in sources]
    return any(place.is_file() and filecmp.cmp(file, place, shallow=False) for place in places)


@lru_cache(maxsize=1)
def _standard_library() -> frozenset[Path]:
    paths = sysconfig.get_paths()
    return frozenset(Path(os.path.realpath(paths[key])) for key in ("stdlib", "platstdlib"))


@lru_cache(maxsize=64)
def _owners(folder: Path) -> Mapping[str, metadata.Distribution]:
    """By file, the distribution that has put it into a folder."""
    return {
        PurePosixPath(file).as_posix(): distribution
        for distribution in metadata.distributions(path=[str(folder)])
        for file in distribution.files or ()
    }


def _is_of_project(owner: metadata.Distribution, project: Project) -> bool:
    """Whether a distribution was made of this repository: by its name, its origin, or what it holds."""
    if _normal(owner.name) in project.distributions:
        return True
    if project.repository.as_uri() in (owner.read_text("direct_url.json") or ""):
        return True
    tops = {PurePosixPath(file).parts[0].removesuffix(".py") for file in owner.files or ()}
    return bool(tops & project.packages)


def issues_of_copies(copies: Sequence[Copy], root: Path) -> Iterator[Issue]:
    """One Issue for each folder of copies.

    Args:
        copies: The modules.
        root: The project.
    """
    for folder in sorted({each.folder for each in copies}):
        here = [each for each in copies if each.folder == folder]
        modules = sorted({each.module for each in here})
        sides = {each.of_base for each in here}
        who = (
            "both sides were" if len(sides) == 2 else "the base was" if sides == {True} else "the change was"
        )
        copy = "an installed" if _INSTALLED & set(folder.parts) else "another"
        count = f"{len(modules)} {'module' if len(modules) == 1 else 'modules'}"
        lines = [f"{each.module.name}  {display(each.module.file)}, and not {each.source}" for each in here]
        lines = list(dict.fromkeys(lines))
        more = len(lines) - _SHOWN
        yield Issue(
            rule="base-of-mixed-code",
            level=Level.FAIL,
            title=f"{who} judged with {count} from {copy} copy of this project in {display(folder)}, "
            "so nothing shows what the change does",
            text="\n".join([*lines[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]),
            cure=_cure(here, root),
            file=display(modules[0].file),
            unjudged=True,
        )


def _cure(copies: Sequence[Copy], root: Path) -> str:
    homes = sorted({Path(os.path.relpath(each.home, root)).as_posix() for each in copies})
    path = ", ".join(f'"{home}"' for home in homes)
    return (
        "Install the project so that its modules are those of the working tree (pip install -e, not a plain "
        f"pip install), or name the folder that they are in: path = [{path}] in [tool.replaykit], in a "
        "change of its own that is judged with --base none."
    )
