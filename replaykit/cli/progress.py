"""What a command that takes long shows meanwhile: one line on standard error, where that is a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from replaykit.cli.streams import obeyed
from replaykit.visible import visible

if TYPE_CHECKING:
    from rich.status import Status

    from replaykit.verdict import Verdict

__all__ = ["ExploringLine", "has_progress", "noting", "replaying"]


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
    """A bar on the terminal's standard error; nothing where that is no terminal, or for one history.

    Args:
        total: How many histories.
    """
    if total < 2 or not has_progress():
        yield lambda verdict: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda verdict: progress.update(
            task, advance=1, description=visible(verdict.workflow_type or "")
        )


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
