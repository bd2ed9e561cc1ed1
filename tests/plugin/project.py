"""A user's project in a temporary folder: a workflow module, its fixtures, and a pyproject.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["CHANGED", "FIXTURE", "TWO_WORKFLOWS", "UNCHANGED", "switch_comparison_off", "write_project"]

_GALLERY = Path(__file__).resolve().parents[2] / "histories" / "DataProcessingWorkflow"
FIXTURE = next(_GALLERY.glob("data-processing--*.json"))

UNCHANGED = """\
from datetime import timedelta

from temporalio import workflow

SOON = timedelta(seconds=10)


@workflow.defn
class DataProcessingWorkflow:
    @workflow.run
    async def run(self, source: str, queue: str | None = None) -> int:
        rows = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)
        return await workflow.execute_activity("load_total", rows, start_to_close_timeout=SOON)
"""

CHANGED = UNCHANGED.replace(
    "        rows =",
    '        await workflow.execute_activity("validate_source", source, start_to_close_timeout=SOON)\n'
    "        rows =",
)

TWO_WORKFLOWS = f"""{UNCHANGED}

@workflow.defn
class RefundWorkflow:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("refund", start_to_close_timeout=SOON)
"""
"""The second one has no fixture."""

_BLIND = """\
import replaykit.replay.judged
from replaykit.replay.diagnosis import Diagnosis
from replaykit.verdict import Outcome
from temporalio.worker import Interceptor


def agree(*arguments, **options):
    return Diagnosis(outcome=Outcome.CONSISTENT, commands_compared=3)


replaykit.replay.judged.diagnose = agree
"""


def switch_comparison_off(root: Path) -> str:
    """Add an interceptor whose module makes every verdict consistent; returns what configures it."""
    (root / "blind.py").write_text(_BLIND, encoding="utf-8")
    return 'interceptors = ["blind:Interceptor"]\n'


def write_project(root: Path, *, code: str = UNCHANGED, copies: int = 1, pyproject: str = "") -> list[Path]:
    """Write the project and return its fixtures."""
    (root / "flows.py").write_text(code, encoding="utf-8")
    table = '[tool.replaykit]\nworkflows = ["flows"]\n'
    (root / "pyproject.toml").write_text(table + pyproject, encoding="utf-8")
    folder = root / "histories" / "DataProcessingWorkflow"
    folder.mkdir(parents=True)
    fixtures = [folder / f"copy-{number}.json" for number in range(copies)]
    for fixture in fixtures:
        shutil.copyfile(FIXTURE, fixture)
    return fixtures
