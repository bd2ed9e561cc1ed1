"""What came of one replay: made once, and handed to all that judge it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from replaykit.code.user_code import relative_to
from replaykit.history import History
from replaykit.replay.align import Alignment, align
from replaykit.replay.recorder import Recording
from replaykit.verdict import InterceptorLine, SourceLine
from replaykit.whose_code import is_user_code

__all__ = ["Replayed", "at", "line_in", "via"]

_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>.+?)\s*$', re.MULTILINE)


@dataclass(kw_only=True)
class Replayed:
    """One replay: what the SDK answered, what the code asked for, and how that fits what was recorded."""

    history: History
    failure: Exception | None
    """`WorkflowReplayResult.replay_failure`."""
    recording: Recording
    root: Path
    """The project."""

    @cached_property
    def alignment(self) -> Alignment:
        """Of the History's events and the code's commands. Most replays never need it."""
        return align(self.history.events, self.recording.commands)

    def line(self, source: SourceLine | None) -> SourceLine | None:
        """A line as a Verdict names it: its file relative to the project where it lies inside it."""
        return relative_to(source, self.root)

    def line_in(self, stack: str, *, innermost_first: bool = False) -> SourceLine | None:
        """The innermost line of the user's code in a Python stack trace, as a Verdict names it."""
        return line_in(stack, self.root, innermost_first=innermost_first)


def line_in(stack: str, root: Path, *, innermost_first: bool = False) -> SourceLine | None:
    """The innermost line of the user's code in a Python stack trace, its file relative to the project.

    Never a frame of temporalio, of replaykit, of the standard library or of an installed package.
    """
    frames = [match.groupdict() for match in _FRAME.finditer(stack)]
    for frame in frames if innermost_first else reversed(frames):
        if is_user_code(frame["file"]):
            found = SourceLine(
                file=frame["file"], line=int(frame["line"]), function=frame["function"].split(".")[-1]
            )
            return relative_to(found, root)
    return None


def at(source: SourceLine | None) -> str:
    """A line as a part of a sentence; empty for none."""
    return f" at {source.file}:{source.line} in {source.function}" if source else ""


def via(interceptor: InterceptorLine | None) -> str:
    """An interceptor as a part of a sentence; empty for none."""
    if interceptor is None:
        return ""
    how = "asked for by" if interceptor.asked else "through"
    return f", {how} interceptor {interceptor.file}:{interceptor.line} in {interceptor.function}"
