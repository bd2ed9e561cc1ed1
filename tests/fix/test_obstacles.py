"""Where no guard can be, the reason names what stands in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.fix.shapes import Shape, project_of

FLOW = """from datetime import timedelta

from temporalio import workflow


@workflow.defn{arguments}
class Flow:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=timedelta(seconds=10))
        raise ValueError("no")
"""


@pytest.mark.exhaustive
def test_a_changed_decorator_is_named_with_both_sides(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    base, head = (FLOW.format(arguments=each) for each in ("(failure_exception_types=[ValueError])", ""))
    sides = ({"flows.py": base}, {"flows.py": head})
    project_of(Shape(name="decorator", base=sides[0], head=sides[1], cured=sides[1]), tmp_path)
    done = run_replaykit("fix")
    assert done.returncode == 1
    assert (
        "the decorator of Flow (flows.py:7) was @workflow.defn(failure_exception_types=[ValueError]) and is "
        "@workflow.defn; a decorator holds for all runs, so no patch can decide about it"
    ) in " ".join(done.stdout.split())
