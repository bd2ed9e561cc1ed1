"""The one reader of Python source files: their text, their lines and their syntax trees, each read once."""

from __future__ import annotations

import ast
import os
import threading
import tokenize
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

__all__ = ["MAX_BYTES", "lines_of", "overlay_sources", "text_of", "tree_of"]

MAX_BYTES = 2_000_000
"""Larger files are generated, and are left out."""
_KEPT = 128
"""Files whose text and tree stay in memory."""

_parsing = threading.Lock()
_overlaid: dict[str, tuple[int, str]] = {}
"""By real path, texts that stand for files, each with the number of the call that brought it."""


def overlay_sources(texts: Mapping[str, str]) -> None:
    """Have texts stand for files from now on, in place of those of the last call.

    Args:
        texts: By real path.
    """
    count = 1 + max((count for count, _ in _overlaid.values()), default=0)
    _overlaid.clear()
    _overlaid.update({path: (count, text) for path, text in texts.items()})


def text_of(path: str | os.PathLike[str]) -> str | None:
    """The text of a source file, in the encoding that it declares (PEP 263), its line ends made `\\n`.

    Args:
        path: The file. It is read again once its time or size has changed.

    Returns:
        None where there is no such file, it is larger than `MAX_BYTES`, or it does not decode.
    """
    version = _version(path)
    return _text(*version) if version is not None else None


def lines_of(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """The lines of a source file as Python counts them, without their ends: the first is number 1.

    Args:
        path: The file, read as `text_of` does.

    Returns:
        An empty tuple where `text_of` has no text.
    """
    lines = (text_of(path) or "").split("\n")
    return tuple(lines if lines[-1] else lines[:-1])


def tree_of(path: str | os.PathLike[str]) -> ast.Module | None:
    """The syntax tree of a source file. All callers share it, so do not change it.

    Args:
        path: The file, read as `text_of` does.

    Returns:
        None where `text_of` has no text, or the text is no Python that this interpreter parses.
    """
    version = _version(path)
    return _tree(*version) if version is not None else None


def _version(path: str | os.PathLike[str]) -> tuple[str, int, int] | None:
    """A file with its time and size: what a kept text is good for."""
    if _overlaid and (found := _overlaid.get(os.path.realpath(path))) is not None:
        return os.fspath(path), -found[0], len(found[1])
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return (os.fspath(path), status.st_mtime_ns, status.st_size) if status.st_size <= MAX_BYTES else None


@lru_cache(maxsize=_KEPT)
def _text(path: str, mtime_ns: int, size: int) -> str | None:
    if mtime_ns < 0:
        return "\n".join(_overlaid[os.path.realpath(path)][1].splitlines())
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, ValueError):
        return None


@lru_cache(maxsize=_KEPT)
def _tree(path: str, mtime_ns: int, size: int) -> ast.Module | None:
    text = _text(path, mtime_ns, size)
    if text is None:
        return None
    # A warning of the parser, such as of "\d", is for whoever imports the file. The lock: two threads that
    # leave catch_warnings in another order than they entered it would leave the filters changed.
    with _parsing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text, filename=path)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
