"""Changes that fail the task, take the workflow away or cannot be imported, and what a user reads of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.fix.pairs import repository_of
from tests.fix.sides import FILE
from tests.pairs.table import PAIRS

ADDED = {pair.new: pair for pair in PAIRS}["activities.AddedMiddle"]
STEP = '        await workflow.execute_activity("validate", start_to_close_timeout=TIMEOUT)\n'


def in_place_of_the_step(folder: Path, code: str) -> None:
    repository = repository_of(folder, ADDED)
    path = folder / FILE
    assert STEP in path.read_text()
    path.write_text(path.read_text().replace(STEP, code))
    repository.commit("another change")


@pytest.mark.exhaustive
def test_a_change_that_fails_is_guarded_and_its_failure_is_named(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    in_place_of_the_step(tmp_path, '        raise ValueError("oops")\n')
    done = run_replaykit("fix")
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert "note: with the change, the code raised ValueError: oops at flows.py:" in text
    assert "new ones that come there still fail" in text
    assert "tried: 1 history that broke replays with it, strictly" in text
    assert "breaks since " in text
    assert "diverge" not in text


@pytest.mark.exhaustive
def test_a_workflow_that_was_taken_away_is_named(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    repository = repository_of(tmp_path, ADDED)
    (tmp_path / FILE).unlink()
    (tmp_path / "others.py").write_text(
        "from temporalio import workflow\n\n\n"
        "@workflow.defn\nclass Other:\n    @workflow.run\n    async def run(self) -> None: ...\n"
    )
    project = tmp_path / "pyproject.toml"
    project.write_text(project.read_text().replace("flows:Flow", "others"))
    repository.commit("another workflow")
    done = run_replaykit("fix")
    assert done.returncode == 1
    assert "no cure for 1 history: the change has no such workflow: bring its class back" in " ".join(
        done.stdout.split()
    )


def test_what_cannot_be_judged_for_one_reason_is_named_once(
    tmp_path: Path, run_replaykit: RunReplaykit
) -> None:
    in_place_of_the_step(tmp_path, "        1 = 2\n")
    (fixture,) = (tmp_path / "histories").iterdir()
    for number in range(6):
        fixture.with_name(f"again-{number}.json").write_bytes(fixture.read_bytes())
    done = run_replaykit("fix")
    assert done.returncode == 2
    assert done.stdout.count("SyntaxError") == 1
    assert "  and 2 more\n" in done.stdout
    assert done.stdout.endswith("nothing could be judged: 7 histories\n")
