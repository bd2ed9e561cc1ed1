"""`replaykit show` as users run it."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client

from replaykit.history import Store
from tests.conftest import RunReplaykit
from tests.history.builders import HistoryBuilder

GOLDEN = """\
workflow    OrderWorkflow
id          order-17
run         019b7c3a-1f00-7abc-8def-6279184bd1cf
status      COMPLETED
task queue  orders
namespace   shop
sdk         temporal-python 1.35.0
started     2026-01-02 03:04:05 UTC
events      11
duration    1 s

 1  0.000 s  WorkflowExecutionStarted OrderWorkflow
 2  0.100 s  WorkflowTaskScheduled
 3  0.200 s  WorkflowTaskStarted  <- 2
 4  0.300 s  WorkflowTaskCompleted  <- 2, 3
 5  0.400 s  ActivityTaskScheduled process_payment  <- 4
 6  0.500 s  ActivityTaskStarted  <- 5 process_payment
 7  0.600 s  ActivityTaskCompleted  <- 5 process_payment, 6
 8  0.700 s  WorkflowTaskScheduled
 9  0.800 s  WorkflowTaskStarted  <- 8
10  0.900 s  WorkflowTaskCompleted  <- 8, 9
11  1.000 s  WorkflowExecutionCompleted  <- 10
"""


@pytest.fixture
def fixture(tmp_path: Path) -> Path:
    """A fixture of a paid order, below `histories/` of the folder that commands run in."""
    builder = HistoryBuilder()
    builder.activity(builder.task(), "process_payment", "order-17", result="paid")
    builder.complete(builder.task())
    history = builder.history(status="COMPLETED", namespace="shop", task_queue="orders")
    return Store(tmp_path / "histories").save(history).path


def test_a_fixture(fixture: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("show", str(fixture))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == GOLDEN


def test_standard_input(fixture: Path, tmp_path: Path, clean_environ: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "replaykit", "show", "-"],
        cwd=tmp_path,
        env=clean_environ,
        input=fixture.read_bytes(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == GOLDEN


@pytest.mark.exhaustive
def test_colours_where_asked_for_say_the_same(fixture: Path, run_replaykit: RunReplaykit) -> None:
    from rich.text import Text

    done = run_replaykit("show", str(fixture), FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b[" in done.stdout
    assert Text.from_ansi(done.stdout).plain.rstrip("\n") == GOLDEN.rstrip("\n")
    without = run_replaykit("show", str(fixture), FORCE_COLOR="1", NO_COLOR="1", TERM="xterm-256color")
    assert "\x1b[32m" in done.stdout
    assert "\x1b[32m" not in without.stdout


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_a_workflow_of_the_service_by_its_id(
    client: Client, dev_server: str, tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    workflow_id = f"shown-{uuid.uuid4()}"
    handle = await client.start_workflow("NobodyRunsThis", id=workflow_id, task_queue="show")
    await handle.signal("nudge")
    await handle.terminate(reason="seen enough")
    done = run_replaykit("show", workflow_id, "--address", dev_server)
    assert done.returncode == 0, done.stderr
    assert f"id          {workflow_id}\n" in done.stdout
    assert "status      TERMINATED\n" in done.stdout
    assert "WorkflowExecutionSignaled nudge\n" in done.stdout
    assert "WorkflowExecutionTerminated: seen enough\n" in done.stdout
    assert is_empty(tmp_path)
    by_run = run_replaykit(
        "show", workflow_id, "--run-id", str(handle.first_execution_run_id), "--address", dev_server
    )
    assert by_run.stdout == done.stdout


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


def test_an_unknown_workflow(dev_server: str, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("show", "no-such-order", "--address", dev_server)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no-such-order" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_not_asked_of_a_service(run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("show", "histories/gone.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "histories/gone.json: there is no such file" in done.stderr


@pytest.mark.exhaustive
def test_a_folder_names_its_fixtures(fixture: Path, tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("show", "histories")
    assert done.returncode == 2
    assert "this is a folder" in done.stderr
    assert fixture.relative_to(tmp_path).name in done.stderr


def test_not_a_history(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    (tmp_path / "package.json").write_text('{"name": "web"}')
    done = run_replaykit("show", "package.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "package.json" in done.stderr


@pytest.mark.exhaustive
def test_a_run_goes_with_a_workflow_id(fixture: Path, run_replaykit: RunReplaykit) -> None:
    done = run_replaykit("show", str(fixture), "--run-id", "x")
    assert done.returncode == 2
    assert "--run-id goes with a workflow id" in done.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.thinned(2)
def test_a_closed_pipe_is_no_error(tmp_path: Path, clean_environ: dict[str, str], colour: bool) -> None:
    builder = HistoryBuilder()
    for _ in range(3000):
        builder.task()
    path = Store(tmp_path).save(builder.history()).path
    process = subprocess.Popen(
        [sys.executable, "-m", "replaykit", "show", str(path)],
        env={**clean_environ, **({"FORCE_COLOR": "1"} if colour else {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert "workflow" in process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 0
    process.stderr.close()


def test_a_pipe_that_does_not_know_the_characters(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    builder = HistoryBuilder(workflowId="bestellung-ü")
    builder.task()
    path = Store(tmp_path).save(builder.history(workflow_id="bestellung-ü")).path
    done = run_replaykit("show", str(path), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "bestellung-\\xfc" in done.stdout


def test_a_history_does_not_speak_to_the_terminal(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    builder = HistoryBuilder()
    builder.add("WorkflowExecutionSignaled", signalName="\x1b]0;owned\x07")
    path = Store(tmp_path).save(builder.history()).path
    done = run_replaykit("show", str(path))
    assert done.returncode == 0, done.stderr
    assert r"\x1b]0;owned\x07" in done.stdout
    assert "\x1b" not in done.stdout
