"""Every form of a History that Temporal's tools write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.api.history.v1 import History as HistoryMessage
from temporalio.client import WorkflowHistory

from replaykit.history import History, dump_history

__all__ = ["FORMS", "Tree", "encoded", "old_enums", "short_enums", "tree_of"]

Tree = dict[str, Any]


def tree_of(history: History) -> Tree:
    """A History as `temporal workflow show -o json` prints it."""
    return MessageToDict(HistoryMessage(events=history.events))


def encoded(value: object) -> bytes:
    return json.dumps(value, indent=2).encode()


def old_enums(value: Any) -> Any:
    """The tree with enum names as tctl and the SDKs before 2023 wrote them: `TimerStarted`, `Normal`."""
    if isinstance(value, dict):
        return {key: old_enums(item) for key, item in value.items()}
    if isinstance(value, list):
        return [old_enums(item) for item in value]
    for prefix in ("EVENT_TYPE_", "TASK_QUEUE_KIND_"):
        if isinstance(value, str) and value.startswith(prefix):
            return value.removeprefix(prefix).title().replace("_", "")
    return value


def short_enums(value: Tree) -> Tree:
    text = json.dumps(value).replace('"EVENT_TYPE_', '"').replace('"TASK_QUEUE_KIND_', '"')
    result: Tree = json.loads(text)
    return result


def integer_ids(value: Tree) -> Tree:
    result: Tree = json.loads(re.sub(r'((?:[eE]vent|task)Id)": "(\d+)"', r'\1": \2', json.dumps(value)))
    return result


def web_ui_decorated(value: Tree) -> Tree:
    for event in value["events"]:
        key = next(key for key in event if key.endswith("EventAttributes"))
        event["attributes"] = {"type": key, **event[key], "startToCloseTimeout": "20 seconds"}
        event |= {"id": event["eventId"], "classification": "Started", "category": "workflow", "name": "x"}
    return value


def unset_as_null(value: Tree) -> Tree:
    value["events"][0]["workflowExecutionStartedEventAttributes"] |= {
        "memo": None,
        "header": {"fields": None},
    }
    value["events"][0]["links"] = None
    return value


FORMS: dict[str, Callable[[History], bytes]] = {
    "fixture": lambda history: dump_history(history),
    "cli json": lambda history: encoded(tree_of(history)),
    "cli jsonl, all in one line": lambda history: json.dumps(tree_of(history)).encode() + b"\n",
    "cli jsonl, an event a line": lambda history: (
        b"\n".join(json.dumps(e).encode() for e in tree_of(history)["events"]) + b"\n"
    ),
    "jsonl with CRLF and empty lines": lambda history: b"\r\n\r\n".join(
        json.dumps(event).encode() for event in tree_of(history)["events"]
    ),
    "WorkflowHistory.to_json": lambda history: (
        WorkflowHistory(history.workflow_id or "", history.events).to_json().encode()
    ),
    "history wrapper": lambda history: encoded(
        {"history": tree_of(history), "nextPageToken": None, "rawHistory": []}
    ),
    "history wrapper with a bare list": lambda history: encoded({"history": tree_of(history)["events"]}),
    "bare list": lambda history: encoded(tree_of(history)["events"]),
    "list of one history": lambda history: encoded([tree_of(history)]),
    "old enums": lambda history: encoded(old_enums(tree_of(history))),
    "short enums": lambda history: encoded(short_enums(tree_of(history))),
    "integer ids": lambda history: encoded(integer_ids(tree_of(history))),
    "web ui": lambda history: encoded(web_ui_decorated(tree_of(history))),
    "unset as null": lambda history: encoded(unset_as_null(tree_of(history))),
    "unknown fields": lambda history: encoded(
        {
            **tree_of(history),
            "archived": False,
            "events": [{**event, "fieldOfTheFuture": {"a": 1}} for event in tree_of(history)["events"]],
        }
    ),
    "UTF-8 with BOM": lambda history: b"\xef\xbb\xbf" + encoded(tree_of(history)),
    "UTF-16 of PowerShell": lambda history: encoded(tree_of(history)).decode().encode("utf-16"),
    "leading newline": lambda history: b"\n\n" + encoded(tree_of(history)),
    "protobuf": lambda history: HistoryMessage(events=history.events).SerializeToString(),
}
