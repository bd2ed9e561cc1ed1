"""Run the workflows of the agent frameworks on a real service and write their fixtures.

`python -m tests.agents.record [FRAMEWORK]...`, with the extra `agents`; may be run again at any time.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import click
from temporalio.client import Client
from temporalio.worker import Worker

from replaykit.capture import capture, embedded_service
from replaykit.history import Store
from tests.agents.frameworks import FRAMEWORKS, HISTORIES, Framework
from tests.gallery.portable import PORTABLE_CONVERTER

_IDENTITY = "agents"
"""In the place of process id and host name, which events would carry."""


async def record(frameworks: tuple[Framework, ...], folder: Path) -> None:
    """Write the fixture of each framework again, a line for each."""
    async with embedded_service() as service:
        service.client.service_client.config.identity = _IDENTITY
        for framework in frameworks:
            await asyncio.wait_for(_record_one(service.client, framework, folder), 60)


async def _record_one(connected: Client, framework: Framework, folder: Path) -> None:
    module = framework.load()
    plugin = module.PLUGIN() if isinstance(module.PLUGIN, type) else module.PLUGIN
    client = Client(
        connected.service_client,
        namespace=connected.namespace,
        data_converter=PORTABLE_CONVERTER,
        plugins=[plugin],
    )
    async with Worker(
        client,
        task_queue=framework.name,
        workflows=[getattr(module, framework.workflow)],
        activities=module.ACTIVITIES,
        identity=_IDENTITY,
    ):
        workflow_id = f"agent-{framework.name}"
        handle = await client.start_workflow(
            framework.workflow, "How is the weather in Oslo?", id=workflow_id, task_queue=framework.name
        )
        answer = await handle.result()
        if not answer.startswith("It is sunny"):
            raise RuntimeError(f"{framework.name}: the agent answered {answer!r}")
        history = await capture(client, workflow_id)
        written = Store(folder).save(history).path
        for path in written.parent.glob(f"{workflow_id}--*"):
            if path != written:
                path.unlink()
        click.echo(written.relative_to(folder).as_posix())


@click.command()
@click.argument("names", nargs=-1, metavar="[FRAMEWORK]...", type=click.Choice([f.name for f in FRAMEWORKS]))
@click.option("--out", type=click.Path(path_type=Path), default=HISTORIES, help="Folder to write to.")
def main(names: tuple[str, ...], out: Path) -> None:
    """Record the agents with the embedded service."""
    asyncio.run(record(tuple(f for f in FRAMEWORKS if not names or f.name in names), out))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort a process that tears down under them


if __name__ == "__main__":
    main()
