"""Ways to fool a gate, each on a real repository: the exit code, and the finding that names it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.gate import (
    rows_of_base,
    rows_of_changed_code,
    rows_of_chosen_base,
    rows_of_copies,
    rows_of_disguises,
    rows_of_fixtures,
    rows_of_ids,
    rows_of_nothing,
    rows_of_pinned,
    rows_of_places,
    rows_of_policy,
    rows_of_reading,
    rows_of_same,
    rows_of_waivers,
    rows_of_workers,
    rows_of_workflows,
)
from tests.gate.fooling import Row
from tests.gate.repository import Repository

_ROWS = (
    *rows_of_base.ROWS,
    *rows_of_changed_code.ROWS,
    *rows_of_chosen_base.ROWS,
    *rows_of_copies.ROWS,
    *rows_of_disguises.ROWS,
    *rows_of_fixtures.ROWS,
    *rows_of_ids.ROWS,
    *rows_of_places.ROWS,
    *rows_of_nothing.ROWS,
    *rows_of_pinned.ROWS,
    *rows_of_policy.ROWS,
    *rows_of_reading.ROWS,
    *rows_of_same.ROWS,
    *rows_of_waivers.ROWS,
    *rows_of_workers.ROWS,
    *rows_of_workflows.ROWS,
)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=() if row.in_default_run else pytest.mark.exhaustive)
        for row in _ROWS
    ],
)
@pytest.mark.thinned(25)
def test_a_gate_is_not_fooled(tmp_path: Path, run_replaykit: RunReplaykit, row: Row) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    row.make(Repository.with_project(root))
    env = {name: value.replace("{root}", str(root)) for name, value in row.env.items()}
    paths = [env[name] for name in env if name == "PYTHONPATH"] + [os.environ.get("PYTHONPATH", "")]
    env["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    done = run_replaykit("gate", *row.arguments, cwd=root / row.folder, **env)
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == row.exit_code, output
    assert row.rule is None or f"{row.rule}: " in output, output
    assert row.text in output, output
    assert not row.absent or row.absent not in output, output
    assert "Traceback" not in output


def test_each_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in _ROWS}) == len(_ROWS)
