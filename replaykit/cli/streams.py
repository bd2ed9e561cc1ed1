"""Standard output, as a command line meets it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

__all__ = ["reader_may_leave", "to_stderr"]


@contextlib.contextmanager
def reader_may_leave() -> Iterator[None]:
    """Let `| head` close the pipe: what is left unread is dropped in silence."""
    try:
        yield
    except (BrokenPipeError, SystemExit):  # rich turns the one into the other
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def to_stderr(output: bytes) -> None:
    """Show what workflow code prints: on standard error, so that standard output is the report alone."""
    sys.stderr.write(output.decode(errors="replace"))
    sys.stderr.flush()
