"""The gallery's fixtures, for tests that mutate them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from replaykit.check import Check, check
from replaykit.config import Config, load_config
from replaykit.history import History, find_fixtures
from replaykit.verdict import Report
from tests.gallery.fixtures import GREEN

__all__ = ["CONFIG", "FIXTURES", "MUTABLE", "ROOT", "checked", "named"]

ROOT = Path(__file__).resolve().parents[2]
CONFIG: Config = load_config(ROOT)
FIXTURES = find_fixtures(CONFIG.histories)
MUTABLE: tuple[History, ...] = tuple(history for history in GREEN if len(history.events) < 100)
"""All but the long ones, which have hundreds of places to change."""


def checked(config: Config, paths: Iterable[Path] = (), *, with_self_test: bool = False) -> Report:
    """What a check in this process comes to."""
    with Check(config) as judge:
        return check(judge, paths, with_self_test=with_self_test)


def named(history: History) -> str:
    return history.path.stem if history.path else "history"
