"""What a command that takes long shows meanwhile, on standard error, where that is a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from replaykit.cli.streams import obeyed
from replaykit.visible import visible

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.status import Status

    from replaykit.verdict import Verdict

__all__ = ["ExploringLine", "has_progress", "noting", "pace", "replaying"]

_SOON_S = 1.0
"""What takes less shows no bar."""
_MOST_FAILED = 20
"""Histories that fail shown above the bar; the report has them all."""


def has_progress() -> bool:
    """Whether somebody sees progress: on a terminal, and not in a CI service, which keeps every line."""
    return sys.stderr.isatty() and not os.environ.get("CI")


@contextmanager
def noting() -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is done now, where somebody sees it."""
    if not has_progress():
        yield lambda note: None
        return
    yield lambda note: obeyed(f"\r\033[K{visible(note)} ...", err=True, nl=False)
    obeyed("\r\033[K", err=True, nl=False)


@contextmanager
def replaying(total: int) -> Iterator[Callable[[Verdict], None]]:
    """What a replay shows on the terminal's standard error, once it takes over a second: a bar, and above it
    each history that fails. Nothing where that is no terminal, or for one history.

    Args:
        total: How many histories.
    """
    if total < 2 or not has_progress():
        yield lambda verdict: None
        return
    bar = _ReplayingBar(total)
    soon = threading.Timer(_SOON_S, bar.show)
    soon.daemon = True
    soon.start()
    try:
        yield bar.note
    finally:
        soon.cancel()
        bar.hide()


class _ReplayingBar:
    """A bar that is not shown at once; the timer that shows it is another thread."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._failed: list[Verdict] = []
        self._first_at: float | None = None
        """When the first one was judged: what came before is the start of a process."""
        self._changing = threading.Lock()
        self._progress: Progress | None = None
        self._is_over = False

    def show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn())
        progress = Progress(
            *columns, TextColumn("{task.description}"), console=Console(stderr=True), transient=True
        )
        with self._changing:
            if self._is_over:
                return
            self._progress = progress
            progress.add_task(self._pace(), total=self._total, completed=self._done)
            progress.start()
            for verdict in self._failed[:_MOST_FAILED]:
                self._print(progress, verdict)

    def note(self, verdict: Verdict) -> None:
        with self._changing:
            if self._first_at is None:
                self._first_at = time.monotonic()
            self._done += 1
            if not verdict.is_consistent:
                self._failed.append(verdict)
            if self._progress is None:
                return
            if not verdict.is_consistent and len(self._failed) <= _MOST_FAILED:
                self._print(self._progress, verdict)
            self._progress.update(self._progress.task_ids[0], completed=self._done, description=self._pace())

    def hide(self) -> None:
        with self._changing:
            self._is_over = True
            if self._progress is not None:
                self._progress.stop()

    def _pace(self) -> str:
        if self._first_at is None:
            return ""
        return pace(self._done - 1, self._total - 1, time.monotonic() - self._first_at)

    @staticmethod
    def _print(progress: Progress, verdict: Verdict) -> None:
        from rich.text import Text

        from replaykit.report.verdict_rows import COLOURS, headline

        line = (visible(f"{verdict.history}: "), (headline(verdict), f"bold {COLOURS[verdict.outcome]}"))
        progress.console.print(Text.assemble(*line))


def pace(done: int, total: int, seconds: float) -> str:
    """How fast a replay is, and how much of its time is left, in words; nothing where nobody knows.

    Args:
        done: How many histories are judged.
        total: How many there are.
        seconds: For how long.
    """
    if not done or seconds <= 0:
        return ""
    rate = done / seconds
    each = f"{rate:.0f} histories/s" if rate >= 1 else f"{1 / rate:.0f} s/history"
    return f"{each}, {(total - done) / rate:.0f} s left"


class ExploringLine:
    """What is explored, how far that is, and how much of the time is left.

    It is taken away before anything is printed, and comes back with the next news.

    Args:
        seconds: How long to look, over all workflows.
        scenarios: At most so many of each workflow; None for as many as the time allows.
    """

    def __init__(self, *, seconds: float, scenarios: int | None) -> None:
        self._seconds = seconds
        self._scenarios = scenarios
        self._began: float | None = None
        self._status: Status | None = None

    def show(self, name: str, scenarios: int) -> None:
        """Show how far one workflow or recorded run is."""
        if not has_progress():
            return
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        from rich.console import Console
        from rich.status import Status
        from rich.text import Text

        line = Text(self.text(name, scenarios, now - self._began))
        if self._status is None:
            self._status = Status(line, console=Console(stderr=True))
            self._status.start()
        else:
            self._status.update(line)

    def hide(self) -> None:
        """Take it away."""
        status, self._status = self._status, None
        if status is not None:
            status.stop()

    def text(self, name: str, scenarios: int, passed: float) -> str:
        """The line, after so many seconds."""
        most = self._scenarios
        of_most = f" of {most}" if most is not None and scenarios <= most else ""
        left = max(0.0, self._seconds - passed)
        return f"exploring {visible(name)}: {scenarios}{of_most} scenarios, {left:.0f} s left at most"
