"""Guards leave every byte beside them as it was."""

from __future__ import annotations

import ast
from difflib import SequenceMatcher

import pytest

from replaykit.code.guarding.changes import Changes
from replaykit.code.guarding.differing import Grain
from replaykit.code.guarding.writing import Guard

PLAIN = """from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn
class Flow:
    @workflow.run
    async def run(self) -> None:
        # First the stock.
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)  # fast

        # Then the money.
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)

        for item in range(3):
            # One by one.
            await workflow.execute_activity("ship", item, start_to_close_timeout=TIMEOUT)
        return None


def helper():
    return {"a": 1,
            "b": 2}
"""
"""What all of them are made of."""

ADDED = (
    '"charge", start',
    '"tax", start_to_close_timeout=TIMEOUT)\n        await workflow.execute_activity("charge", start',
)


def _with(old: str, new: str, text: str = PLAIN) -> str:
    assert old in text
    return text.replace(old, new, 1)


LAYOUTS = {
    "plain": PLAIN,
    "windows line ends": PLAIN.replace("\n", "\r\n"),
    "tabs": PLAIN.replace("    ", "\t"),
    "two spaces": PLAIN.replace("    ", "  "),
    "no newline at the end": PLAIN.rstrip("\n"),
    "single quotes": PLAIN.replace('"', "'"),
    "a long line": _with("# fast", "# " + "slow " * 60),
    "spaces at the ends of lines": PLAIN.replace("\n\n", "\n   \n"),
    "a form feed": _with("\n\n\ndef helper", "\n\f\n\ndef helper"),
    "a byte order mark": "\ufeff" + PLAIN,
    "other scripts": _with("# One by one.", "# 一つずつ。 По одному."),
    "semicolons": _with("return None", "x = 1; y = 2"),
    "a backslash": _with('{"a": 1,\n            "b": 2}', "1 + \\\n        2"),
    "an odd indentation of arguments": _with(
        '("ship", item, start_to_close_timeout=TIMEOUT)',
        '(\n   "ship",\n                item,\n  start_to_close_timeout=TIMEOUT)',
    ),
    "a text of several lines": _with("return None", 'text = """\n  a\nb\n"""'),
    "a comment at the end of a body": _with("return None", "return None\n        # the end"),
    "a docstring": _with("    @workflow.run", '    """What it does."""\n\n    @workflow.run'),
    "a decorator with a comment": _with("@workflow.defn", "@workflow.defn  # the main one"),
    "a shebang and a coding line": "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n" + PLAIN,
    "blank lines in front": "\n\n" + PLAIN,
    "an import under another name": PLAIN.replace(
        "from temporalio import workflow", "from temporalio import workflow as wf"
    )
    .replace("workflow.", "wf.")
    .replace("temporalio import wf", "temporalio import workflow"),
}
CHANGES = {
    "added": ADDED,
    "renamed": ('"charge"', '"charge_card"'),
    "in a loop": ('"ship", item', '"ship", item + 1'),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_bytes_beside_a_guard_are_unchanged(layout: str, change: str) -> None:
    base = LAYOUTS[layout]
    old, new = CHANGES[change]
    if "'" in base and '"' not in base:
        old, new = old.replace('"', "'"), new.replace('"', "'")
    for word, other in (("\n", "\r\n"),) if "\r\n" in base else (("    ", "\t"),) if "\t" in base else ():
        new = new.replace(word, other)
    if layout == "two spaces":
        new = new.replace("        ", "    ")
    if layout == "an odd indentation of arguments" and change == "in a loop":
        old, new = "item,\n  start", "item + 1,\n  start"
    if layout == "an import under another name":
        new = new.replace("workflow.execute", "wf.execute")
    head = _with(old, new, base)
    changes = Changes({"flows.py": base}, {"flows.py": head})
    guards = [Guard(hunk=hunk, patch_id="p") for hunk in changes.hunks(Grain())]
    assert len(guards) == 1

    text = changes.written(guards, mark="Kept.")["flows.py"]

    ast.parse(text.removeprefix("\ufeff"))
    touched = _touched(head, text)
    assert touched
    assert [line for line in touched if not _is_of_the_change(line)] == []
    assert text.count("\r\n") == text.count("\n") if "\r\n" in base else "\r" not in text
    assert text.endswith("\n") == base.endswith("\n")
    quoted = "'p'" if layout == "single quotes" else '"p"'
    assert f"{'wf' if 'as wf' in base else 'workflow'}.patched({quoted})" in text


def _touched(head: str, text: str) -> list[str]:
    """The lines that are not in both, without what is before and after them."""
    was, now = head.splitlines(keepends=True), text.splitlines(keepends=True)
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    return [
        line
        for kind, first, last, start, end in matcher.get_opcodes()
        if kind != "equal"
        for line in (*was[first:last], *now[start:end])
    ]


_WORDS = ("charge", "tax", "ship", "TIMEOUT", "patched(", "await workflow.execute_activity(")
_LINES = ("else:", ")", "item,", "item + 1,")


def _is_of_the_change(line: str) -> bool:
    return line.strip() in _LINES or any(word in line for word in _WORDS)
