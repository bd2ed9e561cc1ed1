from __future__ import annotations

import asyncio
import shutil
import sys
import sysconfig
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from replaykit.capture import (
    Connection,
    connect,
    embedded,
    embedded_service,
    find_temporal_binary,
    find_test_server_binary,
    time_skipping_service,
)
from replaykit.errors import ServiceError
from tests.capture.sample_workflows import NapWorkflow


def test_the_binary_of_this_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    beside, elsewhere = tmp_path / "scripts", tmp_path / "elsewhere"
    for folder in (beside, elsewhere):
        folder.mkdir()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(beside))
    monkeypatch.setattr(shutil, "which", lambda name: str(elsewhere / name))
    assert find_temporal_binary() == elsewhere / "temporal"
    (beside / "temporal").touch()
    assert find_temporal_binary() == beside / "temporal"
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert find_test_server_binary() is None


@pytest.mark.asyncio
async def test_a_service_for_the_length_of_a_block(capfd: pytest.CaptureFixture[str]) -> None:
    key = SearchAttributeKey.for_keyword("Shelf")
    async with embedded_service(namespace="shop", search_attributes=[key]) as service:
        assert isinstance(service.client, Client)
        assert service.client.namespace == "shop"
        assert service.address.startswith("127.0.0.1:")
        known = await service.client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace="shop")
        )
        assert "Shelf" in known.custom_attributes
        assert service.client.config()["interceptors"] == []
    with pytest.raises(ServiceError, match="nothing listens there"):
        await connect(Connection(address=service.address, disable_config_env=True, disable_config_file=True))
    output = capfd.readouterr()
    assert (output.out, output.err) == ("", "")


@pytest.mark.asyncio
async def test_time_is_skipped() -> None:
    async with (
        time_skipping_service() as service,
        Worker(service.client, task_queue="naps", workflows=[NapWorkflow]),
    ):
        slept = await service.client.execute_workflow(
            NapWorkflow.run, 3600, id=f"nap-{uuid.uuid4()}", task_queue="naps"
        )
    assert timedelta(seconds=slept) >= timedelta(hours=1)


@pytest.mark.asyncio
async def test_a_binary_that_does_not_serve_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded, "find_temporal_binary", lambda: tmp_path / "temporal")
    with pytest.raises(
        ServiceError, match=r"temporal: the embedded Temporal service did not start: .*not exist"
    ):
        async with embedded_service():
            pass


@pytest.mark.asyncio
async def test_interrupted_while_it_starts_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    starting = asyncio.Event()

    class Environment:
        async def shutdown(self) -> None:
            steps.append("stopped")

    async def slow_start(**options: object) -> Environment:
        steps.append("starting")
        starting.set()
        await asyncio.sleep(0.2)
        steps.append("started")
        return Environment()

    monkeypatch.setattr(WorkflowEnvironment, "start_local", slow_start)

    async def use() -> None:
        async with embedded_service():
            pytest.fail("it was interrupted before")

    using = asyncio.ensure_future(use())
    await starting.wait()
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert steps == ["starting", "started", "stopped"]
