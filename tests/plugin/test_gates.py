"""The plugin's tests about the corpus as a whole, and the findings in its summary."""

from __future__ import annotations

import json

import pytest

from tests.plugin.project import CHANGED, TWO_WORKFLOWS, switch_comparison_off, write_project
from tests.plugin.test_options import run

Pytester = pytest.Pytester
ASKED = ["--replay-histories", "histories"]

XDIST = [
    pytest.param([], id="alone"),
    pytest.param(["-n", "2"], id="-n 2", marks=pytest.mark.weekly),
]


@pytest.fixture(autouse=True)
def _alone(pytester: Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are processes of their own, and never take a terminal for a CI log."""
    for name in ("CI", "BUILD_NUMBER", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")


@pytest.mark.exhaustive
@pytest.mark.parametrize("xdist", XDIST)
def test_the_self_test_is_one_more_item(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, copies=2)
    result = run(pytester, *ASKED, "--replay-self-test", *xdist)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "2 consistent; 6 commands compared in * s",
            "self-test passed: each of 6 histories made wrong on purpose diverged, as it must",
        ]
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize("xdist", XDIST)
def test_a_gate_that_compares_nothing_fails(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, code=CHANGED, pyproject=switch_comparison_off(pytester.path))
    result = run(pytester, *ASKED, "--replay-self-test", *xdist)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "self-test failed: 6 of 6 histories made wrong on purpose did not diverge",
            "  DataProcessingWorkflow: activity extract_rows renamed: consistent",
            "FAILED replaykit::self-test - self-test failed: 6 of 6*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.exhaustive
@pytest.mark.parametrize("xdist", XDIST)
def test_a_workflow_without_a_fixture_is_in_the_summary(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, code=TWO_WORKFLOWS, copies=2)
    result = run(pytester, *ASKED, *xdist)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "2 consistent; 6 commands compared in * s",
            "1 workflow has no fixture, so nothing guards it:",
            "  RefundWorkflow",
            "  Capture a run: replaykit capture WORKFLOW_ID",
        ]
    )


@pytest.mark.weekly
@pytest.mark.parametrize("xdist", XDIST)
def test_it_fails_where_fixtures_are_required(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, code=TWO_WORKFLOWS)
    result = run(pytester, *ASKED, "--replay-require-fixtures", *xdist)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "1 workflow has no fixture, so this check fails:",
            "  RefundWorkflow",
            "  Capture a run: replaykit capture WORKFLOW_ID",
            "FAILED replaykit::require-fixtures - 1 workflow has no fixture*",
        ]
    )
    assert result.stdout.str().count("  RefundWorkflow") == 1


@pytest.mark.weekly
def test_the_configuration_can_require_fixtures_too(pytester: Pytester) -> None:
    write_project(pytester.path, code=TWO_WORKFLOWS, pyproject="require_fixtures = true\n")
    run(pytester, *ASKED).assert_outcomes(passed=1, failed=1)


@pytest.mark.weekly
def test_required_fixtures_that_are_there_pass(pytester: Pytester) -> None:
    write_project(pytester.path)
    run(pytester, *ASKED, "--replay-require-fixtures").assert_outcomes(passed=2)


@pytest.mark.weekly
def test_a_narrowed_run_says_nothing_of_the_others(pytester: Pytester) -> None:
    write_project(pytester.path, code=TWO_WORKFLOWS, copies=2)
    for selection in (["-k", "copy-0"], ["histories/DataProcessingWorkflow/copy-0.json"]):
        assert "no fixture" not in run(pytester, *ASKED, *selection).stdout.str()


@pytest.mark.weekly
def test_selecting(pytester: Pytester) -> None:
    write_project(pytester.path, copies=2)
    pytester.makepyfile(test_other="def test_other(): pass")
    both = [*ASKED, "--replay-self-test", "--strict-markers"]
    run(pytester, ".", *both, "-m", "not replay").assert_outcomes(passed=1, deselected=3)
    run(pytester, ".", *both, "-m", "replay").assert_outcomes(passed=3, deselected=1)
    run(pytester, ".", *both, "-k", "self-test").assert_outcomes(passed=1, deselected=3)


def test_a_run_without_histories_has_nothing_to_test(pytester: Pytester) -> None:
    write_project(pytester.path)
    result = run(pytester, "--replay-self-test")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no histories are named. Add --replay-histories PATH"])


@pytest.mark.exhaustive
def test_the_option_adds_nothing_to_a_run_of_other_tests(pytester: Pytester) -> None:
    ini = '\n[tool.pytest.ini_options]\nreplay_histories = ["histories"]\naddopts = "--replay-self-test"\n'
    write_project(pytester.path, pyproject=ini)
    pytester.mkdir("tests").joinpath("test_one.py").write_text("def test_one(): pass\n")
    run(pytester, "tests/test_one.py").assert_outcomes(passed=1)
    run(pytester, "tests/test_one.py", "histories").assert_outcomes(passed=3)


@pytest.mark.weekly
def test_the_commands_compared_are_in_the_junit_report(pytester: Pytester) -> None:
    write_project(pytester.path)
    run(pytester, *ASKED, "--junit-xml", "junit.xml")
    report = pytester.path.joinpath("junit.xml").read_text(encoding="utf-8")
    assert '<property name="replaykit_commands_compared" value="3"' in report
    assert '<property name="replaykit_workflow_type" value="DataProcessingWorkflow"' in report


@pytest.mark.weekly
@pytest.mark.parametrize("xdist", XDIST)
def test_a_green_of_strict_mode_says_that_it_is_one(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, copies=2)
    result = run(pytester, *ASKED, "--replay-strict", *xdist)
    result.stdout.fnmatch_lines(["2 consistent, strict; 6 commands and their attributes compared in * s"])


@pytest.mark.weekly
def test_what_a_narrowed_run_leaves_out_is_not_stale(pytester: Pytester) -> None:
    write_project(pytester.path, code=TWO_WORKFLOWS)
    result = run(pytester, *ASKED, "--replay-workflows", "flows:RefundWorkflow")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["1 history is of workflows that this run leaves out:"])
    assert "is stale" not in result.stdout.str()


@pytest.mark.exhaustive
def test_a_missing_folder_of_the_ini_is_named_with_the_cure(pytester: Pytester) -> None:
    ini = '\n[tool.pytest.ini_options]\nreplay_histories = ["histories"]\n'
    (fixture,) = write_project(pytester.path, pyproject=ini)
    fixture.parent.parent.rename(pytester.path / "kept-elsewhere")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: histories: nothing to replay: there is no such folder. Capture *"])


@pytest.mark.weekly
def test_a_vacuous_history_fails_and_says_so(pytester: Pytester) -> None:
    (fixture,) = write_project(pytester.path)
    document = json.loads(fixture.read_text(encoding="utf-8"))
    del document["replaykit"]
    document["events"] = document["events"][:4]
    fixture.write_text(json.dumps(document), encoding="utf-8")
    result = run(pytester, *ASKED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*copy-0.json: unjudged (vacuous)", "1 unjudged; 0 commands compared in * s", "FAILED *vacuous*"]
    )
