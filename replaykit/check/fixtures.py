"""Which fixtures a check is about."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from replaykit.config import Config
from replaykit.errors import ConfigError
from replaykit.history import find_fixtures
from replaykit.paths import display, real

__all__ = ["configured_fixtures", "fixtures_of", "others_of"]


def fixtures_of(config: Config, paths: Iterable[Path] = ()) -> tuple[Path, ...]:
    """The fixtures that a check is about: those below the given paths, else below the configured ones.

    Raises:
        ReplaykitError: A path does not exist, or nothing to replay lies below any of them.
    """
    given = tuple(paths)
    # A configured folder is made by the first capture; one that was named for this run must exist.
    usual = {os.path.realpath(path) for path in config.histories}
    asked = [
        path
        for path in given or config.histories
        if os.path.exists(path) or os.path.realpath(path) not in usual
    ]
    found = find_fixtures(asked)
    if not found:
        raise ConfigError(
            f"nothing to replay: {_absence(asked)}",
            where=", ".join(display(path) for path in given or config.histories),
            cure="Capture a workflow first: replaykit capture WORKFLOW_ID" + ("" if asked else _ELSEWHERE),
        )
    return found


def configured_fixtures(config: Config) -> tuple[Path, ...]:
    """Every fixture below the configured histories; none where there is no such folder yet."""
    return find_fixtures(path for path in config.histories if path.exists())


def others_of(config: Config, paths: Iterable[Path]) -> tuple[Path, ...]:
    """The fixtures below the configured histories that are not among these."""
    asked = {real(path) for path in paths}
    return tuple(path for path in configured_fixtures(config) if real(path) not in asked)


_ELSEWHERE = """
It makes the folder. If they are kept in another one, name that in pyproject.toml:

[tool.replaykit]
histories = ["FOLDER"]"""


def _absence(folders: Sequence[Path]) -> str:
    if not folders:
        return "there is no such folder"
    return f"no *.json or *.json.gz below {'it' if len(folders) == 1 else 'them'}"
