"""What `replaykit fix` costs from start to end: a git project with 50 histories, and changes to its workflow.

Contract: a change that breaks all or half of them is cured in 15 seconds of two cores, with every proof;
where nothing is broken it costs no more than `replaykit replay --strict`.

Each way is a process of its own, as at the terminal: its start and its imports count. The SDK's own loop is
what people write, in one file, over the same histories and code. CPU is that of all processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measuring import Way, measured, table
from tests.fix.shapes import grown_by
from tests.gate.repository import Repository

__all__ = ["CASES", "Case", "compared", "project", "recorded", "run"]

_HISTORIES = 50
_ROOT = Path(__file__).parents[2]
_BASE = '''"""Orders: reserved, paid, packed, shipped."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow

TIMEOUT = timedelta(seconds=10)


@activity.defn
async def reserve(item: int) -> str:
    return str(item)


@activity.defn
async def check(express: bool) -> bool:
    return express


@activity.defn
async def pay(express: bool) -> str:
    return str(express)


@activity.defn
async def pack(item: int) -> None:
    """Into the parcel."""


@activity.defn
async def ship(express: bool) -> str:
    return str(express)


@workflow.defn
class Flow:
    def __init__(self) -> None:
        self._packed = False

    @workflow.run
    async def run(self, express: bool) -> str:
        if express:
            await workflow.execute_activity(check, express, start_to_close_timeout=TIMEOUT)
        await asyncio.gather(
            *(workflow.execute_activity(reserve, item, start_to_close_timeout=TIMEOUT) for item in range(3))
        )
        receipt = await self._paid(express)
        for item in range(5):
            await workflow.execute_activity(pack, item, start_to_close_timeout=TIMEOUT)
        if express:
            await workflow.execute_activity(ship, express, start_to_close_timeout=TIMEOUT)
        else:
            await workflow.sleep(timedelta(hours=1))
            await workflow.wait_condition(lambda: self._packed, timeout=timedelta(days=1))
            await workflow.execute_activity(ship, express, start_to_close_timeout=TIMEOUT)
        return receipt

    async def _paid(self, express: bool) -> str:
        return await workflow.execute_activity(pay, express, start_to_close_timeout=TIMEOUT)

    @workflow.signal
    def packed(self) -> None:
        self._packed = True
'''
_LOOP = '''"""The loop that people write."""

import asyncio
import json
import os
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from flows import Flow


async def main() -> None:
    replayer = Replayer(workflows=[Flow])
    for path in sorted(Path("histories").rglob("*.json")):
        history = WorkflowHistory.from_json(path.stem, json.loads(path.read_text()))
        await replayer.replay_workflow(history, raise_on_replay_failure=False)


asyncio.run(main())
os._exit(0)  # the SDK's threads can abort the interpreter's exit while they work
'''


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A change to the workflow."""

    name: str
    old: str
    new: str
    exit_code: int
    """Of `replaykit fix`."""


CASES = (
    Case(
        name="all diverge",
        old="        if express:\n            await workflow.execute_activity(check,",
        new="        await workflow.execute_activity(pay, express, start_to_close_timeout=TIMEOUT)\n"
        "        if express:\n            await workflow.execute_activity(check,",
        exit_code=1,
    ),
    Case(
        name="half diverge",
        old="        if express:\n            await workflow.execute_activity(check,",
        new="        if express:\n"
        "            await workflow.execute_activity(pay, express, start_to_close_timeout=TIMEOUT)\n"
        "            await workflow.execute_activity(check,",
        exit_code=1,
    ),
    Case(
        name="none diverges",
        old="        return receipt\n",
        new='        workflow.logger.info("shipped")\n        return receipt\n',
        exit_code=0,
    ),
)


def run(rounds: int) -> str:
    """A table for each change."""
    with tempfile.TemporaryDirectory() as folder:
        histories = recorded(Path(folder) / "base", count=_HISTORIES)
        return "\n\n".join(
            compared(case, project(Path(folder) / str(number), case, histories), rounds=rounds)
            for number, case in enumerate(CASES)
        )


def recorded(folder: Path, *, count: int) -> list[bytes]:
    """Fixtures that the base's code has grown, the same each time.

    Args:
        folder: Beside it the code is written.
        count: How many.
    """
    grown = grown_by({"flows.py": _BASE}, folder, runs=2 * count)
    return [history for _, history in grown][:count]


def project(folder: Path, case: Case, histories: Sequence[bytes]) -> Path:
    """A git repository with the base on `main` and the change on a branch.

    Args:
        folder: Where; it is made.
        case: The change.
        histories: The fixtures.
    """
    (folder / "histories" / "Flow").mkdir(parents=True)
    for number, history in enumerate(histories):
        (folder / "histories" / "Flow" / f"run-{number:02}.json").write_bytes(history)
    (folder / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n')
    (folder / ".gitignore").write_text("__pycache__/\n")
    (folder / "loop.py").write_text(_LOOP)
    (folder / "flows.py").write_text(_BASE)
    repository = Repository(folder)
    repository.commit("base")
    repository.git("checkout", "--quiet", "-b", "change")
    assert _BASE.count(case.old) == 1, case.name
    (folder / "flows.py").write_text(_BASE.replace(case.old, case.new))
    repository.commit("change")
    return folder


def compared(case: Case, folder: Path, *, rounds: int) -> str:
    """The table of one change.

    Args:
        case: It.
        folder: Its project.
        rounds: How often.
    """
    replaykit = [sys.executable, "-m", "replaykit"]
    environ = _environ(folder)

    def way(name: str, command: Sequence[str], exit_code: int) -> Way:
        return Way(name=name, run=lambda: _ran(command, folder, environ, exit_code))

    ways = [
        way("the SDK's own loop", [sys.executable, "loop.py"], 0),
        way("replaykit replay --strict", [*replaykit, "replay", "--strict"], case.exit_code),
        way("replaykit fix", [*replaykit, "fix"], case.exit_code),
    ]
    shown = _ran([*replaykit, "fix"], folder, environ, case.exit_code).splitlines()[0].partition(",")[0]
    return table(f"fix, {case.name}: {shown}", measured(ways, rounds=rounds, cpu=_cpu_of_children))


def _environ(folder: Path) -> Mapping[str, str]:
    """As at a terminal: what Python compiles it keeps, and no CI of ours names a base."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**environ, "PYTHONPATH": str(_ROOT)}


def _ran(command: Sequence[str], folder: Path, environ: Mapping[str, str], exit_code: int) -> str:
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done.stdout


def _cpu_of_children() -> float:
    """Seconds of CPU that the processes took that were started here, and all below them; 0 on Windows."""
    times = os.times()
    return times.children_user + times.children_system
