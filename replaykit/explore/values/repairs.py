"""Values for a class that refuses some: what it complains of is made again, by what its source mentions.

A validator cannot be asked what it accepts. But it says which field it refuses, and mostly compares with what
stands in its own module, or in its message.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from replaykit.code.classes import file_of
from replaykit.code.literals import literals_in_class, literals_of
from replaykit.explore.values.choosers import Chooser, Sampled, pick
from replaykit.explore.values.mentioned import Mentioned
from replaykit.explore.values.records import Record
from replaykit.explore.values.schemas import adapter_of, described

__all__ = ["Make", "Refused", "accepted", "again", "mentioned_by"]

_ROUNDS = 150
_FRESH = 10
"""After so many rounds all fields are made again."""
_BY_SCHEMA = 30
_MOST = 60
_WORD = re.compile(r"\w[\w.@:/+-]*")

Make = Callable[[Chooser, int], Any]


class Refused(Exception):
    """The class accepts nothing that was made."""


def again(chooser: Chooser) -> Sampled:
    """Answers for another try, where the simplest ones, or those drawn, were refused."""
    return Sampled(random.Random(chooser.integer(0, 999)))


def mentioned_by(cls: type, *, around: bool) -> Mapping[type, Mentioned]:
    """What a class and its bases mention, by type; none of a library's.

    Args:
        cls: The class.
        around: Whether what stands elsewhere in their modules is meant, or what stands in the classes.
    """
    found: dict[Any, None] = {}
    for part in cls.__mro__:
        if part.__module__.partition(".")[0] not in ("pydantic", "builtins", "typing", "abc", "enum"):
            literals = literals_of(file_of(part) or "") if around else literals_in_class(part)
            found |= dict.fromkeys(literals)
    words = [word for word in found if isinstance(word, str) and word][:_MOST]
    numbers = [number for number in found if isinstance(number, int)][:_MOST]
    return {
        str: Mentioned(constants=(*words, *numbers), bent=True),
        int: Mentioned(constants=numbers, bent=True),
    }


def accepted(
    record: Record,
    parts: Mapping[str, Make],
    optional: Collection[str],
    others: Callable[[bool], Mapping[str, Make]],
    chooser: Chooser,
    depth: int,
    deepest: int,
) -> Any:
    """A value that the class accepts.

    Args:
        record: How it is built.
        parts: What makes each field.
        optional: The fields that may be left out.
        others: What makes each field by what the class mentions, or its module where True; asked for only
            where it refuses.
        chooser: Answers.
        depth: Levels of nesting around it.
        deepest: Level from which on fields are left out that may be.

    Raises:
        Refused: It accepts none.
    """

    def fresh(makes: Mapping[str, Make], by: Chooser) -> dict[str, Any]:
        return {
            name: make(by, depth + 1)
            for name, make in makes.items()
            if name not in optional or (depth < deepest and by.integer(0, 1))
        }

    values = fresh(parts, chooser)
    try:
        return record.build(values)
    except Exception as error:  # whatever a validator of the user's raises
        first, refused = f"such as {values!r}: {error}", error
    by = again(chooser)
    for attempt in range(_ROUNDS):
        makes = parts if attempt % 3 == 0 else others(attempt % 3 == 2)
        faults = dict(_faults(refused, parts)) if attempt % _FRESH else {}
        if faults:
            values = values | {name: _made(makes[name], words, by, depth) for name, words in faults.items()}
        else:
            values = fresh(makes, by)
        try:
            return record.build(values)
        except Exception as error:  # as above
            refused = error
    for data in _by_schema(record, by):
        with contextlib.suppress(Exception):
            return record.read(data)
    raise Refused(first) from refused


def _made(make: Make, words: Sequence[str], by: Chooser, depth: int) -> Any:
    """Another value of a field; a text may be a word of the complaint."""
    value = make(by, depth + 1)
    return pick(by, words) if isinstance(value, str) and words and not by.integer(0, 3) else value


def _faults(refused: Exception, names: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """The fields that pydantic refuses, each with the words about it; none where it names none."""
    listed = getattr(refused, "errors", None)
    for error in listed() if callable(listed) else ():
        where = error.get("loc", ())
        for name in names:
            if where and name.partition("\x1f")[0] == where[0]:
                yield name, _WORD.findall(error.get("msg", ""))


def _by_schema(record: Record, by: Chooser) -> Iterator[Any]:
    adapter = None if record.model is None else adapter_of(record.model)
    whole = None if adapter is None else described(adapter)
    if whole is not None:
        for _ in range(_BY_SCHEMA):
            yield whole.data(by)
