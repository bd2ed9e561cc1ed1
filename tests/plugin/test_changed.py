"""`--replay-changed`: a run of pytest after another."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.check.kept.project import FIRST, write, write_fixture, write_project

Pytester = pytest.Pytester
Run = Callable[..., pytest.RunResult]
XDIST = [pytest.param([], id="alone"), pytest.param(["-n", "2"], id="-n 2")]
EXTRA = '        await workflow.execute_activity("validate", start_to_close_timeout=SOON)\n        rows ='


@pytest.fixture
def run(pytester: Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A project in the folder of the test, and pytest there; never what a CI log would be."""
    for name in ("CI", "BUILD_NUMBER", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(pytester.path.parent / f"{pytester.path.name}-cache"))
    monkeypatch.setenv("COLUMNS", "120")
    write_project(pytester.path)
    write_fixture(pytester.path, FIRST, "another-run")
    usual = ("-p", "no:cacheprovider", "--replay-histories", "histories", "--replay-changed")
    return lambda *arguments: pytester.runpytest_subprocess(*usual, *arguments, timeout=120)


@pytest.mark.parametrize("xdist", XDIST)
def test_a_second_run_replays_nothing_and_says_so(pytester: Pytester, run: Run, xdist: list[str]) -> None:
    first = run(*xdist)
    first.assert_outcomes(passed=3)
    assert "answered from before" not in first.stdout.str()
    second = run(*xdist, "--junit-xml", "junit.xml")
    second.assert_outcomes(passed=3)
    second.stdout.fnmatch_lines(
        ["3 consistent; 9 commands compared in * s; 0 replayed, 3 answered from before"]
    )
    text = (pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert len(re.findall('name="replaykit_kept"', text)) == 3


@pytest.mark.parametrize("xdist", XDIST)
def test_only_what_changed_is_replayed(pytester: Pytester, run: Run, xdist: list[str]) -> None:
    run(*xdist).assert_outcomes(passed=3)
    code = (pytester.path / "app/second.py").read_text(encoding="utf-8")
    write(pytester.path, "app/second.py", code.replace("        rows =", EXTRA))
    red = run(*xdist)
    red.assert_outcomes(passed=2, failed=1)
    red.stdout.fnmatch_lines(
        ["2 consistent, 1 diverged; * commands compared in * s; 1 replayed, 2 answered from before"]
    )
    run(*xdist).assert_outcomes(passed=2, failed=1)


def test_code_that_does_not_load_any_more_is_no_green(pytester: Pytester, run: Run) -> None:
    run().assert_outcomes(passed=3)
    write(pytester.path, "app/second.py", "raise RuntimeError('broken')\n")
    broken = run("-k", FIRST)
    assert broken.ret == pytest.ExitCode.USAGE_ERROR
    broken.stderr.fnmatch_lines(["*RuntimeError: broken*"])


@pytest.mark.parametrize("option", ["--replay-html=page.html", "--replay-debug", "--cov=app"])
def test_what_replays_everything_says_so(run: Run, option: str) -> None:
    run().assert_outcomes(passed=3)
    result = run(option)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["replaykit: all are replayed, and no verdict is kept: *"])
    assert "answered from before" not in result.stdout.str()


def test_the_fixture_answers_from_before_too(pytester: Pytester, run: Run) -> None:
    write(
        pytester.path,
        "test_one.py",
        f"def test_one(replay):\n    assert replay('histories/{FIRST}/run.json').kept\n",
    )
    run("histories").assert_outcomes(passed=3)
    run("test_one.py", "histories").assert_outcomes(passed=4)
