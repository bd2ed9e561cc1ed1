"""No field of a command or an event is decided about by nobody.

`decisions.txt` says of each what strict mode, labels and explore do with it, and what redaction is to do. A
release of temporalio that has more fields turns this red; so does a row that is not true, which is tried:
each field is given another value.
"""

from __future__ import annotations

import ast
import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from temporalio.api.history.v1 import HistoryEvent

import replaykit.explore.growing.service as service
from replaykit.replay.sdk.installed import VERSION
from tests.fields import walking
from tests.fields.decisions import DONE, NEWEST, Decision, decisions, reasons, release
from tests.fields.noticing import noticed
from tests.fields.walking import ROOTS, inner, walk

TABLE = decisions()
INSTALLED = release(VERSION)
PRESENT = {(row.section, row.field): row for row in TABLE if row.is_in(INSTALLED)}


def _looks_into(section: str, field: str, rows: dict[tuple[str, str], Decision] = PRESENT) -> bool:
    row = rows.get((section, field))
    return row is not None and any(_is_done(row, who) for who in ("strict", "labels"))


def _is_done(row: Decision, who: str) -> bool:
    return row.word(who, INSTALLED) == DONE[who]


def _undecided(roots: Iterable[object], rows: dict[tuple[str, str], Decision]) -> list[str]:
    found = walk(roots, lambda section, field: _looks_into(section, field, rows))
    return sorted({f"{section}.{field}" for section, field in found if (section, field) not in rows})


def test_every_field_is_decided_about() -> None:
    undecided = _undecided(ROOTS, PRESENT)
    assert not undecided, (
        f"temporalio {VERSION} has fields that nobody has decided about: {', '.join(undecided)}. "
        "Give each a row in tests/fields/decisions.txt, and where it matters have strict mode compare it."
    )


def test_every_row_names_a_field() -> None:
    missing = sorted(f"{section}.{field}" for section, field in PRESENT.keys() - _everything())
    assert not missing, f"temporalio {VERSION} has no such field: {', '.join(missing)}"


def _everything() -> set[tuple[str, str]]:
    """The fields of every message that a command or an event can hold, at any depth."""
    return set(walk(ROOTS, lambda section, field: True))


def test_every_row_is_of_a_known_release() -> None:
    assert [row for row in TABLE if not row.since <= row.until <= NEWEST] == []
    twice = defaultdict(list)
    for row in TABLE:
        twice[row.section, row.field].append(row)
    assert [rows for rows in twice.values() if len(rows) > 1] == []
    assert len(TABLE) > 500


def test_every_reason_is_given_and_used() -> None:
    words = {word for row in TABLE for who, word in row.words.items() if word not in ("-", DONE[who])}
    assert words == reasons().keys()


def test_a_removed_row_is_missed() -> None:
    rows = dict(PRESENT)
    del (
        rows["StartTimer", "start_to_fire_timeout"],
        rows["WorkflowExecutionStartedEventAttributes", "attempt"],
    )
    assert _undecided(ROOTS, rows) == [
        "StartTimer.start_to_fire_timeout",
        "WorkflowExecutionStartedEventAttributes.attempt",
    ]


def _made_up(extra: str, inside: str) -> object:
    """A timer's command and what it holds, as a later release might have them."""
    text, message = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_MESSAGE
    one = FieldDescriptorProto.LABEL_OPTIONAL
    policy = DescriptorProto(name="RetryPolicy")
    policy.field.add(name="maximum_attempts", number=1, type=FieldDescriptorProto.TYPE_INT32, label=one)
    policy.field.add(name=inside, number=2, type=text, label=one)
    timer = DescriptorProto(name="ScheduleActivity")
    timer.field.add(name="activity_type", number=1, type=text, label=one)
    timer.field.add(name="retry_policy", number=2, type=message, type_name=".made_up.RetryPolicy", label=one)
    timer.field.add(name=extra, number=3, type=text, label=one)
    pool = DescriptorPool()
    file = FileDescriptorProto(name="made_up.proto", package="made_up", message_type=[policy, timer])
    pool.Add(file)
    return pool.FindMessageTypeByName("made_up.ScheduleActivity")


def test_an_added_field_is_undecided() -> None:
    assert _undecided([_made_up("task_queue", "backoff_coefficient")], PRESENT) == []
    assert _undecided([_made_up("fair_share", "jitter")], PRESENT) == [
        "RetryPolicy.jitter",
        "ScheduleActivity.fair_share",
    ]


def test_a_row_of_no_release_is_noticed() -> None:
    lines = ["StartTimer", "    seq              1.99   number  line  written  -"]
    (row,) = decisions(lines)
    assert not row.since <= row.until
    (row,) = decisions(["StartTimer", "    fair_share                number  line  written  -"])
    assert (row.section, row.field) not in _everything()


def _descends(who: str, section: str, field: str) -> bool:
    row = PRESENT.get((section, field))
    return row is not None and _is_done(row, who)


def _untrue(looking: str, rows: dict[tuple[str, str], Decision]) -> Iterator[str]:
    """What the table says of a field that a trial shows to be different."""
    seen = defaultdict(list)
    for who, section, field, is_noticed in noticed(looking, _descends):
        seen[who, section, field].append(is_noticed)
    for (who, section, field), trials in seen.items():
        row = rows.get((section, field))
        if row is not None and _is_done(row, who) is not any(trials):
            how = "is noticed" if any(trials) else "goes unnoticed"
            word = row.word(who, INSTALLED)
            yield f"{section}.{field}: {who} has {word!r} in the table, but another value {how}"


@pytest.mark.parametrize(
    "who",
    [
        "strict",
        pytest.param("labels", marks=pytest.mark.exhaustive),
        pytest.param("explore", marks=pytest.mark.exhaustive),
    ],
)
def test_the_table_is_true(who: str) -> None:
    assert list(_untrue(who, PRESENT)) == []


@pytest.mark.exhaustive
def test_an_untrue_row_is_noticed() -> None:
    rows = dict(PRESENT)
    for field, word in (("arguments", "silent"), ("cancellation_type", "compared")):
        row = rows["ScheduleActivity", field]
        rows["ScheduleActivity", field] = dataclasses.replace(row, words={**row.words, "strict": word})
    assert list(_untrue("strict", rows)) == [
        "ScheduleActivity.arguments: strict has 'silent' in the table, but another value is noticed",
        "ScheduleActivity.cancellation_type: strict has 'compared' in the table, "
        "but another value goes unnoticed",
    ]


def _assigned() -> set[str]:
    """Every field name that explore's service sets anywhere."""
    names: set[str] = set()
    for path in Path(service.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg is not None:
                names.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
            elif isinstance(node, ast.Attribute):
                names.add(node.attr)
    return names


def test_what_explore_writes_is_written_somewhere() -> None:
    rows = [row for row in TABLE if row.section.endswith("EventAttributes")]
    written = {row.field for row in rows if row.words["explore"] == "written"}
    assert len(written) > 60
    assert written - _assigned() == set()


_TEXTS = frozenset({"identity", "message", "stack_trace", "reason", "details"})
"""Fields that hold what people or machines write freely."""


def _of_events() -> dict[str, Any]:
    """By section, each message that an event holds, at any depth."""
    found: dict[str, Any] = {}
    waiting = [HistoryEvent.DESCRIPTOR]
    while waiting:
        message = waiting.pop()
        if walking.section(message) not in found:
            found[walking.section(message)] = message
            waiting += filter(None, map(inner, message.fields))
    return found


def _holds_payloads(field: Any, above: tuple[str, ...] = ()) -> bool:
    """Whether a user's own data can stand in a field, at any depth."""
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        message = message.fields_by_name["value"].message_type
    if message is None or message.full_name in above:
        return False
    if message.full_name == "temporal.api.common.v1.Payload":
        return True
    return any(_holds_payloads(each, (*above, message.full_name)) for each in message.fields)


def _wrongly_kept(rows: dict[tuple[str, str], Decision]) -> list[str]:
    events = _of_events()
    wrong = []
    for (name, field), row in rows.items():
        message = events.get(name)
        if message is None:
            wrong += [f"{name}.{field}: no file holds it"] if row.words["redaction"] != "-" else []
            continue
        own = message.fields_by_name[field]
        is_masked = row.words["redaction"] == "masked"
        if is_masked and INSTALLED < NEWEST and own.message_type is not None:
            continue  # later releases can put payloads there
        is_open = _holds_payloads(own) or (own.type == own.TYPE_STRING and field in _TEXTS)
        if is_open is not is_masked:
            wrong.append(f"{name}.{field}: {row.words['redaction']}")
    return wrong


def test_all_that_can_hold_a_users_data_is_to_be_masked_and_nothing_else() -> None:
    assert _wrongly_kept(PRESENT) == []


def test_a_payload_that_is_kept_is_noticed() -> None:
    rows = dict(PRESENT)
    for key, word in (
        (("ActivityTaskScheduledEventAttributes", "input"), "kept"),
        (("ActivityTaskScheduledEventAttributes", "activity_id"), "masked"),
    ):
        rows[key] = dataclasses.replace(rows[key], words={**rows[key].words, "redaction": word})
    assert _wrongly_kept(rows) == [
        "ActivityTaskScheduledEventAttributes.activity_id: masked",
        "ActivityTaskScheduledEventAttributes.input: kept",
    ]


@pytest.mark.parametrize("who", list(DONE))
def test_each_of_the_four_looks_at_many(who: str) -> None:
    assert sum(row.words[who] == DONE[who] for row in TABLE) > 80
