"""`replaykit capture` as users run it: a process of its own against a real service."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.worker import Worker

from replaykit.history import read_history
from tests.capture.fake_frontend import refusing_frontend, stalling_proxy
from tests.capture.sample_workflows import CounterWorkflow, GreetingWorkflow, greet
from tests.conftest import RunReplaykit, free_port

QUEUE = "cli-capture"


@pytest_asyncio.fixture
async def worker(client: Client) -> AsyncIterator[Worker]:
    workflows = [GreetingWorkflow, CounterWorkflow]
    async with Worker(client, task_queue=QUEUE, workflows=workflows, activities=[greet]) as running:
        yield running


async def greeted(client: Client) -> str:
    """Id of a workflow that has run to its end."""
    workflow_id = f"greeting-{uuid.uuid4()}"
    await client.execute_workflow(GreetingWorkflow.run, "Ada", id=workflow_id, task_queue=QUEUE)
    return workflow_id


def fixtures(folder: Path) -> list[Path]:
    """Every file below a folder, also those that no fixture is named like."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def run(
    run_replaykit: RunReplaykit, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """In a thread, so that the worker of the test goes on."""
    return await asyncio.to_thread(run_replaykit, "capture", *arguments, **variables)


def start_replaykit(*arguments: str, cwd: Path, environ: dict[str, str]) -> subprocess.Popen[str]:
    """`replaykit ARGUMENT...`, not waited for."""
    return subprocess.Popen(
        [sys.executable, "-m", "replaykit", *arguments],
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.asyncio
async def test_closed_workflow(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    workflow_id = await greeted(client)
    result = await run(run_replaykit, workflow_id, "--address", dev_server)
    assert (result.returncode, result.stderr) == (0, "")
    [fixture] = fixtures(tmp_path)
    assert result.stdout == f"{fixture.relative_to(tmp_path)}  11 events  COMPLETED  written\n"
    assert fixture.parent == tmp_path / "histories" / "GreetingWorkflow"
    written = json.loads(fixture.read_bytes())["replaykit"]
    assert written["workflowId"] == workflow_id
    assert (written["source"], written["namespace"], written["taskQueue"]) == ("service", "default", QUEUE)
    assert fixture.name == f"{workflow_id}--{written['runId'][-12:]}.json"


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_capturing_again_changes_nothing(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    workflow_id = await greeted(client)
    await run(run_replaykit, workflow_id, "--address", dev_server)
    [fixture] = fixtures(tmp_path)
    before = fixture.read_bytes()
    result = await run(run_replaykit, workflow_id, "--address", dev_server)
    assert (result.returncode, result.stdout.split("  ")[-1]) == (0, "unchanged\n")
    assert fixtures(tmp_path) == [fixture]
    assert fixture.read_bytes() == before


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_running_workflow_that_has_gone_on(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    workflow_id = f"counter-{uuid.uuid4()}"
    handle = await client.start_workflow(CounterWorkflow.run, id=workflow_id, task_queue=QUEUE)
    await handle.execute_update(CounterWorkflow.settled)
    result = await run(run_replaykit, workflow_id, "--address", dev_server)
    assert result.stdout.endswith("RUNNING  written\n")
    assert result.stderr == ""
    [fixture] = fixtures(tmp_path)
    short = read_history(fixture)
    await handle.signal(CounterWorkflow.stop)
    await handle.result()
    result = await run(run_replaykit, workflow_id, "--address", dev_server)
    assert (result.stdout.split("  ", 2)[-1], result.stderr) == ("COMPLETED  updated\n", "")
    assert fixtures(tmp_path) == [fixture]
    grown = read_history(fixture)
    assert grown.events[: len(short.events)] == short.events
    assert len(grown.events) > len(short.events)


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_workflow_that_has_asked_for_nothing(
    client: Client, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    workflow_id = f"counter-{uuid.uuid4()}"
    await client.start_workflow(CounterWorkflow.run, id=workflow_id, task_queue="nobody")
    result = await run(run_replaykit, workflow_id, "--address", dev_server)
    assert (result.returncode, len(fixtures(tmp_path))) == (0, 1)
    assert result.stdout.endswith("2 events  RUNNING  written\n")
    assert (
        f"Note: {workflow_id} has asked for nothing, so a replay would compare nothing. Capture it again"
        in result.stderr
    )


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_what_succeeded_is_kept_beside_a_failure(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    first, last = await greeted(client), await greeted(client)
    result = await run(run_replaykit, first, "no-such-id", last, "--address", dev_server, "--out", "kept")
    assert result.returncode == 2
    assert [line.split("  ")[-1] for line in result.stdout.splitlines()] == ["written", "written"]
    assert len(fixtures(tmp_path / "kept")) == 2
    assert result.stderr.startswith("Error: workflow 'no-such-id' in namespace 'default'")
    assert result.stderr.endswith("2 of 3 workflows captured.\n")


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_unknown_workflow_names_near_ids(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    workflow_id = await greeted(client)
    for _ in range(50):  # visibility follows with a delay
        if [found async for found in client.list_workflows(f"WorkflowId = '{workflow_id}'")]:
            break
        await asyncio.sleep(0.1)
    result = await run(run_replaykit, workflow_id + "0", "--address", dev_server)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"Did you mean {workflow_id}" in result.stderr
    assert fixtures(tmp_path) == []


@pytest.mark.exhaustive
def test_unknown_namespace(dev_server: str, run_replaykit: RunReplaykit) -> None:
    result = run_replaykit("capture", "order-1", "--address", dev_server, "-n", "shop")
    assert (result.returncode, result.stdout) == (2, "")
    assert "no namespace 'shop'. Namespaces that exist: default" in result.stderr


def test_nobody_listens(run_replaykit: RunReplaykit) -> None:
    address = f"127.0.0.1:{free_port()}"
    result = run_replaykit("capture", "order-1", "--address", address)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: Temporal service at {address}: nothing listens there")
    assert "Traceback" not in result.stderr


@pytest.mark.exhaustive
def test_permission_denied(run_replaykit: RunReplaykit) -> None:
    with refusing_frontend(7, "Request unauthorized.") as address:
        result = run_replaykit("capture", "order-1", "--address", address)
    assert (result.returncode, result.stdout) == (2, "")
    assert "permission denied (Request unauthorized.)" in result.stderr


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_options_beat_environment_beats_profile(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    file = tmp_path / "temporal.toml"
    file.write_text(f'[profile.here]\naddress = "{dev_server}"\n[profile.default]\naddress = "{nobody}"\n')
    workflow_id = await greeted(client)
    profile = {"TEMPORAL_CONFIG_FILE": str(file), "TEMPORAL_PROFILE": "here"}
    outcomes = [
        await run(run_replaykit, workflow_id, **profile),
        await run(run_replaykit, workflow_id, "--config-file", str(file), "--profile", "here"),
        await run(run_replaykit, workflow_id, **profile, TEMPORAL_ADDRESS=nobody),
        await run(run_replaykit, workflow_id, "--address", dev_server, **profile, TEMPORAL_ADDRESS=nobody),
    ]
    assert [outcome.returncode for outcome in outcomes] == [0, 0, 2, 0]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'WORKFLOW_ID...'"),
        (("a", "b", "--run-id", "r"), "--run-id goes with one workflow id"),
        (("a", "--client-connect-timeout", "soon"), "'soon' is not a duration such as 10s or 1m30s"),
        (("a", "--grpc-meta", "novalue"), "'--grpc-meta': a value is not of the form KEY=VALUE"),
        (
            ("a", "--tls-cert-path", "nowhere.pem", "--tls-key-data", "k"),
            "nowhere.pem: the client certificate",
        ),
        (("a", "--tls-cert-data", "c"), "Give --tls-key-path too"),
        (("a", "--tls-disable-host-verification"), "always verifies the host name"),
        (("a", "--address", "https://a.example:7233"), "Leave the scheme out"),
        (("a", "--profile", "nobody"), "Profile 'nobody' not found"),
    ],
)
@pytest.mark.thinned(4)
def test_bad_usage_is_exit_code_2(
    run_replaykit: RunReplaykit, arguments: tuple[str, ...], message: str
) -> None:
    result = run_replaykit("capture", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_fixtures_go_where_the_configuration_names(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.replaykit]\nhistories = ["tests/replays", "old"]\n')
    below = tmp_path / "src"
    below.mkdir()
    workflow_id = await greeted(client)
    result = await asyncio.to_thread(
        run_replaykit, "capture", workflow_id, "--address", dev_server, cwd=below
    )
    assert result.returncode == 0
    assert len(fixtures(tmp_path / "tests" / "replays")) == 1


@pytest.mark.asyncio
async def test_one_run_of_a_workflow(
    client: Client, worker: Worker, dev_server: str, run_replaykit: RunReplaykit, tmp_path: Path
) -> None:
    workflow_id = await greeted(client)
    first = (await client.get_workflow_handle(workflow_id).describe()).run_id
    await client.execute_workflow(GreetingWorkflow.run, "Bo", id=workflow_id, task_queue=QUEUE)
    result = await run(run_replaykit, workflow_id, "--run-id", first, "--address", dev_server)
    assert result.returncode == 0
    [fixture] = fixtures(tmp_path)
    assert read_history(fixture).run_id == first


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.asyncio
async def test_interrupted_in_the_middle_of_a_history(
    client: Client, worker: Worker, dev_server: str, clean_environ: dict[str, str], tmp_path: Path
) -> None:
    done, long = await greeted(client), f"counter-{uuid.uuid4()}"
    handle = await client.start_workflow(CounterWorkflow.run, id=long, task_queue=QUEUE)
    for _ in range(20):
        await handle.signal(CounterWorkflow.add, os.urandom(25_000).hex())
    with stalling_proxy(dev_server, after_bytes=100_000) as proxy:
        arguments = ("capture", done, long, "--address", proxy.address)
        process = start_replaykit(*arguments, cwd=tmp_path, environ=clean_environ)
        try:
            assert await asyncio.to_thread(proxy.stalled.wait, 60)
            process.send_signal(signal.SIGINT)
            output, errors = await asyncio.to_thread(process.communicate, timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert output.endswith("COMPLETED  written\n")
    assert errors.strip().endswith("Interrupted.")
    assert "Traceback" not in errors
    [fixture] = fixtures(tmp_path)
    assert read_history(fixture).workflow_id == done
