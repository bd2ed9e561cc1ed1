"""The SDK runtime that capture uses: Core keeps quiet.

By default Core logs to standard output, with colour codes, where the lines of `replaykit capture` go.
"""

from __future__ import annotations

import atexit
import time
from functools import cache

from temporalio.runtime import Runtime, TelemetryConfig

__all__ = ["quiet_runtime"]


@cache
def quiet_runtime() -> Runtime:
    """A runtime without logging, one per process.

    It is handed to clients and never made the SDK's default, which belongs to the user's code.
    """
    # A thread of Core that is caught in Python aborts the interpreter's end, after all work was done.
    atexit.register(time.sleep, 0.1)
    return Runtime(telemetry=TelemetryConfig(logging=None))
