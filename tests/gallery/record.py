"""Run the gallery on real services and write its fixtures: `python -m tests.gallery.record`.

May be run again at any time. A Scenario's new fixtures are written before its older ones go, and no other
file is touched.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import click
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from replaykit.capture import capture, embedded_service, time_skipping_service
from replaykit.history import History, Store
from tests.gallery.catalogue import all_scenarios, workers_of
from tests.gallery.portable import PORTABLE_CONVERTER
from tests.gallery.scenario import Scenario, Server, Stage, WorkerSetup

_SERVICES = {Server.DEV: embedded_service, Server.TIME_SKIPPING: time_skipping_service}
_AT_ONCE = {Server.DEV: 16, Server.TIME_SKIPPING: 1}
"""Scenarios side by side. Skipped time is skipped for all workflows of a server."""
_IDENTITY = "gallery"
"""In the place of process id and host name, which events would carry."""
_DEADLINE_S = 60
_RUN_SUFFIX = re.compile(r"--[0-9a-f]{12}\.json(\.gz)?")


async def record(scenarios: Sequence[Scenario]) -> dict[str, BaseException]:
    """Play every Scenario and write its fixtures, a line for each.

    Returns:
        What went wrong, by Scenario name; the fixtures of these are as they were.
    """
    by_server = {server: tuple(each for each in scenarios if each.server is server) for server in Server}
    results = await asyncio.gather(
        *(_record_on(server, chosen) for server, chosen in by_server.items() if chosen)
    )
    return {name: failure for result in results for name, failure in result.items()}


async def _record_on(server: Server, scenarios: tuple[Scenario, ...]) -> dict[str, BaseException]:
    places = asyncio.Semaphore(_AT_ONCE[server])

    async def record_one(scenario: Scenario) -> None:
        async with places:
            await asyncio.wait_for(_record_scenario(client, scenario), _DEADLINE_S)

    async with _SERVICES[server](data_converter=PORTABLE_CONVERTER) as service:
        client = service.client
        client.service_client.config.identity = _IDENTITY
        async with _running(client, workers_of(scenarios).values()):
            results = await asyncio.gather(*map(record_one, scenarios), return_exceptions=True)
    return {
        scenario.name: result
        for scenario, result in zip(scenarios, results, strict=True)
        if result is not None
    }


@asynccontextmanager
async def _running(client: Client, setups: Iterable[WorkerSetup]) -> AsyncIterator[None]:
    async with AsyncExitStack() as workers:
        for setup in setups:
            if setup.prepare:
                await setup.prepare(client)
            await workers.enter_async_context(_worker(client, setup))
        yield


def _worker(client: Client, setup: WorkerSetup) -> Worker:
    return Worker(
        client,
        task_queue=setup.task_queue,
        workflows=setup.workflows,
        activities=setup.activities,
        nexus_service_handlers=[service() for service in setup.nexus_services],
        identity=_IDENTITY,
        workflow_runner=SandboxedWorkflowRunner() if setup.sandboxed else UnsandboxedWorkflowRunner(),
        **setup.options(),
    )


async def _record_scenario(client: Client, scenario: Scenario) -> None:
    run_ids = await _play(client, scenario)
    histories = [await capture(client, scenario.name, run_id=run_id) for run_id in run_ids]
    for workflow_id in scenario.also:
        await _failure_of(client.get_workflow_handle(workflow_id))
        histories.append(await capture(client, workflow_id))
    recorded = {EventType.Name(event.event_type) for history in histories for event in history.events}
    if missing := {f"EVENT_TYPE_{name}" for name in scenario.shows} - recorded:
        raise RuntimeError(f"it recorded no {', '.join(sorted(missing))}")
    for path in write_fixtures(scenario, histories):
        click.echo(f"{scenario.name}: {path.relative_to(scenario.folder.parent)}")


async def _play(client: Client, scenario: Scenario) -> list[str]:
    """Start and drive the workflow.

    Returns:
        The ids of its runs.
    """
    handle = await client.start_workflow(
        scenario.workflow_type,
        args=scenario.args,
        id=scenario.name,
        task_queue=scenario.task_queue,
        **scenario.start,
    )
    await scenario.drive(Stage(client, handle, scenario.task_queue))
    failure = None if scenario.status == "RUNNING" else await _failure_of(handle)
    latest = await client.get_workflow_handle(scenario.name).describe()
    status = latest.status.name if latest.status else None
    if status != scenario.status:
        raise RuntimeError(f"expected it to be {scenario.status}, but it is {status}: {failure!r}")
    return [latest.run_id] if scenario.runs == 1 else await _all_run_ids(client, scenario)


async def _failure_of(handle: WorkflowHandle[Any, Any]) -> BaseException | None:
    """Wait for the end; None where it is a good one."""
    try:
        await handle.result()
    except WorkflowFailureError as error:
        return error.cause
    return None


async def _all_run_ids(client: Client, scenario: Scenario) -> list[str]:
    """Every run of the workflow id; the service lists a run a moment after it began."""
    while True:
        run_ids = [run.run_id async for run in client.list_workflows(f"WorkflowId = '{scenario.name}'")]
        if len(run_ids) >= scenario.runs:
            return run_ids
        await asyncio.sleep(0.1)


def write_fixtures(scenario: Scenario, histories: Sequence[History]) -> list[Path]:
    """Write the fixtures of a Scenario, then remove those of its earlier recordings."""
    store = Store(scenario.folder)
    written = [store.save(history).path for history in histories]
    for workflow_id in scenario.workflow_ids:
        for path in scenario.folder.glob(f"*/{workflow_id}--*"):
            if path not in written and _RUN_SUFFIX.fullmatch(path.name.removeprefix(workflow_id)):
                path.unlink()
    return written


def _chosen(names: Sequence[str]) -> tuple[Scenario, ...]:
    scenarios = {scenario.name: scenario for scenario in all_scenarios()}
    if unknown := sorted(set(names) - set(scenarios)):
        raise click.UsageError(
            f"no scenario is named {', '.join(unknown)}. There is: {', '.join(scenarios)}."
        )
    return tuple(scenarios[name] for name in names) if names else tuple(scenarios.values())


@click.command()
@click.option("--only", "names", metavar="NAME", multiple=True, help="A scenario; repeatable.")
def main(names: tuple[str, ...]) -> None:
    """Run the gallery on the embedded service and write its fixtures."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)  # failing activities are part of the show
    failures = asyncio.run(record(_chosen(names)))
    for name, failure in failures.items():
        click.secho(f"{name}: {type(failure).__name__}: {failure}", err=True, fg="red")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if failures else 0)  # the SDK's threads can abort a process that tears down under them


if __name__ == "__main__":
    main()
