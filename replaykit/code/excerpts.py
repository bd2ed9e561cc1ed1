"""The lines of source code around the one that a Verdict names."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from replaykit.code.sources import lines_of
from replaykit.verdict import SourceLine

__all__ = ["Excerpt", "excerpt_of"]

_AROUND = 5
_MAX_LINE = 300

_Piece = tuple[str, str]
"""A token's class (`k` keyword, `s` string, `c` comment, `n` number, `f` the name of a function or class,
`d` decorator, or empty) and its text."""


class Excerpt(TypedDict):
    """A few lines of one file."""

    first: int
    """Number of the first line, counted from 1."""
    lines: list[list[_Piece]]


def excerpt_of(source: SourceLine, bases: Sequence[Path]) -> Excerpt | None:
    """The lines around a line, five on either side, as the file is now.

    Args:
        source: The line; a relative file is looked for below each base in turn.
        bases: Folders, the likeliest first.

    Returns:
        None where the file is gone, is no text, or has become too short to hold the line.
    """
    path = next((base / source.file for base in bases if (base / source.file).is_file()), None)
    lines = _coloured(lines_of(path)) if path is not None else ()
    if not 1 <= source.line <= len(lines):
        return None
    first = max(1, source.line - _AROUND)
    return {"first": first, "lines": [list(line) for line in lines[first - 1 : source.line + _AROUND]]}


@lru_cache(maxsize=64)
def _coloured(lines: tuple[str, ...]) -> tuple[tuple[_Piece, ...], ...]:
    """All lines of a file, each in pieces."""
    marks = _marks(lines)
    return tuple(
        _cut_up(line[:_MAX_LINE], marks.get(number, ())) for number, line in enumerate(lines, start=1)
    )


def _marks(lines: Sequence[str]) -> dict[int, list[tuple[int, int, str]]]:
    """For each line its coloured columns: from, to, class. Empty from where the text stops being Python."""
    marks: dict[int, list[tuple[int, int, str]]] = {}
    before = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            style = _style(token, before)
            before = token.string
            if not style:
                continue
            (row, start), (last, end) = token.start, token.end
            for number in range(row, last + 1):
                left = start if number == row else 0
                right = end if number == last else len(lines[number - 1])
                marks.setdefault(number, []).append((left, right, style))
    except (tokenize.TokenError, SyntaxError, IndexError):
        pass
    return marks


def _style(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.COMMENT:
        return "c"
    if token.type == tokenize.NUMBER:
        return "n"
    if token.type == tokenize.STRING or tokenize.tok_name[token.type].startswith("FSTRING"):
        return "s"
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "k"
    if token.type == tokenize.NAME and before in ("def", "class"):
        return "f"
    return "d" if token.string == "@" and token.line.lstrip().startswith("@") else ""


def _cut_up(line: str, marks: Sequence[tuple[int, int, str]]) -> tuple[_Piece, ...]:
    pieces: list[_Piece] = []
    done = 0
    for left, right, style in marks:
        if left > done:
            pieces.append(("", line[done:left]))
        pieces.append((style, line[max(left, done) : right]))
        done = max(done, right)
    pieces.append(("", line[done:]))
    return tuple(piece for piece in pieces if piece[1])
