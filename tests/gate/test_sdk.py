"""The gate before an SDK upgrade: two real releases, one code."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
import temporalio.service

from replaykit.gate.overlay import installed
from tests.conftest import RunReplaykit
from tests.pairs.runs import HISTORIES
from tests.plugin.project import write_project

_OLD = "1.24.0"
_NEW = temporalio.service.__version__


@pytest.mark.skipif(
    _NEW == _OLD, reason=f"temporalio {_OLD} itself is installed: there is nothing to compare"
)
@pytest.mark.exhaustive
def test_a_release_that_changes_nothing(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    done = run_replaykit("gate", "--sdk", f"temporalio=={_OLD}")
    assert done.returncode == 0, done.stderr
    assert f"SDK temporalio {_OLD}, compared with temporalio {_NEW}" in done.stdout


@pytest.mark.skipif(
    _NEW == _OLD, reason=f"temporalio {_OLD} itself is installed: there is nothing to compare"
)
@pytest.mark.exhaustive
@pytest.mark.weekly
def test_a_release_that_compares_more(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    """A renamed Nexus operation: later releases of Core compare its name, earlier ones let it pass."""
    (tmp_path / "histories").mkdir()
    (fixture,) = (HISTORIES / "Buy").glob("*.json")
    shutil.copy(fixture, tmp_path / "histories")
    root = Path(__file__).parents[2]
    (tmp_path / "pyproject.toml").write_text(
        '[tool.replaykit]\nworkflows = ["tests.pairs.code.nexus:OperationRenamed"]\n', encoding="utf-8"
    )
    with installed(f"temporalio=={_OLD}") as overlay:
        path = os.pathsep.join([overlay["PYTHONPATH"], str(root)])
        done = run_replaykit("gate", "--sdk", f"temporalio=={_NEW}", PYTHONPATH=path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"SDK temporalio {_NEW}, compared with temporalio {_OLD}" in done.stdout
    assert "new-divergence" in done.stdout


@pytest.mark.exhaustive
def test_a_release_that_does_not_exist(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    done = run_replaykit("gate", "--sdk", "temporalio==0.0.0.1")
    assert done.returncode == 2
    assert "--sdk: could not install temporalio==0.0.0.1" in done.stderr
    assert sys.executable in done.stderr
