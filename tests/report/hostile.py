"""Histories whose every text tries to steer what shows it, and workflow code that they replay against."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

from replaykit.history import dump_history
from tests.history.builders import SDK, HistoryBuilder, payloads_json

__all__ = ["EVIL", "FILES", "HostileWorkflow", "obeyed_in", "write_hostile"]

EVIL = (
    "A\n::error file=pwn.py::PWN\r\n\x1b]0;TITLE\x07\x1b[2J\x1b[31mRED\u202eRTL ##[error]V1 ##vso[task.x]y "
    "\x9b31m \u2028::warning::LS \x85::warning::NEL \x0c::warning::FF \u3000::warning::WIDE \ufeff::bom "
    "</details> ]]> ``` <script>x</script> " + "::" * 40 + " {{x}} [red]markup[/red]"
)


@workflow.defn(sandboxed=False)
class HostileWorkflow:
    """Asks for another activity than any history here, so that both sides are shown."""

    @workflow.run
    async def run(self, order: str) -> str:
        if workflow.patched("known"):
            workflow.logger.debug("patched")
        await workflow.execute_activity(
            "pay",
            order,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        raise LookupError(order)


def _begun(**started: Any) -> HistoryBuilder:
    return HistoryBuilder(workflow_type="HostileWorkflow", **{"input": payloads_json("x"), **started})


def _activity(name: str, *arguments: object, builder: HistoryBuilder | None = None) -> HistoryBuilder:
    builder = builder or _begun()
    builder.activity(builder.task(sdkMetadata=SDK), name, *arguments)
    builder.complete(builder.task())
    return builder


def _failed() -> HistoryBuilder:
    builder = _begun()
    scheduled = builder.schedule_activity(builder.task(sdkMetadata=SDK), "pay", "x")
    started = builder.add("ActivityTaskStarted", scheduledEventId=scheduled, attempt=1)
    failure = {"message": EVIL, "applicationFailureInfo": {"type": EVIL}, "stackTrace": EVIL}
    builder.add("ActivityTaskFailed", scheduledEventId=scheduled, startedEventId=started, failure=failure)
    task = builder.task()
    builder.add("WorkflowExecutionFailed", failure=failure, workflowTaskCompletedEventId=task)
    return builder


def _marked() -> HistoryBuilder:
    builder = _begun()
    task = builder.task(sdkMetadata=SDK)
    builder.add_patch(task, EVIL)
    builder.complete(task)
    return builder


def _signaled() -> HistoryBuilder:
    builder = _begun()
    builder.add("WorkflowExecutionSignaled", signalName=EVIL, identity=EVIL)
    return _activity("other", builder=builder)


def _child() -> HistoryBuilder:
    builder = _begun()
    builder.add_child(builder.task(sdkMetadata=SDK), EVIL, EVIL)
    return builder


def _data(builder: HistoryBuilder) -> bytes:
    return dump_history(builder.history(workflow_type=None, workflow_id=None, task_queue=None))


def _with_key(key: str, value: object) -> bytes:
    tree = json.loads(_data(_activity("other")))
    tree["events"][4][key] = value
    return json.dumps(tree).encode()


FILES: Mapping[str, Callable[[], bytes]] = {
    "workflow type": lambda: _data(HistoryBuilder(workflow_type=EVIL)),
    "workflow id": lambda: _data(_activity("other", builder=_begun(workflowId=EVIL))),
    "task queue": lambda: _data(_activity("other", builder=_begun(taskQueue={"name": EVIL}))),
    "argument of the run": lambda: _data(_activity("pay", builder=_begun(input=payloads_json(EVIL)))),
    "activity type": lambda: _data(_activity(EVIL)),
    "argument": lambda: _data(_activity("pay", EVIL)),
    "signal": lambda: _data(_signaled()),
    "child": lambda: _data(_child()),
    "failure": lambda: _data(_failed()),
    "patch": lambda: _data(_marked()),
    "event type": lambda: _with_key("eventType", EVIL),
    "kind of payloads": lambda: _with_key(
        "activityTaskScheduledEventAttributes", {"input": {EVIL: [], "payloads": EVIL}}
    ),
    "no JSON": lambda: EVIL.encode("utf-8", "surrogatepass"),
    "another converter": lambda: _data(
        _activity("pay", builder=_begun(input={"payloads": [{"metadata": {"encoding": "ZXZpbC8bWzMxbQ=="}}]}))
    ),
}
"""By what is hostile in it, the bytes of a fixture."""

_OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]|^\s*::|##\w*\[", re.MULTILINE
)


def obeyed_in(text: str) -> list[str]:
    """The lines of an output that a terminal, or a CI service that reads it, would obey."""
    return [line for line in text.split("\n") if _OBEYED.search(line)]


def write_hostile(folder: Path) -> dict[str, Path]:
    """Write every fixture, the last of them under a hostile name too; by what is hostile, its file."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{number:02}.json" for number, name in enumerate(FILES)}
    for name, path in paths.items():
        path.write_bytes(FILES[name]())
    paths["file name"] = folder / "z\x1b[31m\n::error::x\u202e##[error].json"
    paths["file name"].write_bytes(FILES["activity type"]())
    return paths
