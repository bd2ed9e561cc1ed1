"""`replaykit gate --fix`: the tried guard under each new divergence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.fix.pairs import repository_of
from tests.fix.sides import FILE, sides_of
from tests.pairs.table import PAIRS
from tests.report.json_reports import checked

BY_NAME = {pair.new: pair for pair in PAIRS}


@pytest.mark.exhaustive
def test_a_gate_shows_the_guard_that_was_tried(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    pair = BY_NAME["activities.RemovedMiddle"]
    repository_of(tmp_path, pair)
    done = run_replaykit(
        "gate", "--fix", "--json", "gate.json", "--sarif", "gate.sarif", "--markdown", "gate.md"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "    cure: tried: 1 history that diverged replays with it, strictly; " in done.stdout
    assert '    +        if not workflow.patched("without-charge"):' in done.stdout
    assert "as it was" not in done.stdout, "the hint is gone"
    assert "\n  since     " in (tmp_path / "gate.md").read_text()

    (issue,) = [
        each
        for each in checked((tmp_path / "gate.json").read_text(), "gate")["issues"]
        if each["replacements"]
    ]
    assert issue["rule"] == "new-divergence"
    lines = sides_of(pair)[1].splitlines(keepends=True)
    for each in reversed(issue["replacements"]):
        assert each["file"] == FILE
        lines[each["first"] - 1 : each["last"]] = [each["text"]]
    (tmp_path / FILE).write_text("".join(lines))
    assert run_replaykit("replay", "--strict").returncode == 0
    (result,) = json.loads((tmp_path / "gate.sarif").read_text())["runs"][0]["results"]
    assert result["fixes"][0]["artifactChanges"][0]["artifactLocation"]["uri"] == FILE


@pytest.mark.exhaustive
def test_a_gate_without_a_new_divergence_tries_nothing(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository_of(tmp_path, BY_NAME["patches.Patched"])
    done = run_replaykit("gate", "--fix")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tried" not in done.stdout
