"""Standard output, as a command line meets it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

__all__ = ["reader_may_leave", "stdout_kept_clean"]


@contextlib.contextmanager
def reader_may_leave() -> Iterator[None]:
    """Let `| head` close the pipe: what is left unread is dropped in silence."""
    try:
        yield
    except (BrokenPipeError, SystemExit):  # rich turns the one into the other
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def stdout_kept_clean(wanted: bool) -> Iterator[None]:
    """Send what workflow code prints to standard error, so that standard output is the report alone."""
    if not wanted:
        yield
        return
    with contextlib.redirect_stdout(sys.stderr):
        yield
