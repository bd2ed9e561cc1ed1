"""What the code of a workflow mentions, followed through the user's functions and through no library's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from replaykit.code.mentions import Mentions, mentions_of

FILES = {
    "mentioning/__init__.py": "",
    "mentioning/below.py": """
import json
from temporalio import workflow
KEY = object()

def helper():
    return workflow.info().attempt, json.dumps

def never():
    return workflow.info().parent

class Parent:
    @property
    def how(self):
        return workflow.memo_value("from-a-base")

    @classmethod
    def made(cls):
        return workflow.info().cron_schedule
""",
    "mentioning/flows.py": """
import functools
from temporalio import workflow
import mentioning.below
from mentioning.below import KEY, Parent, helper, never
from mentioning import below
from temporalio.workflow import info as information

def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@traced
def wrapped():
    return workflow.info().root

class Direct:
    def run(self):
        return workflow.info().attempt

class ThroughHelper:
    def run(self):
        return helper()

class ThroughModule:
    def run(self):
        return below.helper()

class ThroughPackage:
    def run(self):
        return mentioning.below.helper()

class ThroughBase(Parent):
    def run(self):
        return 1

class ThroughImport:
    def run(self):
        from mentioning.below import helper
        return helper()

class ThroughDecorator:
    def run(self):
        return wrapped()

class Inside:
    def run(self):
        def inner():
            return [workflow.info().attempt for _ in ("a", ("b", "c"))]
        return inner(), KEY

class Renamed:
    def run(self):
        return information().start_time

class Nothing:
    def run(self):
        return len(())
""",
}


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("mentioning.flows")
    for name in [name for name in sys.modules if name.partition(".")[0] == "mentioning"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "mentioned"),
    [
        ("Direct", {"attempt"}),
        ("ThroughHelper", {"attempt"}),
        ("ThroughModule", {"attempt"}),
        ("ThroughPackage", {"attempt"}),
        ("ThroughImport", {"attempt"}),
        ("ThroughBase", {"memo_value", "cron_schedule"}),
        ("ThroughDecorator", {"root"}),
        ("Inside", {"attempt"}),
        ("Renamed", {"info"}),
        ("Nothing", set()),
    ],
)
def test_a_name_is_found_where_it_is_used_and_only_there(flows: Any, name: str, mentioned: set[str]) -> None:
    looked_for = {"attempt", "root", "memo_value", "cron_schedule", "parent"}
    looked_for |= {"info"} if name == "Renamed" else set()
    assert mentions_of(getattr(flows, name)).names & looked_for == mentioned


def test_texts_and_globals_come_along(flows: Any) -> None:
    mentions = mentions_of(flows.Inside)
    assert {"a", "b", "c"} <= set(mentions.texts)
    assert flows.KEY in mentions.values
    assert "from-a-base" in mentions_of(flows.ThroughBase).texts


def test_what_is_left_out_is_not_followed(flows: Any) -> None:
    is_helper: Callable[[Any], bool] = lambda thing: getattr(thing, "__name__", "") == "helper"  # noqa: E731
    assert "attempt" not in mentions_of(flows.ThroughHelper, leave_out=is_helper).names


def test_a_library_is_not_followed() -> None:
    assert mentions_of(Path) == Mentions()


def _literal() -> object:
    return [each.upper() for each in {"a", str(1)}]


def _comprehension() -> object:
    return list({each.upper() for each in "ab"})


def _named() -> object:
    return list(set("ab"))


def _constant() -> object:
    return [each.upper() for each in {"a", "b"}]


def _none() -> object:
    return [each.upper() for each in ("a", "b")]


@pytest.mark.parametrize(
    ("function", "has_sets"),
    [(_literal, True), (_comprehension, True), (_named, True), (_constant, True), (_none, False)],
)
def test_sets_are_seen_however_they_are_made(function: Callable[[], object], has_sets: bool) -> None:
    assert mentions_of(type("Workflow", (), {"run": function, "__module__": __name__})).has_sets is has_sets
