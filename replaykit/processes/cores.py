"""How many processes of ours can run at once."""

from __future__ import annotations

import math
import os
from pathlib import Path

__all__ = ["usable_cores"]

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota: Path = _QUOTA) -> int:
    """How many cores this process may use: of those it is bound to, as many as its container is given.

    Args:
        quota: The file in which Linux has the share of a container: microseconds of CPU, and of what time.
    """
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows bind no process to cores
        cores = os.cpu_count() or 1
    try:
        share, period = quota.read_text(encoding="ascii").split()
        cores = min(cores, math.ceil(int(share) / int(period)))
    except (OSError, ValueError, ZeroDivisionError):  # no container, or one without a limit: `max`
        pass
    return max(1, cores)
