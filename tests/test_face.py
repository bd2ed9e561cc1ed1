"""The public names are frozen: a change here is a change for users, and belongs into the CHANGELOG."""

from __future__ import annotations

import ast
import dataclasses
import enum
import importlib
import inspect
import itertools
import pkgutil
import re
import sys
import textwrap
import typing
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest

import replaykit
import replaykit.explore

PUBLIC = [
    "Action",
    "AlignedStep",
    "BrokenRun",
    "Check",
    "Config",
    "ConfigError",
    "Divergence",
    "Drift",
    "ExploreConfig",
    "Finding",
    "FindingKind",
    "GateConfig",
    "History",
    "HistoryError",
    "Instability",
    "InterceptorLine",
    "InvalidHistoryError",
    "Limits",
    "MutatedHistory",
    "Named",
    "Outcome",
    "Perturbation",
    "Reason",
    "ReplaykitError",
    "Report",
    "Revision",
    "Saved",
    "SelfTest",
    "ServiceError",
    "Severity",
    "Since",
    "Source",
    "SourceLine",
    "Store",
    "StrictPolicy",
    "StrictRules",
    "SuggestionKind",
    "TimelineRow",
    "UnreadableHistoryError",
    "ValuesError",
    "Verdict",
    "Waiver",
    "WorkerConfig",
    "WorkflowCodeError",
    "dump_history",
    "load_config",
    "read_history",
]


def test_the_public_names_are_these() -> None:
    assert sorted(replaykit.__all__) == sorted(PUBLIC)
    assert dir(replaykit) == sorted(PUBLIC)


def test_every_public_name_is_there() -> None:
    missing = [name for name in PUBLIC if getattr(replaykit, name, None) is None]
    assert missing == []


EXPLORE = [
    "CodeFailure",
    "Counterexample",
    "Failure",
    "Grown",
    "NothingExplored",
    "Opening",
    "Reached",
    "Refusal",
    "Scenario",
    "Step",
    "StepKind",
    "Subject",
    "Target",
    "Timeout",
    "Values",
    "assert_deterministic",
    "compatible",
    "histories",
]


def test_the_public_names_of_explore_are_these_and_there() -> None:
    assert sorted(replaykit.explore.__all__) == EXPLORE
    assert dir(replaykit.explore) == EXPLORE
    assert [name for name in EXPLORE if getattr(replaykit.explore, name, None) is None] == []


NAMES = [*((replaykit, name) for name in PUBLIC), *((replaykit.explore, name) for name in EXPLORE)]
OBJECTS = {name: getattr(face, name) for face, name in NAMES}
VALUES: dict[str, type] = {
    name: value
    for name, value in OBJECTS.items()
    if isinstance(value, type) and dataclasses.is_dataclass(value)
}

SEAMS = {
    "Registered": "which Check answers with for reports about a corpus; the Report has what comes of it",
    "Fixture": "the same, of a file",
    "Workers": "which Check loads from its Config: only what holds several Checks hands them over",
    "Judge": "which Check asks in its place, where what pytest judges in its own process cannot be undone",
    "SdkHistory": "a history of temporalio's: its class is imported by nobody who has none",
    "Spoiled": "which Check reports to the process that restarts it",
    "Shape": "which growing asks Values for: a user writes fields of Values and reads none of these",
    "Learned": "which exploring fills from the fixtures that the configuration names: a user writes the path",
}
"""Types that public callables name and that are not for users, each with the reason."""


@lru_cache
def ours() -> dict[str, type]:
    """By name, every type of replaykit: what an annotation under TYPE_CHECKING may mean."""
    for module in pkgutil.walk_packages(replaykit.__path__, "replaykit."):
        if not module.name.endswith("__main__") and ".demo.project" not in module.name:
            importlib.import_module(module.name)
    found: dict[str, type] = {}
    for name, loaded in list(sys.modules.items()):
        if name.startswith("replaykit"):
            for key, value in vars(loaded).items():
                if isinstance(value, type) and value.__module__.startswith("replaykit"):
                    found.setdefault(key, value)
    return found


def types_in(hint: Any) -> Iterator[type]:
    if isinstance(hint, list):
        for part in hint:
            yield from types_in(part)
    elif typing.get_args(hint):
        for part in typing.get_args(hint):
            yield from types_in(part)
    elif isinstance(hint, type):
        yield hint


def annotated(value: Any) -> Iterator[Any]:
    """What has annotations: a dataclass for its fields, functions, public methods and properties."""
    if inspect.isfunction(value):
        yield value
    elif isinstance(value, type):
        if dataclasses.is_dataclass(value):
            yield value
        yield from (function for _, function in methods_of(value))
        yield from (each.fget for each in vars(value).values() if isinstance(each, property))


def methods_of(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods that the class itself defines, and its own constructor."""
    for name, member in vars(cls).items():
        function = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        own = name == "__init__" and not dataclasses.is_dataclass(cls)
        if inspect.isfunction(function) and (own or not name.startswith("_")):
            yield name, function


def hidden_on(value: Any) -> set[str]:
    """Types of replaykit that the annotations of a public name lead to, and that no public module has."""
    return {
        reached.__name__
        for source in annotated(value)
        for field, hint in typing.get_type_hints(source, localns=ours()).items()
        if not field.startswith("_")
        for reached in types_in(hint)
        if reached.__module__.startswith("replaykit") and reached not in OBJECTS.values()
    }


@pytest.mark.parametrize("name", OBJECTS)
def test_what_hangs_on_a_public_name_is_public_too(name: str) -> None:
    assert hidden_on(OBJECTS[name]) - SEAMS.keys() == set()


def test_a_seam_that_is_none_any_more_loses_its_leave() -> None:
    assert set().union(*map(hidden_on, OBJECTS.values())) == SEAMS.keys()


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_name_has_a_docstring_of_its_own(name: str) -> None:
    text = vars(OBJECTS[name]).get("__doc__") if isinstance(OBJECTS[name], type) else OBJECTS[name].__doc__
    assert text
    assert not text.startswith(f"{name}("), "the text that a dataclass makes for itself"


@pytest.mark.parametrize("name", VALUES)
def test_every_field_of_a_public_value_is_documented(name: str) -> None:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(VALUES[name]))).body
    assert isinstance(node, ast.ClassDef)
    body = [*node.body, ast.Pass()]
    bare = [
        ast.unparse(field.target)
        for field, following in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and not ast.unparse(field.target).startswith("_")
        if not (isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant))
    ]
    assert bare == []


def callables() -> dict[str, tuple[Any, str]]:
    """By name, every public function and method, with the docstring that describes its call."""
    found: dict[str, tuple[Any, str]] = {}
    for name, value in OBJECTS.items():
        if inspect.isfunction(value):
            found[name] = (value, inspect.getdoc(value) or "")
        elif isinstance(value, type):
            for method, function in methods_of(value):
                if (
                    method == "__init__"
                    and issubclass(value, Exception)
                    and value is not replaykit.ReplaykitError
                ):
                    continue  # raised by replaykit alone
                described = value if method == "__init__" else function
                found[f"{name}.{method}"] = (function, inspect.getdoc(described) or "")
    return found


CALLABLES = callables()
DELEGATED = {
    "Check.__init__": "WorkflowCodeError",
    "Config.with_worker": "ConfigError",
    "assert_deterministic": "Counterexample",
    "compatible": "Counterexample",
    "dump_history": "InvalidHistoryError",
    "histories": "ValuesError",
    "load_config": "ConfigError",
    "read_history": "UnreadableHistoryError",
}
"""What these raise, in the functions that they call too."""


def section(text: str, title: str) -> str:
    """A Google section of a docstring, dedented; empty where there is none."""
    match = re.search(rf"^{title}:\n((?: +[^\n]*\n?|\n)+)", text, re.MULTILINE)
    return textwrap.dedent(match.group(1)).strip() if match else ""


@pytest.mark.parametrize("name", CALLABLES)
def test_every_parameter_of_a_public_callable_is_described(name: str) -> None:
    function, text = CALLABLES[name]
    described = re.findall(r"^\**(\w+): \S", section(text, "Args"), re.MULTILINE)
    wanted = [each for each in inspect.signature(function).parameters if each not in ("self", "cls")]
    assert described == wanted


@pytest.mark.parametrize("name", CALLABLES)
def test_what_a_public_callable_returns_and_raises_is_described(name: str) -> None:
    function, text = CALLABLES[name]
    if typing.get_type_hints(function, localns=ours()).get("return", type(None)) is not type(None):
        assert section(text, "Returns")
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    raised = {
        ast.unparse(each.exc.func)
        for each in ast.walk(node)
        if isinstance(each, ast.Raise) and isinstance(each.exc, ast.Call)
    }
    raises = section(text, "Raises")
    assert [error for error in (*raised, *DELEGATED.get(name, "").split()) if f"{error}:" not in raises] == []


def called() -> list[str]:
    """The public names to call: functions, and classes that are no plain values."""
    return [
        name
        for name, value in OBJECTS.items()
        if not isinstance(value, type) or not (name in VALUES or issubclass(value, (enum.Enum, Exception)))
    ] + ["Store", "Values", "Scenario"]


@pytest.mark.parametrize("name", called())
def test_what_is_called_has_an_example_that_calls_it(name: str) -> None:
    example = section(inspect.getdoc(OBJECTS[name]) or "", "Example")
    names = {node.id for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Name)}
    assert name in names
