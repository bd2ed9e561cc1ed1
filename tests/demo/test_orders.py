"""The demo's own service and worker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from replaykit.capture import EmbeddedService
from replaykit.demo import orders
from replaykit.demo.orders import demo_service, run_orders
from replaykit.demo.project_folder import write_project
from replaykit.errors import ServiceError


@pytest.mark.asyncio
async def test_a_worker_that_ends_is_an_error_and_no_wait(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "worker.py").write_text("raise SystemExit(3)\n")
    async with demo_service() as service:
        with pytest.raises(ServiceError, match="the worker of the two orders ended"):
            await run_orders(service, tmp_path)


@pytest.mark.asyncio
async def test_a_service_interrupted_while_it_starts_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    entered = asyncio.Event()

    class SlowService:
        async def __aenter__(self) -> EmbeddedService:
            told.append("starting")
            entered.set()
            await asyncio.sleep(0.2)
            told.append("started")
            return None  # type: ignore[return-value]

        async def __aexit__(self, *details: object) -> None:
            told.append("stopped")

    monkeypatch.setattr(orders, "embedded_service", lambda **options: SlowService())

    async def use() -> None:
        async with demo_service():
            pytest.fail("it was interrupted before")

    using = asyncio.ensure_future(use())
    await entered.wait()
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert told == ["starting", "started", "stopped"]
