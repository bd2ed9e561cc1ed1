"""Where two JSON-like values differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["ABSENT", "ValueDifference", "differences"]

ABSENT = "<absent>"
"""Stands for what one side does not have; JSON's null is a value."""

_MOST = 8
"""Differences inside one value that are shown one by one; with more of them the whole value is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueDifference:
    """One place of two values."""

    path: str
    """From the value's root, such as `[0].amount`; empty for the root itself."""
    recorded: object
    produced: object


def differences(
    recorded: object, produced: object, leaves_out: Callable[[str], bool] = lambda _path: False
) -> tuple[ValueDifference, ...]:
    """Every place in which two JSON-like values differ, in order.

    Lists of different lengths are one difference: which entry was added cannot be known.

    Args:
        recorded: One value.
        produced: The other.
        leaves_out: Asked about the path of each difference. What it leaves out does not count among those
            that make the whole value the difference.
    """
    found = tuple(each for each in _walk(recorded, produced, "") if not leaves_out(each.path))
    if len(found) > _MOST:
        return (ValueDifference(path="", recorded=recorded, produced=produced),)
    return found


def _walk(recorded: object, produced: object, path: str) -> Iterator[ValueDifference]:
    if isinstance(recorded, dict) and isinstance(produced, dict):
        for key in sorted({*recorded, *produced}, key=str):
            step = f"{path}.{key}"
            yield from _walk(recorded.get(key, ABSENT), produced.get(key, ABSENT), step)
    elif isinstance(recorded, list) and isinstance(produced, list) and len(recorded) == len(produced):
        for index, (one, other) in enumerate(zip(recorded, produced, strict=True)):
            yield from _walk(one, other, f"{path}[{index}]")
    elif not _same(recorded, produced):
        yield ValueDifference(path=path, recorded=recorded, produced=produced)


def _same(recorded: object, produced: object) -> bool:
    """Equality as JSON has it: `true` is not 1, while 1 and 1.0 are one number."""
    if isinstance(recorded, bool) or isinstance(produced, bool):
        return recorded is produced
    if recorded != recorded and produced != produced:
        return True  # NaN is not equal to itself
    return recorded == produced
