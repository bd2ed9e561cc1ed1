"""Two runs of one History compared: the first difference."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from replaykit.config import StrictRules
from replaykit.perturb.left_out import field_of, is_left_out
from replaykit.replay.strict.differences import ABSENT, ValueDifference, differences
from replaykit.verdict import SourceLine

__all__ = ["RunDifference", "differing_fields", "first_difference", "has_no_answer"]

_DEFAULT = StrictRules()
_WIDTH = 200
_NO_ANSWER = frozenset({"timed_out", "crashed"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RunDifference:
    """Where two runs differ."""

    command: int | None
    event_id: int | None
    field: str | None
    usual: str
    perturbed: str
    source: SourceLine | None


def has_no_answer(replay: Mapping[str, Any]) -> bool:
    """Whether a replay shows nothing about the code: it did not come to its end."""
    return replay["reason"] in _NO_ANSWER


def first_difference(
    usual: Mapping[str, Any], perturbed: Mapping[str, Any], rules: StrictRules = _DEFAULT
) -> RunDifference | None:
    """The first command that differs, else the end that does.

    Args:
        usual: From `replay_as_data`, of the unchanged run.
        perturbed: The same History's, with something changed.
        rules: What two runs may differ in: see `replaykit.perturb.left_out`.
    """
    pairs = zip_longest(usual["commands"], perturbed["commands"])
    for number, (one, other) in enumerate(pairs, start=1):
        if found := _of_commands(number, one, other, rules):
            return found
    if _end(usual) == _end(perturbed):
        return None
    return RunDifference(
        command=None,
        event_id=None,
        field=None,
        usual=_cut(_end(usual)),
        perturbed=_cut(_end(perturbed)),
        source=_source(usual) or _source(perturbed),
    )


def differing_fields(one: Mapping[str, Any], other: Mapping[str, Any]) -> frozenset[tuple[int | None, str]]:
    """Every field in which two runs of one History differ: the event's id, and the name that strict mode has.

    Args:
        one: From `replay_as_data`.
        other: The same, of another run. What comes after commands of different kinds is not compared.
    """
    found: set[tuple[int | None, str]] = set()
    for before, after in zip(one["commands"], other["commands"], strict=False):
        if before["kind"] != after["kind"]:
            break
        event_id = before["event_id"] or after["event_id"]
        found |= {(event_id, field_of(before["kind"], each.path)) for each in _changed(before, after, None)}
    return frozenset(found)


def _of_commands(
    number: int, one: Mapping[str, Any] | None, other: Mapping[str, Any] | None, rules: StrictRules
) -> RunDifference | None:
    if one is None or other is None:
        present = one or other
        assert present is not None
        return RunDifference(
            command=number,
            event_id=present["event_id"],
            field=None,
            usual=one["label"] if one is not None else "nothing more",
            perturbed=other["label"] if other is not None else "nothing more",
            source=_source(present),
        )
    is_another = one["kind"] != other["kind"]
    changed = () if is_another else _changed(one, other, rules)
    if not is_another and not changed:
        return None
    is_another = is_another or one["label"] != other["label"]
    return RunDifference(
        command=number,
        event_id=one["event_id"] or other["event_id"],
        field=None if is_another else changed[0].path,
        usual=one["label"] if is_another else _shown(changed[0].recorded),
        perturbed=other["label"] if is_another else _shown(changed[0].produced),
        source=_source(one) or _source(other),
    )


def _changed(
    one: Mapping[str, Any], other: Mapping[str, Any], rules: StrictRules | None
) -> tuple[ValueDifference, ...]:
    """What differs, field by field: a field with many differences hides none of another.

    Without rules nothing is left out.
    """
    before, after = one["attributes"], other["attributes"]

    def in_field(field: str) -> tuple[ValueDifference, ...]:
        def leaves_out(path: str) -> bool:
            return rules is not None and is_left_out(one["kind"], f"{field}{path}", rules)

        return differences(before.get(field, ABSENT), after.get(field, ABSENT), leaves_out)

    return tuple(
        dataclasses.replace(each, path=f"{field}{each.path}")
        for field in sorted({*before, *after})
        for each in in_field(field)
    )


def _end(replay: Mapping[str, Any]) -> str:
    reason = f" ({replay['reason']})" if replay["reason"] else ""
    return f"{replay['outcome']}{reason}" + (f": {replay['failure']}" if replay["failure"] else "")


def _source(entry: Mapping[str, Any]) -> SourceLine | None:
    place: Sequence[Any] | None = entry["source"]
    return SourceLine(file=place[0], line=place[1], function=place[2]) if place else None


def _shown(value: object) -> str:
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
