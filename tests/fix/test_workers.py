"""Workflows of two classes that change alike, and two workers that have one of a name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.fix.projects import project_with
from tests.fix.shapes import shapes

FLOW = shapes()["two_independent_changes"].base["flows.py"]
STEP = '        await workflow.execute_activity("check", start_to_close_timeout=TIMEOUT)\n'
RESERVE = '        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)\n'
OTHER = FLOW[FLOW.index("\n\n@workflow.defn") :].replace("class Flow", "class Other")
WORKER = """
[[tool.replaykit.worker]]
name = "{0}"
workflows = ["{0}"]
"""


@pytest.mark.exhaustive
def test_two_workflows_that_change_alike_share_a_patch(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    both = FLOW + OTHER
    project_with(tmp_path, both, both.replace(RESERVE, STEP + RESERVE))
    done = run_replaykit("fix", "--apply")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "flows.py").read_text().count('if workflow.patched("check"):\n') == 2


@pytest.mark.exhaustive
def test_new_runs_of_each_worker_are_compared(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = project_with(tmp_path, FLOW, f"{FLOW}# a word\n")
    repository.git("checkout", "--quiet", "main")
    for name in ("a", "b"):
        shutil.copytree(tmp_path / "histories", tmp_path / "kept" / name)
        (tmp_path / f"{name}.py").write_text(FLOW)
    repository.remove("histories")
    (tmp_path / "kept").rename(tmp_path / "histories")
    (tmp_path / "pyproject.toml").write_text(WORKER.format("a") + WORKER.format("b"))
    repository.commit("two workers")
    repository.git("checkout", "--quiet", "-B", "change")
    (tmp_path / "b.py").write_text(FLOW.replace(RESERVE, STEP + RESERVE))
    repository.commit("a step for one of them")
    done = run_replaykit("fix")
    assert "24 new runs do what the change does" in done.stdout, done.stdout + done.stderr
    assert "not tried" not in done.stdout
