"""Where the code is while an activation runs: the line that a replay is stuck at, or that blocks a worker.

A worker fails a task that does not yield for two seconds (`[TMPRL1101]`). A replay that only takes long would
be green, so a thread looks where the code stands once an activation takes more than that.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TypeVar

from replaykit.code.user_code import Place, is_workflow_code, line_of
from replaykit.verdict import SourceLine

__all__ = ["LIMIT_S", "Blocked", "Watch"]

LIMIT_S = 2.0
"""A worker's own: its deadlock detector fails a task that takes longer."""
_FIRST_LOOK_S = 0.5
_PAUSE_S = 0.25
_DEBUGGERS = ("pydevd", "debugpy", "_pydevd_bundle")

_T = TypeVar("_T")
_clock = time.monotonic
_Seen = list[tuple[FrameType, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """An activation that took longer than a worker gives it, in one place."""

    seconds: float
    """How long it ran without a pause."""
    source: SourceLine
    """Where it stood."""


@dataclass(kw_only=True, slots=True)
class _Running:
    thread: int
    native: int
    began: float
    looks: list[_Seen] = field(default_factory=list)
    waited_s: float | None = None
    """Seconds that the thread had waited for a processor before the first look, where they are counted."""


class Watch:
    """Looks where one thread at a time is: a lane has one.

    Args:
        is_looking: Whether to look at long activations; where the thread is now is known in any case.
    """

    def __init__(self, *, is_looking: bool) -> None:
        self._is_closed = False
        self._is_looking = is_looking and not any(name in sys.modules for name in _DEBUGGERS)
        self._running: _Running | None = None
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def over(self, activate: Callable[[], _T]) -> tuple[_T, Blocked | None]:
        """Call something that runs workflow code in this thread, and whether it took too long."""
        self._begin()
        blocked = None
        try:
            result = activate()
        finally:
            blocked = self._end()
        return result, blocked

    def _begin(self) -> None:
        self._running = _Running(
            thread=threading.get_ident(), native=threading.get_native_id(), began=_clock()
        )
        if self._is_looking and self._thread is None:
            self._thread = threading.Thread(target=self._look, name="replaykit-watch", daemon=True)
            self._thread.start()
        self._wake.set()

    def _end(self) -> Blocked | None:
        running, self._running = self._running, None
        if running is None or not running.looks:
            return None
        seconds = _clock() - running.began - _waited_since(running)
        source = _stood_at(running.looks) if seconds >= LIMIT_S else None
        running.looks.clear()  # frames hold all that is in them
        return Blocked(seconds=seconds, source=source) if source is not None else None

    def runs_here(self) -> bool:
        """Whether an activation runs in the calling thread."""
        running = self._running
        return running is not None and running.thread == threading.get_ident()

    def close(self) -> None:
        """No activation comes any more."""
        self._is_closed = True
        self._wake.set()

    @property
    def thread(self) -> int | None:
        """The thread in which an activation runs; None where none does."""
        running = self._running
        return running.thread if running is not None else None

    def _look(self) -> None:
        while not self._is_closed:
            running = self._running
            if running is None:
                self._wake.clear()
                if self._running is None and not self._is_closed:
                    self._wake.wait()
                continue
            age = _clock() - running.began
            if age < _FIRST_LOOK_S:
                time.sleep(_FIRST_LOOK_S - age)
                continue
            if not running.looks:
                running.waited_s = _waited(running.native)
            frame = sys._current_frames().get(running.thread)
            if frame is not None and self._running is running:
                running.looks.append(_frames_of(frame))
            del frame, running
            time.sleep(_PAUSE_S)


def _frames_of(frame: FrameType | None) -> _Seen:
    """The user's frames of a stack, outermost first; empty while a module is being imported."""
    seen: _Seen = []
    while frame is not None:
        if "importlib" in frame.f_code.co_filename:
            return []
        if is_workflow_code(frame.f_code):
            seen.append((frame, frame.f_lineno))
        frame = frame.f_back
    return seen[::-1]


def _stood_at(looks: list[_Seen]) -> SourceLine | None:
    """The innermost call of the user's that was running at every look, and its line: the one seen most."""
    same: list[FrameType] = []
    for frames in zip(*looks, strict=False):
        if any(frame is not frames[0][0] for frame, _ in frames):
            break
        same.append(frames[0][0])
    if not same or len(looks) < 2:
        return None
    depth = len(same) - 1
    lines = [look[depth][1] for look in looks]
    place: Place = (same[-1].f_code, max(set(lines), key=lines.count))
    return line_of(place)


def _waited_since(running: _Running) -> float:
    """Seconds since the first look in which the thread was ready to run and no processor was free."""
    now = _waited(running.native)
    return 0.0 if now is None or running.waited_s is None else now - running.waited_s


def _waited(native: int) -> float | None:
    try:
        text = Path(f"/proc/self/task/{native}/schedstat").read_text()
    except (OSError, ValueError):
        return None
    return int(text.split()[1]) / 1e9
