"""Temporal service -> History: connecting, listing, fetching, and an embedded service to try things on."""

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
from replaykit.capture.fetching import AT_ONCE, Progress, capture, fetch
from replaykit.capture.frontend import Frontend, retention_of
from replaykit.capture.runtime import quiet_runtime
from replaykit.capture.visibility import (
    Listing,
    VisibleRun,
    count_runs,
    list_runs,
    list_runs_of_types,
    quoted,
)

__all__ = [
    "AT_ONCE",
    "Connection",
    "EmbeddedService",
    "Endpoint",
    "Frontend",
    "Listing",
    "Progress",
    "VisibleRun",
    "capture",
    "connect",
    "count_runs",
    "embedded_service",
    "fetch",
    "find_temporal_binary",
    "find_test_server_binary",
    "list_runs",
    "list_runs_of_types",
    "quiet_runtime",
    "quoted",
    "resolve",
    "retention_of",
    "time_skipping_service",
]
