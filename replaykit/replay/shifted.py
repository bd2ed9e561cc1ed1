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


_Place: TypeAlias = "tuple[int | None, str | None]"
"""Event id and field of a drift; of an id that makes a divergence no field."""


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
    places = _telling_places(diagnosis, replayed) if replayed.recording.draws else ()
    if not places:
        return diagnosis
    noted = Drawing()
    if again(noted) is None:
        return diagnosis
    draws = [draw for draw in noted.draws if draw.task <= _last_task(places, replayed)]
    tried = partial(_tried, diagnosis, places, again)
    cause = _one_more(draws, tried, places, replayed) or _one_less(draws, tried, diagnosis, replayed)
    return _named(diagnosis, cause) if cause is not None else diagnosis


def _last_task(places: Collection[_Place], replayed: Replayed) -> int:
    """The activation after which nothing can shift a value in these places."""
    alignment = replayed.alignment
    pairs = (*alignment.pairs, (alignment.event, alignment.command))
    task_of = {event.event_id: command.task for event, command in pairs if event and command}
    return max(task_of.get(event_id or 0, replayed.recording.tasks) for event_id, _ in places)


def _telling_places(diagnosis: Diagnosis, replayed: Replayed) -> tuple[_Place, ...]:
    """Where values differ that hardly come out by chance, in event order."""
    if diagnosis.divergence is not None:
        event, command = replayed.alignment.event, replayed.alignment.command
        ids = differing_ids(event, command) if event is not None and command is not None else None
        if event is None or ids is None or event.event_id != diagnosis.divergence.event_id:
            return ()
        return ((event.event_id, None),) if all(map(_is_telling, ids)) else ()
    if diagnosis.outcome is not Outcome.DRIFTED:
        return ()
    return tuple(
        (drift.event_id, drift.field)
        for drift in diagnosis.drifts
        if drift.event_id is not None and _is_telling(drift.recorded) and _is_telling(drift.produced)
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


def _tried(
    diagnosis: Diagnosis, places: Collection[_Place], again: Again, drawing: Drawing
) -> Diagnosis | None:
    """The Diagnosis under other draws, where a recorded value comes out and nothing else is changed.

    Raises:
        _TimeIsUp: Nothing more can be tried.
    """
    tried = again(drawing)
    if tried is None:
        raise _TimeIsUp
    if tried.outcome is Outcome.UNJUDGED:
        return None
    if diagnosis.divergence is not None:
        before, now = diagnosis.divergence, tried.divergence
        return tried if now is None or (now.event_id or 0) > (before.event_id or 0) else None
    left = _places(tried)
    is_better = tried.divergence is None and left <= _places(diagnosis) and not left.issuperset(places)
    return tried if is_better else None


def _places(diagnosis: Diagnosis) -> set[_Place]:
    return {(drift.event_id, drift.field) for drift in diagnosis.drifts}


class _TimeIsUp(Exception):
    """No more replays."""


def _one_more(
    draws: Sequence[Draw], tried: _Try, places: Collection[_Place], replayed: Replayed
) -> _Cause | None:
    """A draw that the recorded run did not make, the newest first; with others that would do as well.

    Args:
        draws: Those that may have shifted something.
        tried: Replays with other draws.
        places: Where telling values differ.
        replayed: The replay.
    """
    found: list[tuple[Line, Diagnosis]] = []
    shown: list[tuple[Line, Diagnosis]] = []
    with contextlib.suppress(_TimeIsUp):
        for line, is_left_out in itertools.islice(_left_out(draws), _MOST_LEFT_OUT):
            if line.source in [other.source for other, _ in (*found, *shown)]:
                continue
            without = tried(Drawing(is_left_out=is_left_out))
            if without is not None:
                others = tried(Drawing(is_left_out=is_left_out, gives_others=True))
                if others is not None and others.drifts == without.drifts:
                    found.append((line, without))
                elif _places(without).isdisjoint(places):
                    # Its value stands in a command, or decides what the code does: it may have been
                    # drawn when the History was recorded.
                    shown.append((line, without))
    if not found and not shown:
        return None
    (line, without), *alike = found or shown
    source = replayed.line(line.source) or line.source
    also = tuple(replayed.line(other.source) or other.source for other, _ in alike)
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


def _one_less(draws: Sequence[Draw], tried: _Try, diagnosis: Diagnosis, replayed: Replayed) -> _Cause | None:
    """A draw that the recorded run made and this code does not, before the newest that it shifts.

    Args:
        draws: Those that may be shifted.
        tried: Replays with other draws.
        diagnosis: What still differs with one more draw is as it is here: values that are none of a draw.
        replayed: The replay.
    """
    numbers = [number for number, draw in enumerate(draws) if draw.way][-_MOST_ADDED:]
    found: list[tuple[int, int, Diagnosis]] = []
    with contextlib.suppress(_TimeIsUp):
        for number, words in itertools.product(reversed(numbers), _WORDS):
            with_it = tried(Drawing(one_more_before=number, words=words))
            if with_it is not None and all(drift in diagnosis.drifts for drift in with_it.drifts):
                found.append((number, words, with_it))
    if not found:
        return None
    # Before a later draw it would explain the values after that one alone.
    number, words, with_it = min(found, key=lambda each: len(each[2].drifts))
    line = draws[number].way[0]
    source = replayed.line(line.source) or line.source
    suggestion = drawn_less(line.call, shown=source, words=words)
    return _Cause(source=source, suggestion=suggestion, tried=with_it)


def _named(diagnosis: Diagnosis, cause: _Cause) -> Diagnosis:
    divergence, suggestion = diagnosis.divergence, cause.suggestion
    if divergence is not None:
        divergence = dataclasses.replace(
            divergence, source=cause.source, suggestion=suggestion.text, suggestion_kind=suggestion.kind
        )
        return dataclasses.replace(diagnosis, divergence=divergence)
    left = _places(cause.tried)
    drifts = tuple(
        drift
        if (drift.event_id, drift.field) in left
        else dataclasses.replace(drift, source=cause.source, suggestion=suggestion.text)
        for drift in diagnosis.drifts
    )
    return dataclasses.replace(diagnosis, drifts=drifts)
