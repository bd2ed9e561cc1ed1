"""What a History is: the value, every file format, validation, shape, timeline, the folder of fixtures.

The names are looked up when they are first used: most of them load Temporal's messages, and a command that
has another process read its files needs none of those.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replaykit.history.events import command_events, event_name, has_commands, is_command_event
    from replaykit.history.finding import find_fixtures
    from replaykit.history.labels import command_name, describe_event
    from replaykit.history.model import History, Source
    from replaykit.history.naming import fixture_name
    from replaykit.history.reading import history_of_events, parse_history, read_history
    from replaykit.history.shape import fingerprint
    from replaykit.history.store import Action, Saved, Store
    from replaykit.history.timelines import TimelineRow, timeline
    from replaykit.history.validation import validate
    from replaykit.history.versioning import pinned_to
    from replaykit.history.writing import dump_history

__all__ = [
    # The value
    "History",
    "Source",
    # Bytes to a History and back
    "dump_history",
    "history_of_events",
    "parse_history",
    "read_history",
    # Judging and reading one
    "TimelineRow",
    "command_events",
    "command_name",
    "describe_event",
    "event_name",
    "fingerprint",
    "has_commands",
    "is_command_event",
    "pinned_to",
    "timeline",
    "validate",
    # The folder of fixtures
    "Action",
    "Saved",
    "Store",
    "find_fixtures",
    "fixture_name",
]

_ROOMS = {
    "replaykit.history.events": "command_events event_name has_commands is_command_event",
    "replaykit.history.finding": "find_fixtures",
    "replaykit.history.labels": "command_name describe_event",
    "replaykit.history.model": "History Source",
    "replaykit.history.naming": "fixture_name",
    "replaykit.history.reading": "history_of_events parse_history read_history",
    "replaykit.history.shape": "fingerprint",
    "replaykit.history.store": "Action Saved Store",
    "replaykit.history.timelines": "TimelineRow timeline",
    "replaykit.history.validation": "validate",
    "replaykit.history.versioning": "pinned_to",
    "replaykit.history.writing": "dump_history",
}
_LAZY = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
