"""How a fixture of the base comes back into the change: the command that does it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from replaykit.code.relocating import Trees
from replaykit.paths import display

__all__ = ["WayBack", "way_back"]

_MOST_LINKS = 40
"""As many links in one path as Linux follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WayBack:
    """What git has to bring back: paths as the base has them, which need not be those of the change."""

    at_base: str
    """The file in the base, from the top of the repository."""
    place: Path
    """Where it belongs in the change."""
    is_elsewhere: bool
    """Whether that is another place than in the base: the change moved the project."""
    links: tuple[Path, ...] = ()
    """Links that lead to it in the base, and that the change removed or points to something else."""
    submodule: Path | None = None
    """The submodule that holds it; the base names a commit of that, and none of its files."""

    def command(self, base: str) -> str:
        """The command, for a shell in the current folder.

        Args:
            base: The commit that has the file.
        """
        if self.links:
            return f"git checkout {base} -- {_quoted(self.links)}"
        if self.submodule is not None:
            place = _quoted([self.submodule])
            return f"git checkout {base} -- {place} && git submodule update --init --recursive {place}"
        if self.is_elsewhere:
            return f"git show {shlex.quote(f'{base}:{self.at_base}')} > {_quoted([self.place])}"
        return f"git checkout {base} -- {_quoted([self.place])}"


def way_back(trees: Trees, old: Path, place: Path) -> WayBack:
    """What git has to bring back for one fixture.

    Args:
        trees: The change's and the base's.
        old: The fixture, in the base's tree.
        place: Where it belongs in the change, links of the base followed.
    """
    relative = Path(os.path.realpath(old))
    inside = relative.is_relative_to(trees.there)
    at_base = relative.relative_to(trees.there) if inside else old.relative_to(trees.there)
    return WayBack(
        at_base=at_base.as_posix(),
        place=place,
        is_elsewhere=trees.here / at_base != place,
        links=tuple(_changed_links(trees, old.relative_to(trees.there))),
        submodule=_submodule(trees, at_base),
    )


def _changed_links(trees: Trees, path: Path) -> list[Path]:
    found: list[Path] = []
    at, parts = Path(), list(path.parts)
    for _ in range(_MOST_LINKS + len(parts)):
        if not parts:
            break
        at = at / parts.pop(0)
        target = _target(trees.there / at)
        if target is None:
            continue
        if _target(trees.here / at) != target and trees.here / at not in found:
            found.append(trees.here / at)
        followed = Path(os.path.normpath(trees.there / at.parent / target))
        if not followed.is_relative_to(trees.there):
            break
        at, parts = Path(), [*followed.relative_to(trees.there).parts, *parts]
    return found


def _target(path: Path) -> str | None:
    return str(path.readlink()) if path.is_symlink() else None


def _submodule(trees: Trees, path: Path) -> Path | None:
    inside = [
        parent for parent in path.parents if parent != Path() and (trees.there / parent / ".git").exists()
    ]
    return trees.here / inside[-1] if inside else None


def _quoted(paths: Sequence[Path]) -> str:
    return " ".join(shlex.quote(display(path)) for path in paths)
