"""Corpora of any size for the benchmarks: histories made of blocks of events, and code that they fit."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["SHAPES", "write_corpus"]

SHAPES = 30
"""Different sequences of activities."""
_CODE = '''"""A workflow that asks for activities by a plan."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

SOON = timedelta(seconds=10)
{classes}

@workflow.defn
class Steps:
    @workflow.run
    async def run(self, names: list[str], rounds: int) -> int:
        for _ in range(rounds):
            for name in names:
                await workflow.execute_activity(name, start_to_close_timeout=SOON)
        return rounds
'''
_CLASS = """

@dataclass
class Item{number}:
    name: str
    count: int = {number}
    price: float = 0.5
    is_open: bool = True
"""
_TIME = "2026-01-01T00:00:00.5Z"


def write_corpus(folder: Path, *, count: int, rounds: int = 1, classes: int = 0) -> None:
    """A project: `flows.py`, `pyproject.toml` and its fixtures.

    Args:
        folder: Where; it is made.
        count: How many histories; of 5 + 12 * `rounds` events each.
        rounds: How often each goes through its two activities.
        classes: How many dataclasses the module of the workflow has besides.
    """
    fixtures = folder / "histories" / "Steps"
    fixtures.mkdir(parents=True)
    made = "".join(_CLASS.format(number=number) for number in range(classes))
    (folder / "flows.py").write_text(_CODE.format(classes=made))
    (folder / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["flows"]\n')
    for number in range(count):
        names = [f"reserve_{number % SHAPES}", f"ship_{number % SHAPES}"]
        document = {"events": list(_events(names, rounds, number))}
        (fixtures / f"run-{number:05}.json").write_text(json.dumps(document, indent=2))


def _events(names: Sequence[str], rounds: int, number: int) -> Iterator[dict[str, Any]]:
    """The events of one run, as a service records them."""
    last = 0

    def event(kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
        nonlocal last
        last += 1
        words = kind.lower().split("_")
        key = words[0] + "".join(map(str.capitalize, words[1:])) + "EventAttributes"
        return {"eventId": str(last), "eventTime": _TIME, "eventType": f"EVENT_TYPE_{kind}", key: attributes}

    def task() -> Iterator[dict[str, Any]]:
        at = last
        queue = {"name": "steps", "kind": "TASK_QUEUE_KIND_NORMAL"}
        timeout = {"startToCloseTimeout": "10s", "attempt": 1}
        yield event("WORKFLOW_TASK_SCHEDULED", {"taskQueue": queue, **timeout})
        yield event("WORKFLOW_TASK_STARTED", {"scheduledEventId": str(at + 1), "identity": "worker"})
        flags = {"coreUsedFlags": [3, 4, 2, 1], "sdkName": "temporal-python", "sdkVersion": "1.35.0"}
        ids = {"scheduledEventId": str(at + 1), "startedEventId": str(at + 2)}
        yield event("WORKFLOW_TASK_COMPLETED", {**ids, "identity": "worker", "sdkMetadata": flags})

    yield event(
        "WORKFLOW_EXECUTION_STARTED",
        {
            "workflowType": {"name": "Steps"},
            "taskQueue": {"name": "steps", "kind": "TASK_QUEUE_KIND_NORMAL"},
            "input": _payloads(list(names), rounds),
            "workflowTaskTimeout": "10s",
            "originalExecutionRunId": f"00000000-0000-7000-8000-{number:012}",
            "firstExecutionRunId": f"00000000-0000-7000-8000-{number:012}",
            "workflowId": f"steps-{number}",
            "attempt": 1,
        },
    )
    yield from task()
    for step, name in enumerate([*names] * rounds, 1):
        at = last
        yield event(
            "ACTIVITY_TASK_SCHEDULED",
            {
                "activityId": str(step),
                "activityType": {"name": name},
                "taskQueue": {"name": "steps", "kind": "TASK_QUEUE_KIND_NORMAL"},
                "startToCloseTimeout": "10s",
                "workflowTaskCompletedEventId": str(at),
            },
        )
        started = {"scheduledEventId": str(at + 1), "identity": "worker", "attempt": 1}
        yield event("ACTIVITY_TASK_STARTED", started)
        ids = {"scheduledEventId": str(at + 1), "startedEventId": str(at + 2)}
        yield event("ACTIVITY_TASK_COMPLETED", {**ids, "identity": "worker", "result": _payloads(step)})
        yield from task()
    ended = {"result": _payloads(rounds), "workflowTaskCompletedEventId": str(last)}
    yield event("WORKFLOW_EXECUTION_COMPLETED", ended)


def _payloads(*values: object) -> dict[str, Any]:
    encoding = base64.b64encode(b"json/plain").decode()
    data = [base64.b64encode(json.dumps(value).encode()).decode() for value in values]
    return {"payloads": [{"metadata": {"encoding": encoding}, "data": each} for each in data]}
