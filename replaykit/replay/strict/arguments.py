"""What commands are called with, on both sides: of one kind and name, nothing else differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from replaykit.replay.align import Alignment, fits
from replaykit.replay.commands import Command, recorded_or_answered_in
from replaykit.replay.recorder import has_codec
from replaykit.replay.replayed import Replayed
from replaykit.replay.strict.attribute import Attribute
from replaykit.replay.strict.attributes import attributes_of
from replaykit.replay.strict.payloads import Reader
from replaykit.replay.strict.run import Pair, Run
from replaykit.replay.strict.values import encoded_in, readable

__all__ = ["Called", "called_with"]

_FIELDS = (
    "activity.arguments",
    "cancel_external.workflow_id",
    "child_workflow.input",
    "memo",
    "nexus.input",
    "search_attributes",
    "signal_external.arguments",
    "signal_external.signal_name",
    "signal_external.workflow_id",
    "timer.start_to_fire_timeout",
)
"""No child's id: by default it is drawn, so one more child shifts those of all after it."""
_MOST_SHOWN = 40
"""Characters of arguments in a label."""

_One = TypeVar("_One")
_Other = TypeVar("_Other")


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """What one command is called with, on one side."""

    key: str
    """Equal for equal values."""
    shown: str | None = None
    """The arguments as they are written in a call; None where a codec hides them from readers."""


def called_with(
    replayed: Replayed, alignment: Alignment, events: Sequence[HistoryEvent], commands: Sequence[Command]
) -> tuple[list[Called | None], list[Called | None]]:
    """What was recorded with each event, and is asked for with each command; both as lists in their order.

    None for what nothing on the other side could be.

    Args:
        replayed: The replay.
        alignment: Of its events and commands.
        events: Command events.
        commands: Commands of the code.

    Raises:
        CodecFailed: The worker's codec raised.
    """
    run = Run.of(replayed.history, alignment.pairs, replayed.recording.commands)
    converter = replayed.recording.data_converter or DataConverter.default
    command_for = _first_fitting(
        events, recorded_or_answered_in, lambda event: (c for c in commands if _fit(event, c))
    )
    event_for = _first_fitting(
        commands, lambda c: (c.kind, c.name), lambda command: (e for e in events if _fit(e, command))
    )
    of_events = [
        _attributes((event, command), run) if command is not None else None
        for event, command in zip(events, command_for, strict=True)
    ]
    of_commands = [
        _attributes((event, command), run) if event is not None else None
        for event, command in zip(event_for, commands, strict=True)
    ]
    reader = Reader(converter)
    reader.decode(
        encoded
        for attributes in of_events
        for attribute in attributes or ()
        if attribute.is_coded
        for encoded in encoded_in(attribute.recorded, attribute)
    )
    is_hidden = has_codec(converter)
    return (
        [_called(each, reader, is_recorded=True, is_hidden=is_hidden) for each in of_events],
        [_called(each, reader, is_recorded=False, is_hidden=is_hidden) for each in of_commands],
    )


def _fit(event: HistoryEvent, command: Command) -> bool:
    return fits(command, recorded_or_answered_in(event))


def _first_fitting(
    items: Sequence[_One],
    name_of: Callable[[_One], object],
    fitting: Callable[[_One], Iterator[_Other]],
) -> list[_Other | None]:
    """For each item the first of the other side that it fits, looked for once for each name."""
    found: dict[object, _Other | None] = {}
    for item in items:
        name = name_of(item)
        if name not in found:
            found[name] = next(fitting(item), None)
    return [found[name_of(item)] for item in items]


def _attributes(pair: Pair, run: Run) -> list[Attribute]:
    return [attribute for attribute in attributes_of(pair, run) if attribute.field.startswith(_FIELDS)]


def _called(
    attributes: list[Attribute] | None, reader: Reader, *, is_recorded: bool, is_hidden: bool
) -> Called | None:
    if attributes is None:
        return None
    values = {
        each.field: readable(
            each.recorded if is_recorded else each.produced,
            each,
            reader,
            is_recorded=is_recorded and each.is_coded,
        )
        for each in attributes
    }
    shown = None if is_hidden else _shown(values)
    return Called(key=json.dumps(values, sort_keys=True, default=repr), shown=shown)


def _shown(values: dict[str, object]) -> str | None:
    """Arguments as in a call; None for a kind of command that has none, such as a timer."""
    found = next((value for field, value in values.items() if field.endswith((".arguments", ".input"))), None)
    if found is None:
        return None
    arguments = found if isinstance(found, list) else [found]
    text = ", ".join(json.dumps(argument, ensure_ascii=False, default=repr) for argument in arguments)
    return f"({text})" if len(text) <= _MOST_SHOWN else f"({text[: _MOST_SHOWN - 3]}...)"
