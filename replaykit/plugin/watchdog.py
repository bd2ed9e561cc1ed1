"""Ends a pytest run that workflow code holds for ever, or would end in silence.

Replays run inside pytest's own process, where no thread can do anything while code holds the GIL. The timer
of faulthandler needs no GIL: it writes the stacks and ends the process, under pytest-xdist one worker, which
is replaced.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["STDERR", "keep_stderr", "watched"]

_INSTEAD = {0: 1, int(pytest.ExitCode.NO_TESTS_COLLECTED): 1}
"""Exit codes of the code under test that CI would read as green, or as a run of no tests."""
STDERR = pytest.StashKey[int]()
"""A descriptor of the real standard error: while a test runs, number 2 is pytest's capture."""


def keep_stderr(config: pytest.Config) -> None:
    """Keep the real standard error; pytest captures nothing yet."""
    try:
        config.stash[STDERR] = os.dup(2)
    except OSError:  # a process without one
        config.stash[STDERR] = os.open(os.devnull, os.O_WRONLY)
    config.add_cleanup(lambda: os.close(config.stash[STDERR]))


@contextmanager
def watched(config: pytest.Config, seconds: float) -> Iterator[None]:
    """End the run, with the stack and a non-zero exit code, where the block does not end or ends the process.

    What the block closes of pytest's own input and output is open again after it.

    Args:
        config: Of the run.
        seconds: How long the block may take.
    """
    from replaykit.processes.descriptors import descriptors_kept
    from replaykit.processes.exits import exits_shown

    errors = config.stash[STDERR]
    faulthandler.dump_traceback_later(seconds, exit=True, file=errors)
    try:
        with descriptors_kept(), exits_shown(errors, instead=_INSTEAD):
            yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        _rearm(config, errors)


def _rearm(config: pytest.Config, errors: int) -> None:
    """There is one such timer in a process: give pytest's own back, which ours has replaced."""
    seconds = float(_ini(config, "faulthandler_timeout") or 0)
    if seconds > 0:
        leave = bool(_ini(config, "faulthandler_exit_on_timeout"))
        faulthandler.dump_traceback_later(seconds, exit=leave, file=errors)


def _ini(config: pytest.Config, name: str) -> Any:
    try:
        return config.getini(name)
    except (KeyError, ValueError):  # an older pytest, or one without its faulthandler plugin
        return None
