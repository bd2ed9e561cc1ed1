"""The two sides of a pair as one file each: what a change to a workflow looks like in a project."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from replaykit.history import find_fixtures, read_history
from tests.explore.test_pairs import OLD
from tests.pairs.pair import Pair
from tests.pairs.runs import HISTORIES

__all__ = ["FILE", "fixture_of", "sides_of"]

FILE = "flows.py"
_CODE = Path(__file__).parents[1] / "pairs" / "code"
_KEPT = frozenset({"Child", "Neighbour"})
"""Workflows that others start or signal: they stay on both sides."""


def sides_of(pair: Pair) -> tuple[str, str]:
    """The text of the file before and after the change; the workflow's class is called `Flow` on both."""
    module, _, name = pair.new.partition(".")
    old = OLD[pair.history.workflow_type or ""]
    return _side(old.__module__.rpartition(".")[2], old.__name__), _side(module, name)


def fixture_of(pair: Pair) -> Path:
    """The history that the old code recorded."""
    return _fixtures()[pair.history.workflow_type]


@cache
def _fixtures() -> dict[str | None, Path]:
    return {read_history(path).workflow_type: path for path in find_fixtures([HISTORIES])}


def _side(module: str, name: str) -> str:
    text = (_CODE / f"{module}.py").read_text(encoding="utf-8")
    gone: set[int] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name not in {name, *_KEPT} and _is_workflow(node):
            first = min(decorator.lineno for decorator in node.decorator_list)
            gone |= set(range(first, (node.end_lineno or 0) + 1))
    lines = [line for number, line in enumerate(text.splitlines(), 1) if number not in gone]
    kept = re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines) + "\n")
    return re.sub(rf"\b{name}\b", "Flow", re.sub(r"  # <- here.*", "", kept))


def _is_workflow(node: ast.ClassDef) -> bool:
    return any("workflow.defn" in ast.unparse(each) for each in node.decorator_list)
