"""`python -m tests.history.fuzz --count 50000`: mutated files through every reader, label, timeline and page.

A number names a file: its mutations depend on it and on nothing else, so that a run can be done again from
any of its files. What a file comes to is counted; anything but a History or an error of ours is printed.
"""

from __future__ import annotations

import copy
import gzip
import itertools
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from temporalio.api.history.v1 import HistoryEvent

from replaykit.errors import InvalidHistoryError, UnreadableHistoryError
from replaykit.history import (
    History,
    dump_history,
    fingerprint,
    fixture_name,
    parse_history,
    timeline,
    validate,
)
from replaykit.replay.suggestions import patches_of
from replaykit.report.html import Page, entry_of, render_page
from replaykit.report.timeline_lines import timeline_lines
from replaykit.verdict import Outcome, Reason, Verdict
from tests.gallery.fixtures import GREEN
from tests.history.builders import two_activities
from tests.history.forms import FORMS
from tests.report.hostile import EVIL, obeyed_in

__all__ = ["Tally", "file_of", "use"]

_SUBJECTS = (two_activities(), *(history for history in GREEN if len(history.events) < 60))
_MOST_PLACES = 100_000
_SLOW_S = 5.0
"""A file that takes longer than this hangs, for a person at a terminal."""

Place = tuple[Any, Any]
"""A container of the document, and a key in it."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """What a run came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    broken: dict[int, str] = field(default_factory=dict)
    """By number of the file, the traceback."""
    slowest: tuple[float, int] = (0.0, -1)
    """Seconds, and the number of the file."""

    def add(self, number: int) -> None:
        """Use one file."""
        data = file_of(number)
        began = time.perf_counter()
        try:
            self.outcomes[use(data, page=number % 10 == 0)] += 1
        except Exception:
            self.outcomes["broken"] += 1
            self.broken[number] = traceback.format_exc()
        self.slowest = max(self.slowest, (time.perf_counter() - began, number))

    @property
    def is_well(self) -> bool:
        """Whether no file broke anything, and none took long."""
        return not self.broken and self.slowest[0] < _SLOW_S


def use(data: bytes, *, page: bool) -> str:
    """Do with the bytes of a file all that replaykit does with one that no replay has judged.

    Args:
        data: The whole file.
        page: Whether to render its HTML page too, which takes most of the time.

    Returns:
        `unreadable`, `invalid` or `sound`.
    """
    history, message = _read(data)
    if history is None:
        if page:
            _page(Reason.UNREADABLE, message)
        return "unreadable"
    message = _shown(history)
    if page:
        _page(Reason.INVALID_HISTORY, message, history)
    return "invalid" if message else "sound"


def _read(data: bytes) -> tuple[History | None, str]:
    """The History, or why it is unreadable."""
    try:
        return parse_history(data, where="x.json"), ""
    except UnreadableHistoryError as error:
        return None, _harmless(str(error))


def _harmless(message: str) -> str:
    assert obeyed_in(message) == [], message
    assert len(message) < 2_000, message
    return message


def _shown(history: History) -> str:
    """Its labels, timeline and fixture; why it is invalid, empty where it is sound."""
    fingerprint(history)
    fixture_name(history)
    patches_of(history)
    lines = [line.plain for line in timeline_lines(history)]
    assert len(lines) > len(history.events)
    assert all(len(line) < 2_000 for line in lines)
    assert obeyed_in("\n".join(lines)) == []
    try:
        written = dump_history(history)
        assert parse_history(written, where="x.json").events == _known_alone(history.events)
        validate(history)
    except InvalidHistoryError as error:
        return _harmless(str(error))
    return ""


def _known_alone(events: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """Events without fields of no release: a binary form can hold such, and JSON cannot."""
    known = tuple(map(copy.deepcopy, events))
    for event in known:
        event.DiscardUnknownFields()
    return known


def _page(reason: Reason, message: str, history: History | None = None) -> None:
    verdict = Verdict(
        history="x.json",
        workflow_type=history.workflow_type if history else None,
        workflow_id=history.workflow_id if history else None,
        run_id=history.run_id if history else None,
        outcome=Outcome.UNJUDGED,
        reason=reason,
        message=message,
        timeline=timeline(history) if history else (),
    )
    text = render_page(Page(entries=[entry_of(verdict)], duration_s=0.0))
    text.encode()
    assert len(text) < 5_000_000


def file_of(number: int) -> bytes:
    """The file of that number."""
    rng = random.Random(number)
    subject = rng.choice(_SUBJECTS)
    form = FORMS[rng.choice(sorted(FORMS))]
    if rng.random() < 0.25:
        data = form(subject)
    else:
        document = json.loads(dump_history(subject))
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            _damage(document, rng)
        data = _as_json(document)
        if rng.random() < 0.2:
            data = _in_another_form(data, form)
    if rng.random() < 0.3:
        data = rng.choice(_OF_BYTES)(data, rng)
    if rng.random() < 0.1:
        data = gzip.compress(data, 1)
        if rng.random() < 0.5:
            data = rng.choice(_OF_BYTES)(data, rng)
    return data


def _as_json(document: Any) -> bytes:
    """With lone surrogates as they are, and values that Python itself does not write."""
    text = json.dumps(document, ensure_ascii=False)
    text = text.replace('"DEEP"', "[" * 950 + "]" * 950).replace('"DIGITS"', "9" * 4_400)
    return text.encode("utf-8", "surrogatepass")


def _in_another_form(data: bytes, form: Callable[[History], bytes]) -> bytes:
    try:
        return form(parse_history(data, where="x.json"))
    except (UnreadableHistoryError, InvalidHistoryError):
        return data
    except Exception:  # what Temporal's own tools do not write
        return data


def _places(value: Any) -> Iterator[Place]:
    inside = [value]
    while inside:  # not by recursion: a value can be nested deeper than that goes
        each = inside.pop()
        items = each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ()
        for key, item in items:
            yield each, key
            inside.append(item)


def _damage(document: Any, rng: random.Random) -> None:
    """One mutation of the document, at one place."""
    places = list(itertools.islice(_places(document), _MOST_PLACES))
    if not places or len(places) == _MOST_PLACES:  # copies of copies: it would outgrow the machine
        return
    container, key = rng.choice(places)
    rng.choice(_OF_PLACES)(container, key, places, rng)


def _delete(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    del container[key]


def _strange(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    container[key] = copy.deepcopy(rng.choice(_VALUES))  # a later mutation must not change the table


def _swapped(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    """The values of two places exchanged."""
    other, other_key = rng.choice(places)
    one, two = json.dumps(container[key]), json.dumps(other[other_key])
    container[key], other[other_key] = json.loads(two), json.loads(one)


def _event_type(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    """One event with the type of another, whose attributes it has not."""
    types = [place for place in places if place[1] == "eventType"]
    if len(types) > 1:
        (one, _), (two, _) = rng.sample(types, 2)
        one["eventType"] = copy.deepcopy(two["eventType"])  # an earlier mutation can hold `one` in it


def _renamed(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    if isinstance(container, dict):
        container[rng.choice(_KEYS)] = container.pop(key)


def _nested(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    """The value inside of itself, again and again."""
    for _ in range(rng.choice((1, 3, 90, 105, 150))):
        container[key] = {rng.choice(("cause", "payloads", "message", str(key))): container[key]}


def _repeated(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    if isinstance(container, list):
        container[key:key] = [copy.deepcopy(container[key]) for _ in range(rng.choice((1, 1, 50)))]


def _shuffled(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    if isinstance(container[key], list):
        rng.shuffle(container[key])


def _grown(container: Any, key: Any, places: Sequence[Place], rng: random.Random) -> None:
    if isinstance(container[key], str):
        container[key] += rng.choice(("x", "=", "\ud800", "0", EVIL)) * rng.choice((1, 5_000))


_KEYS = ("", "events", "history", "payloads", "data", "metadata", "cause", "attributes", "eventType", EVIL)
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 1.5, 1e308, "DIGITS",
    "", "0", "-1", "9" * 4_400, "1e9", "NaN", "Infinity", "\u0663", "\ud800", "\0", "x" * 100_000, EVIL,
    "9999-99-99T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "-315576000000s",
    "315576000000.999999999s", "999999999999s", "1s", "AA==", "====", "bnVsbA==", "DEEP",
    [], {}, [[]], [None], [{}], {"payloads": [42]}, {"payloads": None}, {"": ""}, {"name": EVIL},
    {"metadata": {"encoding": "json/plain"}, "data": {"a": [1, None, {}]}},
    {"metadata": {"encoding": "binary/null"}, "data": "x"}, {"seconds": 1}, {"nanos": -1},
)  # fmt: skip
_OF_PLACES = (
    _delete, _strange, _strange, _strange, _swapped, _swapped, _event_type, _renamed, _nested, _repeated,
    _shuffled, _grown,
)  # fmt: skip


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 3, 30))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _spliced(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    part = rng.choice((b"\0", b"[" * 2_000, b'{"a":' * 2_000, b"\xff\xfe", b"\n", EVIL.encode(), b"\r\n"))
    return data[:at] + part + data[at + rng.choice((0, 1, 50)) :]


def _doubled(data: bytes, rng: random.Random) -> bytes:
    return data + data


_OF_BYTES = (_cut, _flipped, _flipped, _spliced, _doubled)


@click.command()
@click.option("--count", type=click.IntRange(min=1), default=50_000, show_default=True)
@click.option("--first", type=int, default=0, show_default=True, help="Number of the first file.")
def main(count: int, first: int) -> None:
    """Use that many mutated files; exit code 1 where one breaks or hangs."""
    tally = Tally()
    began = time.perf_counter()
    for number in range(first, first + count):
        tally.add(number)
    for number, trace in list(tally.broken.items())[:20]:
        click.echo(f"--- file {number}\n{trace}")
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(tally.outcomes.items()))
    seconds, number = tally.slowest
    click.echo(f"{count} files in {time.perf_counter() - began:.0f} s: {outcomes}")
    click.echo(f"{len(tally.broken)} tracebacks; the slowest file, {number}, took {seconds:.2f} s")
    sys.exit(0 if tally.is_well else 1)


if __name__ == "__main__":
    main(prog_name="python -m tests.history.fuzz")
