"""What a report shows, row by row: frozen values, and the one place where they become lines.

What is to be shown becomes rows; how a row looks is decided here alone, in plain text
(`plain_lines`) and, with styles, for a terminal (`replaykit.report.terminal.print_rows`).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

from replaykit.report.phrases import shortened
from replaykit.visible import visible, visible_pieces

__all__ = [
    "BLANK",
    "WIDTH",
    "AnyRow",
    "Block",
    "Head",
    "Line",
    "Pair",
    "Pairs",
    "Row",
    "Span",
    "labelled",
    "paragraph",
    "plain_lines",
    "styled_lines",
]

WIDTH = 80
"""Columns of a line, unless a medium has more."""
_INDENT = 12
"""Columns before the text of a row."""
_MOST = 4_000
"""Characters of a text; the JSON report holds all of it."""
_COLUMN = 33
"""Columns of either side of a pair."""
_CODE = "cyan"
_QUIET = "dim"

Span: TypeAlias = "tuple[str, str]"
"""A piece of a line, and its style as `rich` names it; empty for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The line above the rows of a block; it stands for all of them where there is room for one."""

    text: str
    style: str = ""
    name: str = ""
    """What comes before the text, without a style: whose outcome it is."""

    @property
    def line(self) -> str:
        """All of it."""
        return f"{self.name}{self.text}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A text beside a label; without one, it goes on below the row before."""

    label: str = ""
    text: str
    wraps: bool = True
    """Whether it may be broken into more lines: a path and a line of code may not."""
    style: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A recorded event beside what the code asked for."""

    event_id: int | None
    recorded: str
    produced: str
    mark: str = ""
    """`=` where they fit, `>` where they do not; that pair is shown whole, the others are cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """Pairs below the names of their two columns."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of text without a label."""

    text: str
    indent: int = 0
    wraps: bool = False
    style: str = ""


AnyRow: TypeAlias = "Head | Row | Pairs | Line"

BLANK = Line(text="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One thing to report: a headline, and the rows below it."""

    head: Head
    rows: tuple[AnyRow, ...] = ()

    @property
    def whole(self) -> tuple[AnyRow, ...]:
        """The headline and the rows."""
        return (self.head, *self.rows)


def labelled(label: str, text: str) -> tuple[Row, ...]:
    """A text of several lines as rows below one label: a line that begins with a space is code."""
    rows: list[Row] = []
    for line in visible(shortened(text, _MOST)).splitlines():
        if not line.strip():
            continue
        is_code = line.startswith(" ")
        name = "" if rows else label
        rows.append(Row(label=name, text=line, wraps=not is_code, style=_CODE if is_code else ""))
    return tuple(rows)


def paragraph(text: str) -> Line:
    """A sentence or more, wrapped below a headline."""
    return Line(text=text, indent=2, wraps=True)


def plain_lines(rows: Iterable[AnyRow], *, width: int = WIDTH) -> list[str]:
    """The lines of rows as plain text.

    Args:
        rows: What to show.
        width: Columns; code, paths and long words may be longer.
    """
    return ["".join(text for text, _ in spans) for spans in styled_lines(rows, width=width)]


def styled_lines(rows: Iterable[AnyRow], *, width: int = WIDTH) -> Iterator[Sequence[Span]]:
    """The lines of rows, each in pieces of one style; arguments as of `plain_lines`."""
    for row in rows:
        for spans in _spans(row, width):
            # A line that was broken in two can begin like a command of a CI service.
            texts = visible_pieces([shortened(text, _MOST).replace("\n", r"\n") for text, _ in spans])
            yield tuple((text, style) for text, (_, style) in zip(texts, spans, strict=True))


def _spans(row: AnyRow, width: int) -> Iterator[Sequence[Span]]:
    if isinstance(row, Head):
        yield (row.name, ""), (row.text, row.style)
    elif isinstance(row, Row):
        yield from _of_row(row, width)
    elif isinstance(row, Pairs):
        yield from _of_pairs(row)
    else:
        yield from _of_line(row, width)


def _of_row(row: Row, width: int) -> Iterator[Sequence[Span]]:
    label = row.label
    for text in _wrapped(row.text, width - _INDENT) if row.wraps else [row.text]:
        yield (f"  {label:<{_INDENT - 2}}", _QUIET), (text, row.style)
        label = ""


def _of_line(line: Line, width: int) -> Iterator[Sequence[Span]]:
    for text in _wrapped(line.text, width - line.indent) if line.wraps else [line.text]:
        yield ((f"{'':{line.indent}}{text}", line.style),)


def _of_pairs(pairs: Pairs) -> Iterator[Sequence[Span]]:
    yield ((f"{'':{_INDENT}}{_sides('recorded', 'produced')}", _QUIET),)
    for pair in pairs.pairs:
        head = f"  {pair.mark:<2}{pair.event_id if pair.event_id is not None else '':>6}  "
        if pair.mark == ">":
            sides = (shortened(pair.recorded), shortened(pair.produced))
            columns = [_wrapped(side, _COLUMN, long_words=True) for side in sides]
            for left, right in zip_longest(*columns, fillvalue=""):
                yield ((f"{head}{_sides(left, right)}".rstrip(), "bold red"),)
                head = " " * _INDENT
            continue
        text = _sides(_cut(pair.recorded), _cut(pair.produced))
        if pair.mark == "=":
            yield ((f"{head}{text}".rstrip(), "green"),)
        else:
            yield (head, _QUIET), (text, "")


def _sides(left: str, right: str) -> str:
    return f"{left:<{_COLUMN}}  {right}".rstrip()


def _cut(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _COLUMN else f"{text[: _COLUMN - 1]}…"


def _wrapped(text: str, width: int, *, long_words: bool = False) -> list[str]:
    return textwrap.wrap(
        visible(shortened(text, _MOST)), width, break_long_words=long_words, break_on_hyphens=False
    )
