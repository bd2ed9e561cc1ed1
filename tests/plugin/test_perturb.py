"""`pytest --replay-perturb`: one more item, in any process."""

from __future__ import annotations

import pytest

from tests.cli.test_replay_perturb import SHAKY
from tests.plugin.project import write_project
from tests.plugin.test_options import XDIST, run

Pytester = pytest.Pytester
ASKED = ["--replay-histories", "histories", "--replay-perturb"]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are processes of their own, and never take a terminal for a CI log."""
    for name in ("CI", "BUILD_NUMBER", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")


@pytest.mark.parametrize("xdist", [XDIST[0], pytest.param(["-n", "2"], id="-n 2", marks=pytest.mark.weekly)])
@pytest.mark.exhaustive
@pytest.mark.weekly
def test_what_does_not_come_out_the_same_fails(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, code=SHAKY)
    result = run(pytester, *ASKED, *xdist)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "histories/DataProcessingWorkflow/copy-0.json: depends on: hash seed",
            "  line      flows.py:13 in run",
            "FAILED replaykit::perturb - perturbed: 1 of 1 history in 8 rounds did not*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.weekly
def test_sound_code_passes(pytester: Pytester) -> None:
    write_project(pytester.path, copies=2)
    result = run(pytester, *ASKED)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["perturbed: 2 histories in 8 rounds, all came out the same; *"])


def test_it_wants_histories(pytester: Pytester) -> None:
    result = run(pytester, "--replay-perturb")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no histories are named. Add --replay-histories PATH*"])
