"""Every field that the installed temporalio has in a command of workflow code and in an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

__all__ = ["ROOTS", "LEAVES", "fields_of", "inner", "section", "walk"]

ROOTS = (WorkflowCommand.DESCRIPTOR, HistoryEvent.DESCRIPTOR)
LEAVES = ("google.protobuf.", "temporal.api.common.v1.Payload")
"""Messages that are one value: nobody looks at a field of them without the others."""
_KINDS = ("variant", "attributes")
"""Fields of the roots that hold one kind of command or event each: their messages are walked as roots."""

Descriptor = Any
Field = Any


def section(descriptor: Descriptor) -> str:
    """The heading of a message in the table: its name without the package."""
    package: str = descriptor.file.package
    return str(descriptor.full_name).removeprefix(f"{package}.")


def inner(field: Field) -> Descriptor | None:
    """The message that a field holds, one or many of; None for a value."""
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        message = message.fields_by_name["value"].message_type
    if message is None or any(message.full_name.startswith(leaf) for leaf in LEAVES[:1]):
        return None
    return None if message.full_name == LEAVES[1] else message


def fields_of(descriptor: Descriptor) -> Iterator[Field]:
    """The fields to decide about: of a root, those that every command or event has."""
    for field in descriptor.fields:
        oneof = field.containing_oneof
        if oneof is None or oneof.name not in _KINDS or descriptor not in ROOTS:
            yield field


def walk(
    roots: Iterable[Descriptor], is_looked_into: Callable[[str, str], bool]
) -> Iterator[tuple[str, str]]:
    """Section and name of each field.

    Args:
        roots: Where to begin.
        is_looked_into: Whether somebody looks at what a field holds, by section and name: the fields of what
            nobody looks at are decided about with it.
    """
    waiting, seen = list(roots), set()
    while waiting:
        descriptor = waiting.pop()
        if descriptor.full_name in seen:
            continue
        seen.add(descriptor.full_name)
        decided = {field.name for field in fields_of(descriptor)}
        for field in descriptor.fields:
            if field.name in decided:
                yield section(descriptor), field.name
            message = inner(field)
            if message is not None and (
                field.name not in decided or is_looked_into(section(descriptor), field.name)
            ):
                waiting.append(message)
