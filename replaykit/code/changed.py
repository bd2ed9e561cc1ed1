"""Which workflows a change alters, from the source of both sides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from replaykit.code.definitions import find_definitions
from replaykit.code.sources import tree_of

__all__ = ["changed_workflows"]


def changed_workflows(root: Path, base_root: Path) -> set[str]:
    """Workflow types whose class, or a function beside it, the change alters; not by comments or layout.

    Args:
        root: The project as it is.
        base_root: The same inside the base's tree.

    Returns:
        Names of workflow types that both sides have; the class name of a dynamic one.
    """
    now, before = dict(_code_by_type(root)), dict(_code_by_type(base_root))
    return {name for name, code in now.items() if name in before and before[name] != code}


def _code_by_type(root: Path) -> Iterator[tuple[str, str]]:
    """By workflow type, everything about it that runs, as the parser sees it."""
    for entry in find_definitions(root):
        tree = tree_of(root / entry.file)
        if tree is None:
            continue
        functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name == entry.class_name:
                name = entry.workflow_type or entry.class_name
                yield name, "\n".join(ast.dump(part) for part in (node, *functions))
