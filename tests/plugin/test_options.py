"""The plugin as a user runs it: every option, without xdist, with -n 0 and with -n 2."""

from __future__ import annotations

import re
import sys

import pytest

from tests.history.no_files import NO_FILES
from tests.plugin.project import CHANGED, UNCHANGED, write_project

Pytester = pytest.Pytester
XDIST = [
    pytest.param([], id="alone"),
    pytest.param(["-n", "0"], id="-n 0", marks=pytest.mark.weekly),
    pytest.param(["-n", "2"], id="-n 2"),
]
SAMPLED = [XDIST[0], pytest.param(["-n", "2"], id="-n 2", marks=pytest.mark.weekly)]


@pytest.fixture(autouse=True)
def _alone(pytester: Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are processes of their own, and never take a terminal for a CI log."""
    for name in ("CI", "BUILD_NUMBER", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")


def run(pytester: Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=120)


@pytest.mark.exhaustive
@pytest.mark.parametrize("xdist", XDIST)
@pytest.mark.thinned(3)
def test_unchanged_code_is_green(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, copies=3)
    result = run(pytester, "--replay-histories", "histories", *xdist)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        ["replaykit: 3 histories in histories", "3 consistent; 9 commands compared in * s"]
    )


@pytest.mark.sampled(3)
@pytest.mark.parametrize("xdist", XDIST)
def test_changed_code_is_red_in_a_short_block(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path, code=CHANGED)
    result = run(pytester, "--replay-histories", "histories", *xdist)
    result.assert_outcomes(failed=1)
    assert result.ret == 1
    text = result.stdout.str()
    block = text[text.index("histories/DataProcessingWorkflow/copy-0.json: diverged") :]
    block = block[: block.index("- replaykit -")]
    assert len(block.strip().splitlines()) < 15
    for line in (
        "workflow  DataProcessingWorkflow data-processing",
        "at        event 5, after 0 commands that matched",
        "line      flows.py:12 in run",
        "  >      5  ActivityTaskScheduled              ScheduleActivity validate_source",
        'if workflow.patched("validate-source"):',
    ):
        assert line in block
    assert "Traceback" not in text
    assert "Failure {" not in text
    result.stdout.fnmatch_lines(["FAILED *copy-0.json::replay - diverged: event 5: recorded *"])


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
@pytest.mark.parametrize("xdist", SAMPLED)
def test_what_is_no_file_fails_as_a_test_of_its_own(pytester: Pytester, xdist: list[str]) -> None:
    (fixture,) = write_project(pytester.path)
    for kind, (make, _) in NO_FILES.items():
        (fixture.parent / kind).mkdir()
        make(fixture.parent / kind / "x.json")
    result = run(pytester, "--replay-histories", "histories", *xdist)
    result.assert_outcomes(passed=1, failed=len(NO_FILES))
    text = " ".join(result.stdout.str().split())
    for kind, (_, message) in NO_FILES.items():
        assert f"{kind}/x.json: unjudged (unreadable)" in text
        assert message.partition(",")[0] in text


@pytest.mark.exhaustive
def test_the_raw_text_of_core_is_there_when_asked_for(pytester: Pytester) -> None:
    write_project(pytester.path, code=CHANGED)
    result = run(pytester, "--replay-histories", "histories", "-vv")
    assert "[TMPRL1100] Nondeterminism error" in result.stdout.str()


@pytest.mark.exhaustive
def test_one_history_is_one_item_with_a_stable_id(pytester: Pytester) -> None:
    write_project(pytester.path, copies=2)
    result = run(pytester, "--replay-histories", "histories", "--collect-only", "-q")
    result.stdout.fnmatch_lines(
        [
            "histories/DataProcessingWorkflow/copy-0.json::replay",
            "histories/DataProcessingWorkflow/copy-1.json::replay",
        ]
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize("where", [["."], ["histories"], ["histories/DataProcessingWorkflow", "."], []])
@pytest.mark.thinned(4)
def test_a_history_named_twice_is_one_item(pytester: Pytester, where: list[str]) -> None:
    write_project(pytester.path)
    run(pytester, "--replay-histories", "histories", *where).assert_outcomes(passed=1)


@pytest.mark.exhaustive
@pytest.mark.parametrize("xdist", SAMPLED)
def test_an_argument_inside_the_histories_narrows_them(pytester: Pytester, xdist: list[str]) -> None:
    first, *_ = write_project(pytester.path, copies=3)
    node = f"{first.relative_to(pytester.path).as_posix()}::replay"
    run(pytester, "--replay-histories", "histories", node, *xdist).assert_outcomes(passed=1)


@pytest.mark.weekly
@pytest.mark.parametrize("xdist", SAMPLED)
def test_an_argument_elsewhere_in_the_named_folder_narrows_nothing(
    pytester: Pytester, xdist: list[str]
) -> None:
    write_project(pytester.path, copies=2)
    pytester.mkdir("tests").joinpath("test_one.py").write_text("def test_one(): pass\n")
    run(pytester, "tests", "--replay-histories", ".", *xdist).assert_outcomes(passed=3)


@pytest.mark.exhaustive
@pytest.mark.parametrize("arguments", [[], ["."], ["histories"], ["tests"]])
@pytest.mark.parametrize(
    "name", ["build", *(pytest.param(n, marks=pytest.mark.exhaustive) for n in ("dist", "venv"))]
)
@pytest.mark.thinned(12)
def test_a_workflow_type_named_like_a_folder_that_pytest_skips(
    pytester: Pytester, arguments: list[str], name: str
) -> None:
    (fixture,) = write_project(pytester.path)
    pytester.mkdir("tests").joinpath("test_one.py").write_text("def test_one(): pass\n")
    (pytester.path / "histories" / name).mkdir()
    fixture.rename(pytester.path / "histories" / name / fixture.name)
    result = run(pytester, "--replay-histories", "histories", *arguments, "-m", "replay")
    result.assert_outcomes(passed=1, deselected=0 if arguments == ["histories"] else 1)


@pytest.mark.exhaustive
def test_a_history_that_is_not_collected_is_an_error(pytester: Pytester) -> None:
    write_project(pytester.path)
    pytester.makeconftest("collect_ignore = ['histories/DataProcessingWorkflow/copy-0.json']")
    pytester.makepyfile(test_other="def test_other(): pass")
    result = run(pytester, ".", "--replay-histories", "histories")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*1 of the histories were not collected: *copy-0.json*"])


@pytest.mark.exhaustive
def test_files_that_nobody_named_stay_alone(pytester: Pytester) -> None:
    write_project(pytester.path)
    result = run(pytester, ".")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


INI = '\n[tool.pytest.ini_options]\nreplay_histories = ["histories"]\ntestpaths = ["tests"]\n'


@pytest.mark.exhaustive
def test_the_ini_names_histories_for_a_bare_run(pytester: Pytester) -> None:
    write_project(pytester.path, pyproject=INI)
    pytester.mkdir("tests").joinpath("test_one.py").write_text("def test_one(): pass\n")
    run(pytester).assert_outcomes(passed=2)


@pytest.mark.weekly
def test_the_ini_adds_nothing_to_a_run_of_one_file(pytester: Pytester) -> None:
    fixtures = write_project(pytester.path, pyproject=INI)
    pytester.mkdir("tests").joinpath("test_one.py").write_text("def test_one(): pass\n")
    run(pytester, "tests/test_one.py").assert_outcomes(passed=1)
    node = f"{fixtures[0].relative_to(pytester.path)}::replay"
    result = run(pytester, node, "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*copy-0.json::replay PASSED*"])


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("selection", "passed"),
    [
        (["-m", "replay"], 2),
        (["-m", "not replay"], 1),
        (["-k", "copy-1"], 1),
        (["-k", "DataProcessingWorkflow"], 2),
        (["-k", "not DataProcessingWorkflow"], 1),
    ],
)
@pytest.mark.thinned(5)
def test_selecting(pytester: Pytester, selection: list[str], passed: int) -> None:
    write_project(pytester.path, copies=2)
    pytester.makepyfile(test_other="def test_other(): pass")
    result = run(pytester, ".", "--replay-histories", "histories", "--strict-markers", *selection)
    result.assert_outcomes(passed=passed, deselected=3 - passed)


@pytest.mark.weekly
def test_last_failed_and_exitfirst(pytester: Pytester) -> None:
    fixtures = write_project(pytester.path, copies=3)
    fixtures[1].write_text("not json", encoding="utf-8")
    arguments = ["--replay-histories", "histories"]
    pytester.runpytest_subprocess(*arguments, timeout=120).assert_outcomes(passed=2, failed=1)
    again = pytester.runpytest_subprocess(*arguments, "--lf", timeout=120)
    again.assert_outcomes(failed=1)
    run(pytester, *arguments, "-x").assert_outcomes(passed=1, failed=1)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("path", "message"),
    [("missing", "*missing*"), ("empty", "*empty: nothing to replay*replaykit capture WORKFLOW_ID*")],
)
def test_nothing_to_replay_is_an_error(pytester: Pytester, path: str, message: str) -> None:
    write_project(pytester.path)
    pytester.mkdir("empty")
    result = run(pytester, "--replay-histories", path)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


@pytest.mark.weekly
def test_code_that_does_not_import_ends_the_run_with_one_message(pytester: Pytester) -> None:
    write_project(pytester.path, code="import no_such_module\n", copies=3)
    result = run(pytester, "--replay-histories", "histories")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().count("No module named 'no_such_module'") == 1


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unreadable"),
        ('{"events": []}', "invalid_history"),
        ('{"replaykit": {"formatVersion": 99}, "events": []}', "unreadable"),
    ],
)
@pytest.mark.thinned(3)
def test_an_unjudged_history_is_red(pytester: Pytester, text: str, reason: str) -> None:
    (fixture,) = write_project(pytester.path)
    fixture.write_text(text, encoding="utf-8")
    result = run(pytester, "--replay-histories", "histories")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"histories/DataProcessingWorkflow/copy-0.json: unjudged ({reason})"])


@pytest.mark.weekly
def test_the_deadline(pytester: Pytester) -> None:
    endless = UNCHANGED.replace("        rows =", "        while True: pass\n        rows =")
    write_project(pytester.path, code=endless)
    result = run(pytester, "--replay-histories", "histories", "--replay-timeout", "3")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*unjudged (timed_out)", "*never yielded at flows.py:12 in run*"])
    assert run(pytester, "--replay-timeout", "0").ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.weekly
def test_workflows_and_worker_options(pytester: Pytester) -> None:
    workers = "".join(
        f'\n[[tool.replaykit.worker]]\nname = "{name}"\ntask_queues = ["{name}"]\nworkflows = ["{module}"]\n'
        for name, module in (("old", "flows"), ("new", "changed"))
    )
    write_project(pytester.path, pyproject=workers)
    (pytester.path / "changed.py").write_text(CHANGED, encoding="utf-8")
    arguments = ["--replay-histories", "histories"]
    ambiguous = run(pytester, *arguments)
    ambiguous.assert_outcomes(failed=1)
    ambiguous.stdout.fnmatch_lines(
        ["*unjudged (unknown_workflow)", "*workers old, new all have a workflow type*"]
    )
    run(pytester, *arguments, "--replay-worker", "old").assert_outcomes(passed=1)
    run(pytester, *arguments, "--replay-worker", "new").assert_outcomes(failed=1)
    run(pytester, *arguments, "--replay-workflows", "flows").assert_outcomes(passed=1)
    run(pytester, *arguments, "--replay-workflows", "changed:DataProcessingWorkflow").assert_outcomes(
        failed=1
    )


@pytest.mark.exhaustive
def test_junit_xml_names_the_outcome(pytester: Pytester) -> None:
    write_project(pytester.path, code=CHANGED)
    run(pytester, "--replay-histories", "histories", "--junit-xml", "out.xml").assert_outcomes(failed=1)
    text = (pytester.path / "out.xml").read_text(encoding="utf-8")
    assert '<property name="replaykit_outcome" value="diverged" />' in text
    assert re.search(
        r'<failure message="diverged: event 5: recorded ActivityTaskScheduled extract_rows', text
    )


@pytest.mark.parametrize("xdist", SAMPLED)
@pytest.mark.exhaustive
def test_coverage_sees_workflow_code(pytester: Pytester, xdist: list[str]) -> None:
    write_project(pytester.path)
    result = run(
        pytester, "--replay-histories", "histories", "--cov=flows", "--cov-report=term-missing", *xdist
    )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["flows.py * 0 *100%*"])


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="pexpect plays the person at a POSIX terminal")
def test_a_breakpoint_in_workflow_code_has_the_terminal(pytester: Pytester) -> None:
    code = UNCHANGED.replace("        rows =", "        breakpoint()\n        rows =")
    write_project(pytester.path, code=code)
    child = pytester.spawn_pytest("--replay-histories histories --replay-debug -p no:cacheprovider", 60)
    child.expect(r"\(Pdb\)")
    child.sendline("p source")
    child.expect("one two three")
    child.sendline("c")
    child.expect("1 passed")
    assert child.wait() == 0


@pytest.mark.exhaustive
def test_beside_pytest_replay(pytester: Pytester) -> None:
    """PyPI's pytest-replay is another tool, with an option of nearly our name."""
    write_project(pytester.path)
    pytester.makepyfile(test_other="def test_other(): pass")
    (pytester.path / "order.txt").write_text("test_other.py::test_other\n", encoding="utf-8")
    result = run(pytester, "--replay-histories", "histories", "--replay-record-dir", "out", ".")
    result.assert_outcomes(passed=2)
    assert list((pytester.path / "out").iterdir())


@pytest.mark.weekly
def test_debug_without_a_breakpoint_judges_as_ever(pytester: Pytester) -> None:
    write_project(pytester.path, code=CHANGED)
    run(pytester, "--replay-histories", "histories", "--replay-debug").assert_outcomes(failed=1)
