"""Whatever a file holds, reading ends in a History or an error of ours; so does everything after that."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replaykit.errors import InvalidHistoryError, UnreadableHistoryError
from replaykit.history import dump_history, fingerprint, fixture_name, parse_history, timeline, validate
from tests.history.builders import two_activities
from tests.history.fuzz import Tally

FIXTURE = dump_history(two_activities())
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


def read_and_use(data: bytes) -> None:
    with contextlib.suppress(UnreadableHistoryError, InvalidHistoryError):
        history = parse_history(data, where="x")
        fingerprint(history)
        fixture_name(history)
        assert len(timeline(history)) == len(history.events)
        assert parse_history(dump_history(history), where="x").events == history.events
        validate(history)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in the document with each of its keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    read_and_use(data)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=len(FIXTURE) - 1), st.binary(min_size=1, max_size=3))
def test_any_damage_to_the_bytes_of_a_fixture(at: int, damage: bytes) -> None:
    read_and_use(FIXTURE[:at] + damage + FIXTURE[at + len(damage) :])
    read_and_use(FIXTURE[:at])


@pytest.mark.exhaustive
@settings(deadline=None)
@given(st.data())
def test_any_value_at_any_place_of_a_fixture(data: st.DataObject) -> None:
    document = json.loads(FIXTURE)
    container, key = data.draw(st.sampled_from(list(places(document))))
    if data.draw(st.booleans()):
        del container[key]
    else:
        container[key] = data.draw(JSON_VALUES)
    read_and_use(json.dumps(document).encode())


@pytest.mark.exhaustive
def test_files_mutated_in_every_way() -> None:
    """The first of those that `python -m tests.history.fuzz` goes through."""
    tally = Tally()
    for number in range(150):
        tally.add(number)
    assert tally.broken == {}
    assert tally.is_well
    assert tally.outcomes.keys() == {"unreadable", "invalid", "sound"}


def test_a_reader_that_breaks_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.history.fuzz.timeline_lines", lambda history: iter(()))
    tally = Tally()
    for number in range(20):
        tally.add(number)
    assert tally.broken
    assert not tally.is_well
