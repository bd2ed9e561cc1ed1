"""Ways to satisfy `changed_workflow` by a fixture that shows nothing of the changed code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.gate.fooling import Row
from tests.gate.repository import FIXTURE, UNCHANGED, Repository

__all__ = ["ROWS"]

_POLICY = '\n[tool.replaykit.gate]\nchanged_workflow = "fail"\n'
_BRANCHES = UNCHANGED.replace(
    "        return await",
    '        if source == "empty":\n            return 0\n'
    "        if workflow.info().attempt > 3:\n            rows = rows[:1]\n"
    "        return await",
)
"""The recorded run goes into none of the branches."""
_SLOWER = UNCHANGED.replace("seconds=10", "seconds=20")


def with_new(
    code: str, edit: Callable[[dict[str, Any]], object] = lambda document: None, *, before: str = UNCHANGED
) -> Callable[[Repository], None]:
    """A changed workflow, and a new fixture beside the old one.

    Args:
        code: The change.
        edit: Makes the run of the new fixture of the old one's.
        before: The code of the base.
    """

    def make(repository: Repository) -> None:
        repository.git("checkout", "--quiet", "main")
        repository.code(before)
        repository.policy(_POLICY)
        repository.commit("both sides")
        repository.git("checkout", "--quiet", "-B", "change")
        repository.code(code)
        document = json.loads((repository.root / FIXTURE).read_text(encoding="utf-8"))
        edit(document)
        (repository.root / "histories" / "new.json").write_text(json.dumps(document), encoding="utf-8")
        repository.commit()

    return make


def another_run(document: dict[str, Any]) -> None:
    """The same events of another run."""
    started = document["events"][0]["workflowExecutionStartedEventAttributes"]
    run_id = "0192aaaa-f6e2-759a-8575-e31b2a3f4e07"
    started |= {"workflowId": "new", "originalExecutionRunId": run_id, "firstExecutionRunId": run_id}
    document["replaykit"] |= {"workflowId": "new", "runId": run_id}


def slower_run(document: dict[str, Any]) -> None:
    """A run of the code that waits longer for its activities."""
    another_run(document)
    for event in document["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled is not None:
            scheduled["startToCloseTimeout"] = "20s"


def cosmetic(document: dict[str, Any]) -> None:
    """The run of the base's fixture, at another time."""
    document["events"][-1]["eventTime"] = document["events"][-1]["eventTime"][:-2] + "9Z"


def first_task(document: dict[str, Any]) -> None:
    """The beginning of a run that comes to its first activity alone."""
    another_run(document)
    del document["events"][6:]
    document["replaykit"] |= {"status": "RUNNING"}


_LATER = UNCHANGED.replace('"load_total", rows,', '"load_total", list(rows),')
_RULE = "changed-workflow-without-fixture"

ROWS = (
    Row(
        name="a changed constant and a fixture of the old code at another time",
        make=with_new(_SLOWER, cosmetic),
        exit_code=1,
        rule=_RULE,
        text="new.json came with the change. No such run goes through a changed line",
    ),
    Row(
        name="a changed constant and a fixture of another run of the old code",
        make=with_new(_SLOWER, another_run),
        exit_code=1,
        rule=_RULE,
    ),
    Row(
        name="a changed constant and a fixture of the changed code",
        make=with_new(_SLOWER, slower_run),
        exit_code=0,
        absent=_RULE,
    ),
    Row(
        name="a changed branch and a fixture of a run that does not take it",
        make=with_new(_BRANCHES.replace("rows[:1]", "rows[:2]"), another_run, before=_BRANCHES),
        exit_code=1,
        rule=_RULE,
    ),
    Row(
        name="a new branch and a fixture of a run that comes to its condition",
        make=with_new(_BRANCHES, another_run),
        exit_code=0,
        absent=_RULE,
    ),
    Row(
        name="a branch that is gone and a fixture of a run that did not take it",
        make=with_new(
            _BRANCHES.replace("            rows = rows[:1]\n", "            pass\n"),
            another_run,
            before=_BRANCHES,
        ),
        exit_code=1,
        rule=_RULE,
    ),
    Row(
        name="a change late in a workflow and a fixture of a run that has not come to it",
        make=with_new(_LATER, first_task),
        exit_code=1,
        rule=_RULE,
    ),
    Row(
        name="a change late in a workflow and a fixture of a run that has come to it",
        make=with_new(_LATER, another_run),
        exit_code=0,
        absent=_RULE,
    ),
    Row(
        name="a new method and a fixture of a run that does not call it",
        make=with_new(
            UNCHANGED + "\n    @workflow.signal\n    def stop(self) -> None:\n        self.stopped = True\n",
            another_run,
        ),
        exit_code=1,
        rule=_RULE,
    ),
    Row(
        name="a changed workflow and a copy of its fixture",
        make=with_new(_LATER, cosmetic),
        exit_code=1,
        rule=_RULE,
    ),
)
