"""Processes of the example project, none of which outlives the demo."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

__all__ = ["running"]


@contextmanager
def running(
    arguments: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    output: int | None = None,
    errors: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this Python, killed at the end of the block where it is still there.

    Args:
        arguments: What follows `python`.
        folder: Where it runs.
        environ: Its environment; this process's own by default.
        output: Where it writes to, as `subprocess` means it; the same places as this process by default.
        errors: Where its standard error goes, if elsewhere.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        with _interrupted_afterwards():
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output if errors is None else errors,
            )
        yield process
    finally:
        if process is not None:
            process.kill()
            process.wait()


@contextmanager
def _interrupted_afterwards() -> Iterator[None]:
    """Keep Ctrl-C back until the block has ended: inside, nobody would have a handle on the new process."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: caught.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if caught:
            handler(*caught[0])
