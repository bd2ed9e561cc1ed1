"""What lies among fixtures and is no history: an error for that file, at once, whatever it is."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from replaykit.errors import InvalidHistoryError, UnreadableHistoryError
from replaykit.history import (
    History,
    describe_event,
    dump_history,
    find_fixtures,
    fingerprint,
    parse_history,
    read_history,
    timeline,
    validate,
)
from replaykit.history.events import ATTRIBUTE_FIELDS
from replaykit.limits import Limits
from tests.history.builders import HistoryBuilder, payloads_json, two_activities
from tests.history.no_files import NO_FILES

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


@POSIX
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_found_and_refused_at_once(tmp_path: Path, kind: str) -> None:
    make, message = NO_FILES[kind]
    path = tmp_path / "x.json"
    make(path)
    assert find_fixtures([tmp_path]) == (path,)
    assert find_fixtures([path]) == (path,)
    with pytest.raises(UnreadableHistoryError) as caught:
        read_history(path)
    assert str(caught.value).startswith(f"{path}: {message}")


@POSIX
def test_a_link_inside_of_the_repository_is_followed(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "app" / "histories").mkdir(parents=True)
    (tmp_path / "app" / "pyproject.toml").touch()  # the repository counts, where there is one
    (tmp_path / "shared" / "a.json").write_bytes(dump_history(two_activities()))
    link = tmp_path / "app" / "histories" / "a.json"
    link.symlink_to("../../shared/a.json")
    assert read_history(link).workflow_id == "order-17"
    (tmp_path / ".git").rmdir()
    with pytest.raises(UnreadableHistoryError, match=r"outside of the project in .*/app\. Put a copy"):
        read_history(link)


def test_a_folder_that_is_named_like_a_fixture_and_holds_some_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "Order.json").mkdir()
    fixture = tmp_path / "Order.json" / "a.json"
    fixture.touch()
    assert find_fixtures([tmp_path]) == (fixture,)


@pytest.mark.parametrize("name", ["a\0b.json", "x" * 300 + ".json"])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableHistoryError):
        read_history(tmp_path / name)


@POSIX
def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.touch()

    def refuse(path: Any, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableHistoryError, match=r"Permission denied\. Make it readable: chmod"):
        read_history(path)


SMALL = Limits(megabytes=1, events=20, event_megabytes=1)


def _with_payload(size: int) -> bytes:
    builder = HistoryBuilder(input=payloads_json("x" * size))
    builder.complete(builder.task())
    return dump_history(builder.history())


def _with_events(count: int) -> bytes:
    builder = HistoryBuilder()
    while len(builder.events) < count:
        builder.add("WorkflowExecutionSignaled", signalName="more")
    return dump_history(builder.history())


@pytest.mark.parametrize(
    ("data", "limits", "key"),
    [
        (b"[" + b" " * 1_000_001, SMALL, "megabytes"),
        (gzip.compress(b"[" + b" " * 30_000_000), SMALL, "megabytes"),
        (gzip.compress(b" " * 900_000) + gzip.compress(b" " * 900_000), SMALL, "megabytes"),
        (_with_events(21), SMALL, "events"),
        (_with_payload(1_100_000), Limits(event_megabytes=1), "event_megabytes"),
    ],
    ids=["file", "gzip bomb", "gzip in parts", "events", "payload"],
)
def test_what_is_too_large_names_the_key_that_raises_the_limit(
    data: bytes, limits: Limits, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(data)
    with pytest.raises(UnreadableHistoryError) as caught:
        read_history(path, limits=limits)
    assert f"Raise `{key}` in [tool.replaykit.limits]" in str(caught.value)
    larger = Limits(megabytes=100, events=30, event_megabytes=2)
    if key in ("events", "event_megabytes"):
        assert read_history(path, limits=larger).events
    else:
        with pytest.raises(UnreadableHistoryError, match=r"not JSON|is empty|cut off"):
            read_history(path, limits=larger)


def test_a_gzip_bomb_is_not_unpacked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    read = gzip.GzipFile.read

    def counted(file: gzip.GzipFile, size: int | None = -1) -> bytes:
        part = read(file, size)
        sizes.append(len(part))
        return part

    monkeypatch.setattr(gzip.GzipFile, "read", counted)
    with pytest.raises(UnreadableHistoryError, match="unpacked, the file has more than 1 MB"):
        parse_history(gzip.compress(b" " * 30_000_000), where="x", limits=SMALL)
    assert sum(sizes) < 4_000_000


def test_a_file_that_grows_while_it_is_read_is_bounded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b" " * 1_500_000)
    fstat = os.fstat

    def small(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        return os.stat_result((*found[:6], 10, *found[7:]))

    monkeypatch.setattr(os, "fstat", small)
    with pytest.raises(UnreadableHistoryError, match="more than 1 MB"):
        read_history(path, limits=SMALL)


def _tree() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(dump_history(two_activities()))
    return document


def _changed(path: str, value: Any) -> bytes:
    tree = _tree()
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    at: Any = tree
    for step in steps:
        at = at[step]
    at[last] = value
    return json.dumps(tree).encode()


def _deep(path: str, opening: str, depth: int, *, inside: Any = "DEEP") -> bytes:
    """With a value in the place of the text DEEP that opens `opening` again and again."""
    closing = "}" if "{" in opening else "]"
    value = opening * depth + '""' + closing * depth
    return _changed(path, inside).replace(b'"DEEP"', value.encode())


INPUT = "events.0.workflowExecutionStartedEventAttributes.input"
CONTINUED = "events.0.workflowExecutionStartedEventAttributes.continuedFailure"
DECODED = {"payloads": [{"metadata": {"encoding": "json/plain"}, "data": "DEEP"}]}
HOSTILE: dict[str, bytes] = {
    "deep failure": _deep(CONTINUED, '{"cause":', 1000),
    "deeper than protobuf": _deep(CONTINUED, '{"cause":', 150),
    "deep list for a payload": _deep(INPUT, "[", 990, inside={"payloads": "DEEP"}),
    "deep decoded payload": _deep(INPUT, "[", 990, inside=DECODED),
    "deep metadata of ours": _deep("replaykit.sdk", "[", 990),
    "a key without end": _changed(INPUT, {"k" * 100_000: [], "payloads": 1}),
    "keys without end": json.dumps({"k" * 100_000: 1, "j" * 100_000: 2}).encode(),
    "a tower of brackets": b"[" * 100_000,
    "a tower of objects": b'{"events":' * 100_000,
    "digits of an event type": _changed("events.4.eventType", "9" * 4400),
    "digits of an event id": _changed("events.4.eventId", "9" * 4400),
    "digits of a number": _changed("events.4.eventId", "N").replace(b'"N"', b"9" * 4400),
    "digits of a duration": _changed(
        "events.0.workflowExecutionStartedEventAttributes.workflowTaskTimeout", "9" * 4400 + "s"
    ),
    "digits of an enum": _changed(
        "events.0.workflowExecutionStartedEventAttributes.taskQueue.kind", "9" * 4400
    ),
    "digits of the format": _changed("replaykit.formatVersion", "N").replace(b'"N"', b"9" * 4400),
    "a float without end": _changed("events.4.eventId", 1e308),
    "other digits": _changed("events.4.eventId", "\u0665"),
    "a date that is none": _changed("events.4.eventTime", "9999-99-99T99:99:99Z"),
}


def _used(history: History) -> None:
    """All that is done with a history before anything has validated it."""
    fingerprint(history)
    assert len(timeline(history)) == len(history.events)
    validate(history)


if sys.version_info >= (3, 12):  # its json goes as deep as orjson does
    _used(parse_history(HOSTILE.pop("deep decoded payload"), where="x.json"))


@pytest.mark.parametrize("name", HOSTILE)
def test_depth_and_digits_are_an_error_of_that_file(name: str) -> None:
    with pytest.raises((UnreadableHistoryError, InvalidHistoryError)) as caught:
        _used(parse_history(HOSTILE[name], where="x.json"))
    message = str(caught.value)
    assert message.startswith("x.json")
    assert len(message) < 600  # the value is cut
    assert re.search(r"Export it|Upgrade|Capture", message)


@pytest.mark.exhaustive
def test_an_event_with_the_attributes_of_another_is_shown_by_its_type() -> None:
    """Every type of event with the attributes of every fifth other: labels, links, shape and validation."""
    fields = list(ATTRIBUTE_FIELDS.items())
    for number, own in fields:
        for _, other in fields[number % 5 :: 5]:
            history = two_activities()
            event = history.events[4]
            event.event_type = EventType.ValueType(number)
            event.ClearField(event.WhichOneof("attributes"))  # type: ignore[arg-type]  # one of its fields
            getattr(event, other).SetInParent()
            label = describe_event(event)
            if own == other:
                continue
            with pytest.raises(InvalidHistoryError):
                _used(history)
            assert label == EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").title().replace(
                "_", ""
            )
