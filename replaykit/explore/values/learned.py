"""Values that were recorded: drawn as they stand in fixtures, and varied lightly.

Type hints such as `dict` and `Any` do not show what code reads of a value; a run that was recorded does. A
recorded value is varied leaf by leaf, each by another of its JSON type. It is decoded as the code's hint
asks, so what the hint refuses is never drawn.
"""

from __future__ import annotations

import collections
import contextlib
import enum
import json
from collections import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

from replaykit.errors import ValuesError
from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.hints import bare
from replaykit.explore.values.places import OfHint, Place
from replaykit.explore.values.shapes import Shape

__all__ = ["Learned", "Recorded", "Role", "with_recorded"]

Recorded = tuple[Payload, ...]
"""What was recorded in one place: one payload for each argument, the only one for a result."""

_CONTAINERS = (list, dict, abc.Sequence, abc.Mapping, abc.MutableMapping, collections.OrderedDict)
_ANYTHING = (Any, object)
_RARELY = 3
"""Of so many values one is made from the hint, and of so many recorded ones one is varied."""


class Role(enum.Enum):
    """What a recorded value was."""

    ACTIVITY = "activity"
    CHILD = "child"
    NEXUS = "nexus"
    INPUT = "input"
    SIGNAL = "signal"
    UPDATE = "update"


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What fixtures show of the values that code is given."""

    recorded: Mapping[tuple[Role, str], Sequence[Recorded]]
    """By what they were and its type name, different ones, past the codec."""
    converter: PayloadConverter
    """The worker's, which decodes them."""
    fixtures: int
    """How many were read."""

    @property
    def count(self) -> int:
        """How many values that is."""
        return sum(map(len, self.recorded.values()))

    def usable(self, role: Role, name: str, place: Place) -> Sequence[Recorded]:
        """Those of a type name that decode as the hints of a place ask."""
        return [
            recorded
            for recorded in self.recorded.get((role, name), ())
            if place.required <= len(recorded) <= len(place.hints)
            and self.decoded(recorded, place.hints) is not None
        ]

    def decoded(self, recorded: Recorded, hints: Sequence[Any]) -> tuple[Any, ...] | None:
        """The Python values; None where one does not decode."""
        types: list[Any] = [None if hint in _ANYTHING else bare(hint) for hint in hints]
        try:
            return tuple(
                self.converter.from_payload(payload, kind)
                for payload, kind in zip(recorded, types, strict=False)
            )
        except Exception:  # whatever the user's converter, or a validator of the type, raises
            return None


def with_recorded(
    learned: Learned,
    role: Role,
    names: Sequence[Any],
    place: Place,
    plain: Callable[[], Shape],
    of_hint: OfHint,
) -> Shape:
    """A shape of recorded values, and of what the hints give; of that alone where nothing was recorded.

    Args:
        learned: What was recorded.
        role: What the values are.
        names: What they are recorded under; those that are no text are passed over.
        place: Where they go.
        plain: Makes the shape that the hints give.
        of_hint: What makes another text or number for a leaf.

    Raises:
        ValuesError: There is no strategy for a hint, and nothing usable was recorded.
    """
    usable = [one for name in names if isinstance(name, str) for one in learned.usable(role, name, place)]
    if not usable:
        return plain()
    made = None
    if not all(map(_shows_nothing, place.hints)):
        with contextlib.suppress(ValuesError):
            made = plain()

    def make(chooser: Chooser) -> Any:
        if made is not None and chooser.integer(0, _RARELY - 1) == _RARELY - 1:
            return made.make(chooser)
        recorded = pick(chooser, usable)  # the first is the simplest
        varied = recorded
        if chooser.integer(0, _RARELY - 1) == _RARELY - 1:
            varied = tuple(_varied(payload, chooser, of_hint) for payload in recorded)
        values = learned.decoded(varied, place.hints)
        values = learned.decoded(recorded, place.hints) if values is None else values
        assert values is not None  # it did before
        return values if place.arguments else values[0]

    return Shape(where=place.where, hints=place.hints, make=make, arguments=place.arguments)


def _shows_nothing(hint: Any) -> bool:
    """Whether a hint leaves open what is inside: `Any`, `dict`, `list[Any]`, `dict[str, Any]`."""
    if hint in _ANYTHING or hint is None:
        return True
    kind, arguments = get_origin(hint) or hint, get_args(hint)
    if kind not in _CONTAINERS:
        return False
    inner = arguments[1:] if len(arguments) > 1 else arguments
    return all(map(_shows_nothing, inner))


def _varied(payload: Payload, chooser: Chooser, of_hint: OfHint) -> Payload:
    """The payload with one leaf of its JSON changed; as it is where it is no JSON."""
    if payload.metadata.get("encoding") != b"json/plain":
        return payload
    try:
        document = [json.loads(payload.data)]
    except ValueError:
        return payload
    leaves = list(_leaves(document))
    if not leaves:
        return payload
    holder, key = pick(chooser, leaves)
    try:
        holder[key] = of_hint(type(holder[key])).make(chooser)
        data = json.dumps(document[0], separators=(",", ":")).encode()
    except (TypeError, ValueError):  # the user's own texts or numbers, which may be anything
        return payload
    changed = Payload()
    changed.CopyFrom(payload)
    changed.data = data
    return changed


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """What holds each text, number and truth value, and where in it."""
    places: Sequence[Any] = ()
    if isinstance(value, dict):
        places = list(value)
    elif isinstance(value, list):
        places = range(len(value))
    for place in places:
        if isinstance(value[place], (str, int, float)):
            yield value, place
        else:
            yield from _leaves(value[place])
