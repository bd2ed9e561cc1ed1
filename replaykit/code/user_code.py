"""Whose code a file is, and how a line of it is named."""

from __future__ import annotations

import site
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path

from replaykit.paths import display
from replaykit.verdict import SourceLine

__all__ = ["is_user_code", "relative_to"]

_HERE = str(Path(__file__).resolve().parents[1])


def _libraries() -> tuple[str, ...]:
    """Where the standard library and installed packages are.

    In a virtual environment packages may come from the base interpreter too, and from the user's own folder.
    """
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    keys = ("stdlib", "platstdlib", "purelib", "platlib")
    paths = [paths[key] for paths in (sysconfig.get_paths(), sysconfig.get_paths(vars=base)) for key in keys]
    paths.append(site.getusersitepackages())
    return tuple(dict.fromkeys(str(Path(path).resolve()) for path in paths if path))


_LIBRARIES = _libraries()
_OURS_THAT_IS_THEIRS = str(Path(_HERE, "demo", "project"))


@lru_cache(maxsize=4096)
def is_user_code(file: str) -> bool:
    """Whether a file is the user's: not temporalio's, replaykit's, the standard library's or a package's.

    Args:
        file: Its path, as a code object or a module names it; one such as `<string>` is not the user's.
    """
    if file.startswith("<"):
        return False
    path = str(Path(file).resolve())
    if path.startswith(_OURS_THAT_IS_THEIRS):
        return True
    inside = any(path.startswith((f"{folder}/", f"{folder}\\")) for folder in (*_LIBRARIES, _HERE))
    return not inside and Path(path).is_file()


def relative_to(source: SourceLine | None, root: Path) -> SourceLine | None:
    """A line, its file relative to the project where it lies inside it.

    Args:
        source: The line; None gives None.
        root: The project's folder.
    """
    if source is None:
        return None
    return SourceLine(file=display(source.file, root), line=source.line, function=source.function)
