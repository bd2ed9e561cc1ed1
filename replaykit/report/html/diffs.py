"""Two values of one attribute as lines to compare."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

from replaykit.report.phrases import counted

__all__ = ["DiffRow", "value_diff"]

DiffRow = tuple[str, list[tuple[bool, str]]]
"""`=`, `-`, `+` or `~` (lines left out), and the line in pieces, each with whether it is what differs."""

_MAX_CHARS = 20_000
"""A longer value is cut: the JSON report holds it whole."""
_CONTEXT = 3
_TOKENS = re.compile(r"\w+|\s+|.", re.DOTALL)


def value_diff(recorded: object, produced: object) -> list[DiffRow]:
    """The lines of both values, what they share only near a difference.

    Two strings are compared as text, anything else as indented JSON.

    Args:
        recorded: What the History holds; its lines are marked `-`.
        produced: What the code asked for; its lines are marked `+`.
    """
    plain = isinstance(recorded, str) and isinstance(produced, str)
    before, after = _lines(recorded, plain=plain), _lines(produced, plain=plain)
    if before == after:  # equal but for what JSON does not distinguish, or but for what was cut off
        return [("-", [(True, line) for line in before]), ("+", [(True, line) for line in after])]
    rows: list[DiffRow] = []
    # A comma that only means that another line follows is no difference.
    old, new = ([line if plain else line.rstrip(",") for line in lines] for lines in (before, after))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    groups = list(matcher.get_grouped_opcodes(_CONTEXT))
    shown = 0
    for group in groups:
        rows += _left_out(group[0][1] - shown)
        for tag, a1, a2, b1, b2 in group:
            rows += _hunk(after[b1:b2] if tag == "equal" else before[a1:a2], after[b1:b2])
        shown = group[-1][2]
    return rows + _left_out(len(before) - shown)


def _hunk(before: list[str], after: list[str]) -> Iterator[DiffRow]:
    if before == after:
        yield from (("=", [(False, line)]) for line in before)
    elif len(before) == len(after):
        pairs = [_pieces(old, new) for old, new in zip(before, after, strict=True)]
        yield from (("-", old) for old, _ in pairs)
        yield from (("+", new) for _, new in pairs)
    else:
        yield from (("-", [(False, line)]) for line in before)
        yield from (("+", [(False, line)]) for line in after)


def _pieces(old: str, new: str) -> tuple[list[tuple[bool, str]], list[tuple[bool, str]]]:
    left, right = _TOKENS.findall(old), _TOKENS.findall(new)
    if len(left) > 400 or len(right) > 400:
        return [(False, old)], [(False, new)]
    olds: list[tuple[bool, str]] = []
    news: list[tuple[bool, str]] = []
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        differs = tag != "equal"
        if a2 > a1:
            olds.append((differs, "".join(left[a1:a2])))
        if b2 > b1:
            news.append((differs, "".join(right[b1:b2])))
    return olds, news


def _left_out(count: int) -> list[DiffRow]:
    if count <= 0:
        return []
    return [("~", [(False, counted(count, "equal line"))])]


def _lines(value: Any, *, plain: bool) -> list[str]:
    text = value if plain else json.dumps(value, indent=2, ensure_ascii=False, default=repr)
    if len(text) > _MAX_CHARS:
        text = f"{text[:_MAX_CHARS]}\n(cut: {len(text) - _MAX_CHARS} more characters)"
    return text.splitlines() or [""]
