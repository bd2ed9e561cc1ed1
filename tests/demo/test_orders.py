"""The demo's own service and worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.capture import embedded_service
from replaykit.demo.orders import run_orders
from replaykit.demo.project_folder import write_project
from replaykit.errors import ServiceError


@pytest.mark.asyncio
async def test_a_worker_that_ends_is_an_error_and_no_wait(tmp_path: Path) -> None:
    write_project(tmp_path)
    (tmp_path / "worker.py").write_text("raise SystemExit(3)\n")
    async with embedded_service() as service:
        with pytest.raises(ServiceError, match="the worker of the two orders ended"):
            await run_orders(service, tmp_path)
