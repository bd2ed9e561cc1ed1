"""Temporal service -> History: connecting, fetching, and a service of one's own to try things on."""

from __future__ import annotations

from replaykit.capture.connecting import connect
from replaykit.capture.connection import Connection, Endpoint, resolve
from replaykit.capture.embedded import (
    EmbeddedService,
    embedded_service,
    find_temporal_binary,
    find_test_server_binary,
    time_skipping_service,
)
from replaykit.capture.fetching import Progress, capture
from replaykit.capture.runtime import quiet_runtime

__all__ = [
    "Connection",
    "EmbeddedService",
    "Endpoint",
    "Progress",
    "capture",
    "connect",
    "embedded_service",
    "find_temporal_binary",
    "find_test_server_binary",
    "quiet_runtime",
    "resolve",
    "time_skipping_service",
]
