"""The line of the user's code at which a process is, or was when it ended."""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

__all__ = [
    "LOOK",
    "NOWHERE",
    "Whereabouts",
    "answer_without_gil",
    "before_dump",
    "here",
    "in_dump",
    "is_dump",
    "is_dump_line",
]

LOOK = getattr(signal, "SIGUSR2", None)
"""Asks for the stacks of all threads, whoever holds the GIL; None where a system has no such signal."""

_THREAD = re.compile(r"^(?:Current thread 0x|Thread 0x|Stack \(most recent call first\))", re.MULTILINE)
_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)
_DUMP = re.compile(
    r"^(?:Fatal Python error: |Stack of the exit: |(?:Current thread|Thread) 0x)", re.MULTILINE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Whereabouts:
    """Where a process is, or was when it ended."""

    at: str
    """The line of the user's code, such as `flows.py:7 in run`; empty where at none."""
    stack: str
    """Of the thread that is there, as faulthandler writes it."""


NOWHERE = Whereabouts(at="", stack="")


def answer_without_gil() -> None:
    """Have this process write its stacks to standard error when it crashes, or is sent `LOOK`.

    A descriptor of its own: the code may close or replace number 2.
    """
    errors = os.dup(2)
    faulthandler.enable(errors, all_threads=True)
    if LOOK is not None:
        faulthandler.register(LOOK, errors, all_threads=True)


def here(main: int | None, is_users: Callable[[str], bool]) -> Whereabouts:
    """Where this process is.

    Args:
        main: Its main thread, which is looked at first.
        is_users: Whether a file is the user's; given, since this process may be in the middle of an import.
    """
    frames = sys._current_frames()
    for thread in sorted(frames, key=lambda ident: ident != main):
        places = [(frame.f_code, frame.f_lineno) for frame in _outwards(frames[thread])]
        for code, line in places:
            if is_users(code.co_filename):
                return Whereabouts(
                    at=_shown(code.co_filename, line, code.co_name), stack="".join(map(_in_stack, places))
                )
    return NOWHERE


def is_dump(text: str) -> bool:
    """Whether faulthandler has written stacks into a text."""
    return _THREAD.search(text) is not None


def is_dump_line(line: bytes) -> bool:
    """Whether stacks begin with that line."""
    return _DUMP.match(line.decode(errors="replace")) is not None


def before_dump(text: str) -> str:
    """The part of a process's errors that faulthandler has not written."""
    found = _DUMP.search(text)
    return text if found is None else text[: found.start()]


def in_dump(text: str) -> Whereabouts:
    """Where a process was by what faulthandler wrote, the thread that ran first."""
    from replaykit.whose_code import is_users_path  # most children end in order, and need none of it

    starts = [match.start() for match in _THREAD.finditer(text)]
    stacks = [text[start:end] for start, end in zip(starts, [*starts, len(text)][1:], strict=True)]
    for stack in sorted(stacks, key=lambda stack: not stack.startswith("Current")):
        for file, line, function in _FRAME.findall(stack):
            if is_users_path(file):
                return Whereabouts(at=_shown(file, int(line), function), stack=stack)
    return NOWHERE


def _in_stack(place: tuple[CodeType, int]) -> str:
    code, line = place
    return f'  File "{code.co_filename}", line {line} in {code.co_name}\n'


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _shown(file: str, line: int, function: str) -> str:
    inside = file.startswith(f"{Path.cwd()}{os.sep}")
    return f"{os.path.relpath(file) if inside else file}:{line} in {function}"
