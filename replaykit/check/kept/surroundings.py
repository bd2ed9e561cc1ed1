"""What is around the code that judges: releases, installed packages, the import path and the environment."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from replaykit.code.needed import digest_of
from replaykit.config import Config
from replaykit.whose_code import is_users_path

__all__ = [
    "Parts",
    "digest_of_parts",
    "is_library",
    "setting_parts",
    "state_of",
    "surrounding_parts",
    "variable_parts",
]

Parts = dict[str, str]
"""What a verdict depends on: by kind and name, such as `file app/prices.py`, what stands for its value."""
_NO_MATTER = frozenset(
    {"blame", "changed", "explore", "file", "gate", "histories", "jobs", "require_fixtures", "shared"}
)
"""Fields of Config that no Verdict depends on; every other one counts, a new one too."""
_PREFIXES = ("LC_", "PYTHON", "REPLAYKIT_", "TEMPORAL_")
_VARIABLES = ("LANG", "LANGUAGE", "TZ")
"""Environment variables that libraries read, whatever the code does."""
_HERE = Path(__file__).resolve().parents[2]
_SHORT = 8
"""Digits that are enough to know two installations of one release by."""


def digest_of_parts(parts: Mapping[str, str]) -> str:
    """What stands for all of them."""
    return digest_of("\0".join(f"{name}\0{parts[name]}" for name in sorted(parts)).encode())


def setting_parts(config: Config) -> Parts:
    """The configuration as it was read, as far as a Verdict can depend on it."""
    return {
        f"setting {field.name}": repr(getattr(config, field.name))
        for field in fields(config)
        if field.name not in _NO_MATTER
    }


def variable_parts(names: Iterable[str]) -> Parts:
    """Environment variables, which can be secrets: what stands for each does not show it."""
    return {f"variable {name}": _secret(os.environ.get(name)) for name in names}


def surrounding_parts(path: Sequence[str], door: str) -> Parts:
    """What does not depend on the project.

    Args:
        path: `sys.path` of the process that judges.
        door: Who has it judge, in a word: in pytest's own process other code was loaded before.
    """
    usual = [name for name in os.environ if name.startswith(_PREFIXES)]
    return {
        "door": door,
        "Python": f"{sys.implementation.name} {sys.version} {sys.executable} {sys.flags.optimize}",
        "machine": f"{sys.platform} {platform.machine()}",
        "current folder": str(Path.cwd()),
        "import path": os.pathsep.join(path),
        **variable_parts(sorted({*usual, *_VARIABLES})),
        **{name: value for folder in path for name, value in _installed(folder)},
        **_own_parts(),
    }


def is_library(folder: str) -> bool:
    """Whether a folder of the import path holds the standard library or installed packages."""
    return not is_users_path(f"{folder}{os.sep}any.py")


def state_of(file: str | os.PathLike[str]) -> str:
    """What stands for the content of a file; for one that is no file, that."""
    try:
        return digest_of(Path(file).read_bytes())
    except IsADirectoryError:
        return "a folder"
    except (OSError, ValueError):
        return "not there"


def _secret(value: str | None) -> str:
    return "not set" if value is None else digest_of(value.encode(errors="surrogateescape"))


def _installed(folder: str) -> Iterator[tuple[str, str]]:
    """What is installed in a folder of the import path: each record has a hash of each file."""
    try:
        entries = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        stem, _, kind = entry.rpartition(".")
        place = Path(folder, entry)
        if kind in ("dist-info", "egg-info"):
            name, _, version = stem.partition("-")
            yield f"package {name}", f"{version} {_record(place)[:_SHORT]}"
        elif kind in ("pth", "egg-link"):
            yield f"link {entry}", state_of(place)


def _record(place: Path) -> str:
    return next(
        (state_of(file) for file in (place / "RECORD", place / "SOURCES.txt", place) if file.is_file()), ""
    )


def _own_parts() -> Parts:
    """replaykit's own code, where it is not installed but worked on."""
    if is_library(str(_HERE.parent)):
        return {}
    states = []
    for folder, _, files in os.walk(_HERE):
        for name in sorted(files):
            if name.endswith(".py"):
                status = Path(folder, name).stat()
                states.append(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}")
    return {"replaykit's own code": digest_of("\n".join(sorted(states)).encode())}
