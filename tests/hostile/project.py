"""A project with one misbehaving workflow between sound ones."""

from __future__ import annotations

import textwrap
from pathlib import Path

from tests.hostile.codes import AT_IMPORT, Code
from tests.plugin.project import UNCHANGED, write_project

__all__ = ["BAD", "write_code", "write_hostile_project"]

BAD = "histories/MBad/bad.json"
"""Between the sound ones in the order of their paths."""
_IMPORTS = "import asyncio, atexit, builtins, ctypes, os, re, signal, subprocess, sys, threading, time\n"


def write_hostile_project(root: Path, code: Code) -> None:
    """Write it: two histories of a sound workflow, and one of a workflow that does what `code` says."""
    first, second = write_project(root, copies=2)
    (root / "histories" / "MBad").mkdir()
    text = first.read_text(encoding="utf-8").replace("DataProcessingWorkflow", "BadWorkflow")
    (root / BAD).write_text(text, encoding="utf-8")
    (root / "histories" / "ZLast").mkdir()
    second.rename(root / "histories" / "ZLast" / second.name)
    write_code(root, code)
    table = '[tool.replaykit]\nworkflows = ["flows", "bad"]\n'
    (root / "pyproject.toml").write_text(table, encoding="utf-8")


def write_code(root: Path, code: Code) -> None:
    """Write the module of the misbehaving workflow."""
    source = UNCHANGED.replace(
        "@workflow.defn\nclass DataProcessingWorkflow",
        '@workflow.defn(name="BadWorkflow", sandboxed=False)\nclass BadWorkflow',
    )
    if code.where == AT_IMPORT:
        source = f"{_IMPORTS}{code.lines}\n{source}"
    else:
        body = textwrap.indent(code.lines, " " * 8)
        source = _IMPORTS + source.replace("        rows =", f"{body}\n        rows =", 1)
    (root / "bad.py").write_text(source, encoding="utf-8")
