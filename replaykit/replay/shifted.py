"""A value that differs because another one was drawn before it, or no longer is: found by trying.

The History is replayed again, each time with another draw left out, and then with one more: where the
recorded value comes out, that draw is the cause. A value that says little by itself, such as a truth or a
small number, may come out by chance: those are left alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from replaykit.history.durations import TimeSpan
from replaykit.replay.align import differing_ids
from replaykit.replay.commands import Command
from replaykit.replay.diagnosis import Diagnosis
from replaykit.replay.draws import Draw, Drawing, Line
from replaykit.replay.replayed import Replayed
from replaykit.replay.suggestions import Suggestion, drawn_less, drawn_more
from replaykit.verdict import Outcome, SourceLine

__all__ = ["with_shifting_draw"]

Again: TypeAlias = "Callable[[Drawing], Diagnosis | None]"
"""Replays the History with its draws changed; None where the time is up."""
_Try: TypeAlias = "Callable[[Drawing], Diagnosis | None]"
"""The same; None where the recorded value does not come out."""

_MOST_LEFT_OUT = 16
_MOST_ADDED = 6
_WORDS = (4, 2, 1)
"""What `uuid4()`, `random()` and a small `randint()` draw, in words of 32 bits."""
_SHORTEST_TEXT = 8
_LEAST_NUMBER = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shifted:
    """The first value that may have been shifted."""

    event_id: int
    field: str | None
    """Of the drift; None for a divergence over an id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cause:
    """What was found."""

    source: SourceLine
    """As a Verdict names it."""
    suggestion: Suggestion
    tried: Diagnosis
    """Without it."""


def with_shifting_draw(diagnosis: Diagnosis, replayed: Replayed, again: Again) -> Diagnosis:
    """A Diagnosis that names the draw that shifts its values, where there is one.

    Args:
        diagnosis: Drifted, or diverged over an id; any other comes back as it is.
        replayed: The replay.
        again: Replays the same History with other draws, into a Diagnosis of the same kind.
    """
    shifted = _first_shifted(diagnosis, replayed) if replayed.recording.draws else None
    if shifted is None:
        return diagnosis
    noted = Drawing()
    if again(noted) is None:
        return diagnosis
    last = next((c.task for e, c in _pairs(replayed) if e == shifted.event_id), replayed.recording.tasks)
    draws = [draw for draw in noted.draws if draw.task <= last]
    tried = partial(_tried, diagnosis, shifted, again)
    cause = _one_more(draws, tried, replayed) or _one_less(draws, tried, replayed)
    return _named(diagnosis, cause) if cause is not None else diagnosis


def _pairs(replayed: Replayed) -> Iterator[tuple[int, Command]]:
    alignment = replayed.alignment
    for event, command in (*alignment.pairs, (alignment.event, alignment.command)):
        if event is not None and command is not None:
            yield event.event_id, command


def _first_shifted(diagnosis: Diagnosis, replayed: Replayed) -> _Shifted | None:
    if diagnosis.divergence is not None:
        event, command = replayed.alignment.event, replayed.alignment.command
        ids = differing_ids(event, command) if event is not None and command is not None else None
        is_over_ids = (
            ids is not None and event is not None and event.event_id == diagnosis.divergence.event_id
        )
        if ids is None or event is None or not is_over_ids or not all(map(_is_telling, ids)):
            return None
        return _Shifted(event_id=event.event_id, field=None)
    if diagnosis.outcome is not Outcome.DRIFTED:
        return None
    return next(
        (
            _Shifted(event_id=drift.event_id, field=drift.field)
            for drift in diagnosis.drifts
            if drift.event_id is not None and _is_telling(drift.recorded) and _is_telling(drift.produced)
        ),
        None,
    )


def _is_telling(value: object) -> bool:
    """Whether a value hardly comes out by chance."""
    if isinstance(value, TimeSpan):
        return len(str(value.nanoseconds).rstrip("0")) >= len(str(_LEAST_NUMBER))
    if isinstance(value, (dict, list)):
        return any(map(_is_telling, value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        return len(value) >= _SHORTEST_TEXT
    if isinstance(value, float):
        return not value.is_integer()
    return isinstance(value, int) and abs(value) >= _LEAST_NUMBER


def _tried(diagnosis: Diagnosis, shifted: _Shifted, again: Again, drawing: Drawing) -> Diagnosis | None:
    """The Diagnosis under other draws, where the recorded value comes out and nothing else is changed.

    Raises:
        _TimeIsUp: Nothing more can be tried.
    """
    tried = again(drawing)
    if tried is None:
        raise _TimeIsUp
    if tried.outcome is Outcome.UNJUDGED:
        return None
    before = {(drift.event_id, drift.field) for drift in diagnosis.drifts}
    now = {(drift.event_id, drift.field) for drift in tried.drifts}
    if shifted.field is not None:
        is_gone = tried.divergence is None and (shifted.event_id, shifted.field) not in now and now <= before
        return tried if is_gone else None
    later = tried.divergence.event_id if tried.divergence is not None else None
    is_gone = tried.divergence is None or (later is not None and later > shifted.event_id)
    return tried if is_gone else None


class _TimeIsUp(Exception):
    """No more replays."""


def _one_more(draws: Sequence[Draw], tried: _Try, replayed: Replayed) -> _Cause | None:
    """A draw that the recorded run did not make, the newest first; with others that would do as well."""
    found: list[tuple[Line, Diagnosis]] = []
    with contextlib.suppress(_TimeIsUp):
        for line, is_left_out in itertools.islice(_left_out(draws), _MOST_LEFT_OUT):
            if line.source in [other.source for other, _ in found]:
                continue
            without = tried(Drawing(is_left_out=is_left_out))
            if without is not None:
                found.append((line, without))
    if not found:
        return None
    (line, without), *others = found
    source = replayed.line(line.source) or line.source
    also = tuple(replayed.line(other.source) or other.source for other, _ in others)
    suggestion = drawn_more(line.call, line.source, shown=source, also=also)
    return _Cause(source=source, suggestion=suggestion, tried=without)


def _left_out(draws: Sequence[Draw]) -> Iterator[tuple[Line, Callable[[int, Draw], bool]]]:
    """What to leave out, newest first: all draws of one way through the code, then single ones of it."""
    ways = {draw.way: number for number, draw in enumerate(draws) if draw.way}
    for way in sorted(ways, key=lambda way: ways[way], reverse=True):
        yield _own_line(way, ways), partial(_is_on, way)
    for number in range(len(draws) - 1, -1, -1):
        way = draws[number].way
        if way and sum(draw.way == way for draw in draws) > 1:
            yield _own_line(way, ways), partial(_has_number, number)


def _is_on(way: tuple[Line, ...], _number: int, draw: Draw) -> bool:
    return draw.way == way


def _has_number(wanted: int, number: int, _draw: Draw) -> bool:
    return number == wanted


def _own_line(way: tuple[Line, ...], ways: Collection[tuple[Line, ...]]) -> Line:
    """The innermost line that no other draw came through: not that of a function that many call."""
    others = {line.source for other in ways if other != way for line in other}
    return next((line for line in way if line.source not in others), way[0])


def _one_less(draws: Sequence[Draw], tried: _Try, replayed: Replayed) -> _Cause | None:
    """A draw that the recorded run made and this code does not, before the newest that it shifts."""
    numbers = [number for number, draw in enumerate(draws) if draw.way][-_MOST_ADDED:]
    with contextlib.suppress(_TimeIsUp):
        for number, words in itertools.product(reversed(numbers), _WORDS):
            with_it = tried(Drawing(one_more_before=number, words=words))
            if with_it is not None:
                line = draws[number].way[0]
                source = replayed.line(line.source) or line.source
                suggestion = drawn_less(line.call, shown=source, words=words)
                return _Cause(source=source, suggestion=suggestion, tried=with_it)
    return None


def _named(diagnosis: Diagnosis, cause: _Cause) -> Diagnosis:
    divergence, suggestion = diagnosis.divergence, cause.suggestion
    if divergence is not None:
        divergence = dataclasses.replace(
            divergence, source=cause.source, suggestion=suggestion.text, suggestion_kind=suggestion.kind
        )
        return dataclasses.replace(diagnosis, divergence=divergence)
    left = {(drift.event_id, drift.field) for drift in cause.tried.drifts}
    drifts = tuple(
        drift
        if (drift.event_id, drift.field) in left
        else dataclasses.replace(drift, source=cause.source, suggestion=suggestion.text)
        for drift in diagnosis.drifts
    )
    return dataclasses.replace(diagnosis, drifts=drifts)
