"""GoodWorkflow does all that the BadWorkflow variants do, the way Temporal offers it."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, Server, WorkerSetup


@activity.defn
def read_file() -> str:
    return Path(__file__).read_text(encoding="utf-8").splitlines()[0]


@activity.defn
def call_http() -> str:
    with urllib.request.urlopen("data:text/plain,42") as answer:
        body: bytes = answer.read()
    return body.decode()


@activity.defn
def read_environment() -> bool:
    return "PATH" in os.environ


@workflow.defn
class GoodWorkflow:
    """Random number, clock and UUID go into activity ids, which a replay compares."""

    @workflow.run
    async def run(self) -> str:
        started = workflow.now()
        await workflow.sleep(timedelta(hours=1))
        slept_s = int((workflow.now() - started).total_seconds())
        timeout = timedelta(seconds=10)
        first_line = await workflow.execute_activity(
            read_file, activity_id=f"file-{workflow.random().randint(1, 6)}", start_to_close_timeout=timeout
        )
        body = await workflow.execute_activity(
            call_http, activity_id=f"http-{workflow.uuid4()}", start_to_close_timeout=timeout
        )
        has_path = await workflow.execute_activity(
            read_environment, activity_id=f"environment-{slept_s // 3600}h", start_to_close_timeout=timeout
        )
        return f"{len(first_line)} {body} {has_path}"


def _threads() -> Mapping[str, Any]:
    """Activities that block run in threads."""
    return {"activity_executor": ThreadPoolExecutor(2), "max_concurrent_activities": 2}


SCENARIOS = (
    Scenario(
        name="good",
        workflow=GoodWorkflow,
        shows=("TIMER_FIRED",),
        server=Server.TIME_SKIPPING,
        workers=(
            WorkerSetup(
                task_queue="gallery-good",
                workflows=(GoodWorkflow,),
                activities=(read_file, call_http, read_environment),
                options=_threads,
            ),
        ),
    ),
)
