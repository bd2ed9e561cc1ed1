"""The snippets of suggestions: code that can be pasted, and that makes the History fit again."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest

from replaykit.check import Check
from replaykit.config import load_config
from replaykit.verdict import Divergence
from tests.plugin.project import UNCHANGED, write_project

ROWS = '        rows = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)\n'
LOCAL = (
    "        rows = await workflow.execute_local_activity(\n"
    '            "extract_rows",\n'
    "            source,\n"
    "            start_to_close_timeout=SOON,\n"
    "        )\n"
)
LONG = (
    "        await workflow.execute_activity(\n"
    '            "validate_source",\n'
    "            source,\n"
    "            start_to_close_timeout=SOON,\n"
    "        )\n"
)
FAILS = '        raise ApplicationError("not today")\n'
IMPORT = "from temporalio import workflow\nfrom temporalio.exceptions import ApplicationError\n"


def divergence_of(root: Path, name: str, code: str) -> Divergence | None:
    """Judge the data-processing History by that code, in a module of its own."""
    module = f"flows_{name}"
    (root / f"{module}.py").write_text(code, encoding="utf-8")
    with Check(load_config(root).with_workflows([module])) as check:
        (fixture,) = (root / "histories" / "DataProcessingWorkflow").iterdir()
        verdict = check.judge_file(fixture)
    return verdict.divergence


@pytest.mark.parametrize(
    ("name", "new", "text"),
    [
        ("long", LONG + ROWS, "this is new"),
        ("local", LOCAL, "took the place of"),
        ("fails", FAILS + ROWS, "the workflow fails here"),
    ],
)
def test_the_snippet_pasted_in_makes_the_history_fit_again(
    tmp_path: Path, name: str, new: str, text: str
) -> None:
    write_project(tmp_path)
    base = UNCHANGED.replace("from temporalio import workflow\n", IMPORT)
    divergence = divergence_of(tmp_path, f"{name}_new", base.replace(ROWS, new))
    assert divergence is not None
    assert divergence.suggestion is not None
    assert text in divergence.suggestion
    lines = divergence.suggestion.splitlines()
    snippet = textwrap.dedent("\n".join(line for line in lines if line.startswith(" "))) + "\n"
    ast.parse(f"async def run():\n{textwrap.indent(snippet, '    ')}")
    # "as it was" is for the user to fill in.
    pasted = re.sub(r"\.\.\.  # ActivityTaskScheduled extract_rows, as it was", ROWS.strip(), snippet)
    guarded = textwrap.indent(pasted, " " * 8) + (ROWS if "else:" not in pasted else "")
    assert divergence_of(tmp_path, f"{name}_guarded", base.replace(ROWS, guarded)) is None
