"""What the machine provides: clock, time zone, variables, name, folder, random numbers."""

from __future__ import annotations

import os
import platform
import random
import socket
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from temporalio import workflow

_SOON = timedelta(seconds=10)
_REGION = os.environ.get("REGION", "eu")


@workflow.defn(sandboxed=False)
class WallClock:
    @workflow.run
    async def run(self) -> None:
        name = "morning_mail" if datetime.now().hour < 12 else "evening_mail"
        await workflow.execute_activity(name, start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class WallClockArgument:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("stamp", time.time(), start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class Stopwatch:
    @workflow.run
    async def run(self) -> None:
        began = time.monotonic()
        await workflow.execute_activity("work", start_to_close_timeout=_SOON)
        await workflow.execute_activity("note", time.monotonic() - began < 0.5, start_to_close_timeout=_SOON)
        await workflow.execute_activity("note", int(time.perf_counter()), start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class TimeZone:
    @workflow.run
    async def run(self) -> None:
        local = datetime.fromtimestamp(workflow.time())
        utc = workflow.now().replace(tzinfo=None)
        await workflow.execute_activity("mail_at", (local - utc).seconds, start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class Environment:
    @workflow.run
    async def run(self) -> None:
        name = "charge_new" if os.environ.get("NEW_PAYMENTS") == "enabled" else "charge"
        await workflow.execute_activity(name, start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class EnvironmentSwitch:
    @workflow.run
    async def run(self) -> None:
        if os.getenv("SKIP_MAIL"):
            return
        await workflow.execute_activity("mail", start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class EnvironmentHome:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("save", os.environ["HOME"], start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class EnvironmentAtImport:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(f"ship_{_REGION}", start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class HostName:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", socket.gethostname(), start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class PlatformNode:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", platform.node(), start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class WorkingDirectory:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("save", str(Path.cwd()), start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class Random:
    @workflow.run
    async def run(self) -> None:
        name = random.choice(["north", "east", "south", "west"])
        await workflow.execute_activity(name, start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class UnseededRandom:
    @workflow.run
    async def run(self) -> None:
        length = random.Random().uniform(0.001, 0.02)
        await workflow.sleep(length)


@workflow.defn(sandboxed=False)
class Uuid4:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", str(uuid.uuid4()), start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class ProcessId:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("lock", os.getpid(), start_to_close_timeout=_SOON)
