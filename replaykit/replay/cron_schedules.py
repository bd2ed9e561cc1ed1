"""Cron schedules as a Temporal service reads them (github.com/robfig/cron, standard form)."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, available_timezones

__all__ = ["what_is_wrong"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    ("day of week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_EVERY = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DURATION = re.compile(r"[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)")


def what_is_wrong(schedule: str) -> str | None:
    """Why a service refuses a schedule; None where it takes it, or there is none."""
    if not schedule:
        return None
    text = schedule
    if text.startswith(("TZ=", "CRON_TZ=")):
        zone, _, text = text.partition(" ")
        name = zone.partition("=")[2]
        if not _is_zone(name):
            return f"there is no time zone {name!r}"
    text = text.strip()
    if text.startswith("@every "):
        length = text.removeprefix("@every ")
        return None if _DURATION.fullmatch(length) else f"{length!r} is no duration such as 1h30m"
    if text.startswith("@"):
        return None if text in _EVERY else f"{text!r} is none of {', '.join(sorted(_EVERY))}, @every 1h"
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields, and takes five: minute, hour, day of month, month, day of week"
    wrong = next(filter(None, map(_wrong_field, parts, _FIELDS)), None)
    return wrong or _never(parts)


def _is_zone(name: str) -> bool:
    if not available_timezones():  # no zone files here: the service may have them
        return True
    try:
        ZoneInfo(name)
    except Exception:  # what no zone is: ValueError, OSError or ZoneInfoNotFoundError
        return name in ("", "Local")
    return True


def _wrong_field(part: str, field: tuple[str, int, int, dict[str, int]]) -> str | None:
    word, least, most, names = field
    for item in filter(None, part.split(",")):
        if _numbers(item, least, most, names) is None:
            return f"{item!r} is no {word} ({least} to {most})"
    return None


def _numbers(item: str, least: int, most: int, names: dict[str, int]) -> range | None:
    """What an item of a list stands for; None for what is none."""
    spans, _, step = item.partition("/")
    first, dash, last = spans.partition("-")
    if spans in ("*", "?"):
        start, end = least, most
    else:
        begins, ends = _number(first, names), _number(last, names) if dash else None
        if begins is None or (dash and ends is None):
            return None
        start = begins
        end = ends if ends is not None else (most if step else begins)
    steps = _number(step, {}) if "/" in item else 1
    if steps is None or steps == 0 or not least <= start <= end <= most:
        return None
    return range(start, end + 1, steps)


def _number(text: str, names: dict[str, int]) -> int | None:
    return names.get(text.lower(), int(text) if text.isascii() and text.isdigit() else None)


def _never(parts: list[str]) -> str | None:
    """Whether no day of any year fits."""
    _, _, days, months, weekdays = parts
    if weekdays not in ("*", "?"):
        return None
    fits = any(day <= _LONGEST[month - 1] for month in _all(months, 3) for day in _all(days, 2))
    return None if fits else "no day of any year fits it"


def _all(part: str, place: int) -> set[int]:
    _, least, most, names = _FIELDS[place]
    found = (_numbers(item, least, most, names) for item in part.split(",") if item)
    return {number for numbers in found if numbers is not None for number in numbers}
