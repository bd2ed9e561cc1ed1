"""What a History is: the value, every file format, validation, shape, timeline, the folder of fixtures."""

from __future__ import annotations

from replaykit.history.events import command_events, event_name, has_commands, is_command_event
from replaykit.history.labels import command_name, describe_event
from replaykit.history.model import History, Source
from replaykit.history.naming import fixture_name
from replaykit.history.reading import history_of_events, parse_history, read_history
from replaykit.history.shape import fingerprint
from replaykit.history.store import Action, Saved, Store, find_fixtures
from replaykit.history.timeline import TimelineRow, timeline
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
