"""Fields that a type gains or loses: a guard is found for what goes by them, and they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from replaykit.code.type_fields import moved_fields
from replaykit.fix.type_fields import is_of_a_type
from replaykit.verdict import Drift, Severity
from tests.conftest import RunReplaykit
from tests.fix.projects import project_with

FLOW = """from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@dataclass
class Order:
    total: int = 1


@workflow.defn
class Flow:
    @workflow.run
    async def run(self, order: Order) -> None:
        await workflow.execute_activity("charge", order, start_to_close_timeout=TIMEOUT)
"""
CHANGED = f"""{FLOW.replace("total: int = 1", "total: int = 1" + chr(10) + "    express: bool = True")}\
        if order.express:
            await workflow.execute_activity("hurry", start_to_close_timeout=TIMEOUT)
"""
GUARD = """+        if workflow.patched("hurry"):
+            if order.express:
+                await workflow.execute_activity("hurry", start_to_close_timeout=TIMEOUT)
"""


@pytest.mark.exhaustive
def test_what_goes_by_a_new_field_is_guarded(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    project_with(tmp_path, FLOW, CHANGED)
    done = run_replaykit("fix", "--apply")
    assert done.returncode == 0, done.stdout + done.stderr
    assert GUARD in done.stdout
    assert "note: 'express' came or went with a type" in done.stdout
    assert "replay with it, strictly, express apart" in done.stdout
    assert run_replaykit("replay").returncode == 0


@pytest.mark.parametrize(
    ("field", "recorded", "produced", "is_excused"),
    [
        ("activity.arguments[0].express", "<absent>", True, True),
        ("workflow.result.orders[1].express", False, "<absent>", True),
        ("activity.arguments[0].express", False, True, False),
        ("activity.arguments[0].total", "<absent>", 1, False),
    ],
)
def test_only_a_field_that_is_on_one_side_is_of_a_type(
    field: str, recorded: object, produced: object, is_excused: bool
) -> None:
    fields = moved_fields({"flows.py": FLOW}, {"flows.py": CHANGED})
    assert fields == {"express"}
    drift = Drift(
        event_id=5, field=field, recorded=recorded, produced=produced, severity=Severity.BEHAVIOURAL
    )
    assert is_of_a_type(drift, fields) is is_excused


def test_a_class_that_is_new_gains_no_field() -> None:
    assert moved_fields({"flows.py": "x = 1\n"}, {"flows.py": CHANGED}) == frozenset()
