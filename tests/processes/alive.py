"""Whether a process is there."""

from __future__ import annotations

import os
import time

__all__ = ["is_gone"]


def is_gone(pid: int, *, within_s: float = 30) -> bool:
    """Whether a process ends within a time; one that is still to be waited for is gone, too."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if _is_zombie(pid):
            return True
        time.sleep(0.05)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
