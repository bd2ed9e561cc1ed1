"""What a command that takes long shows meanwhile: one line on standard error, where that is a terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from replaykit.visible import visible

if TYPE_CHECKING:
    from rich.status import Status

__all__ = ["ExploringLine", "has_progress"]


def has_progress() -> bool:
    """Whether somebody sees progress: on a terminal, and not in a CI service, which keeps every line."""
    return sys.stderr.isatty() and not os.environ.get("CI")


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
