"""The SDK runtime that capture uses: Core keeps quiet.

By default Core logs to standard output, with colour codes, where the lines of `replaykit capture` go.
"""

from __future__ import annotations

from functools import cache

from temporalio.runtime import Runtime, TelemetryConfig

__all__ = ["quiet_runtime"]


@cache
def quiet_runtime() -> Runtime:
    """A runtime without logging, one per process.

    It is handed to clients and never made the SDK's default, which belongs to the user's code.
    """
    return Runtime(telemetry=TelemetryConfig(logging=None))
