"""`replaykit replay --html` and `pytest --replay-html`, from a project to a page in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunReplaykit
from tests.plugin.project import CHANGED, UNCHANGED, write_project
from tests.report.chromium import launched

XDIST = [
    pytest.param([], id="alone"),
    pytest.param(["-n", "2"], id="-n 2", marks=pytest.mark.weekly),
]
HEADLINE = "2 diverged, 1 unjudged of 3 histories"


def project_with_trouble(root: Path) -> None:
    """Two histories that diverge, and one file that is none."""
    fixtures = write_project(root, code=CHANGED, copies=3)
    fixtures[2].write_text("{", encoding="utf-8")


def look_at(path: Path) -> None:
    """Open the page and find the divergence of the project in it, with its line and its timeline."""
    with launched() as browser:
        page = browser.new_page()
        trouble: list[str] = []
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(path.as_uri())
        assert page.locator("h1").inner_text() == HEADLINE
        titles = page.locator("#rk-list .title").all_inner_texts()
        assert titles == [
            "data-processing",
            "data-processing",
            "histories/DataProcessingWorkflow/copy-2.json",
        ]
        first = page.locator(".compare tr.first")
        assert first.locator("td.recorded mark").inner_text() == "extract_rows"
        assert first.locator("td.produced mark").inner_text() == "validate_source"
        assert page.locator(".source .where").inner_text() == "flows.py:12"
        assert 'execute_activity("validate_source"' in page.locator(".source .here").inner_text()
        assert 'workflow.patched("validate-source")' in page.locator(".suggestion pre").inner_text()
        assert page.locator(".events .row.first .id").inner_text() == "5"
        assert page.locator(".bar").count() > 3
        assert trouble == []


@pytest.mark.exhaustive
def test_the_command_line_writes_a_page(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    project_with_trouble(tmp_path)
    (tmp_path / "out").mkdir()
    result = run_replaykit("replay", "--html", "out/page.html")
    assert (result.returncode, result.stderr) == (1, "wrote out/page.html\n")
    assert "2 diverged, 1 unjudged" in result.stdout
    look_at(tmp_path / "out" / "page.html")


@pytest.mark.exhaustive
def test_from_a_folder_below_the_source_is_found_too(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    project_with_trouble(tmp_path)
    (tmp_path / "deep").mkdir()
    run_replaykit("replay", "--html", "page.html", cwd=tmp_path / "deep")
    assert "validate_source" in (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")
    assert '"first":7' in (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")


@pytest.mark.exhaustive
def test_the_page_on_standard_output_is_alone(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    result = run_replaykit("replay", "--html", "-")
    assert result.returncode == 0
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.rstrip().endswith("</html>")
    both = run_replaykit("replay", "--html", "-", "--json", "-")
    assert (both.returncode, both.stdout) == (2, "")
    assert "standard output holds one report" in both.stderr


def test_a_file_that_cannot_be_written_is_2(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    write_project(tmp_path)
    (tmp_path / "taken").mkdir()
    result = run_replaykit("replay", "--html", "taken")
    assert result.returncode == 2
    assert "taken: cannot be written" in result.stderr
    assert list((tmp_path / "taken").iterdir()) == []


@pytest.mark.weekly
@pytest.mark.parametrize("xdist", XDIST)
def test_pytest_writes_a_page(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, xdist: list[str]
) -> None:
    project_with_trouble(pytester.path)
    pytester.mkdir("out")
    with monkeypatch.context() as patched:
        for name in ("CI", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
            patched.delenv(name, raising=False)
        result = pytester.runpytest_subprocess(
            "-p",
            "no:cacheprovider",
            "--replay-histories=histories",
            "--replay-html=out/page.html",
            "--junit-xml=junit.xml",
            *xdist,
            timeout=120,
        )
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["replaykit: wrote out/page.html"])
    assert "timeline" not in (pytester.path / "junit.xml").read_text(encoding="utf-8")
    look_at(pytester.path / "out" / "page.html")


@pytest.mark.weekly
def test_the_fixture_replay_is_in_the_page_too(pytester: pytest.Pytester) -> None:
    write_project(pytester.path, code=UNCHANGED, copies=2)
    pytester.makepyfile(
        """
        def test_it(replay):
            assert replay("histories/DataProcessingWorkflow/copy-0.json").is_consistent
            assert replay("histories/DataProcessingWorkflow/copy-1.json").is_consistent
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--replay-html=page.html", timeout=120)
    result.assert_outcomes(passed=1)
    page = (pytester.path / "page.html").read_text(encoding="utf-8")
    assert "All 2 histories fit the code" in page


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("taken", "*taken: cannot be written: it is a folder. Name a file"),
        ("missing/page.html", "*missing does not exist. Create it: mkdir -p *missing"),
    ],
)
def test_pytest_says_where_a_page_cannot_be_written(
    pytester: pytest.Pytester, target: str, message: str
) -> None:
    write_project(pytester.path)
    (pytester.path / "taken").mkdir()
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--replay-histories=histories", f"--replay-html={target}", timeout=120
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert "consistent" not in result.stdout.str()
    assert not (pytester.path / "missing").exists()


@pytest.mark.weekly
@pytest.mark.parametrize("xdist", XDIST)
def test_what_the_tests_about_the_whole_say_is_in_the_page(
    pytester: pytest.Pytester, xdist: list[str]
) -> None:
    write_project(pytester.path)
    asked = ["--replay-histories=histories", "--replay-self-test", "--replay-require-fixtures"]
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", *asked, "--replay-strict", "--replay-html=page.html", *xdist, timeout=120
    )
    result.assert_outcomes(passed=3)
    page = (pytester.path / "page.html").read_text(encoding="utf-8")
    assert "Self-test passed: each of 6 histories made wrong on purpose diverged" in page
    assert "Every workflow has a fixture" in page
    assert "commands and their attributes compared" in page


@pytest.mark.weekly
@pytest.mark.parametrize("xdist", XDIST)
def test_findings_are_in_the_page_of_pytest(pytester: pytest.Pytester, xdist: list[str]) -> None:
    lonely = "\n\n@workflow.defn\nclass Lonely:\n    @workflow.run\n    async def run(self) -> None: ...\n"
    write_project(pytester.path, code=UNCHANGED + lonely)
    arguments = ["--replay-histories=histories", "--replay-html=page.html", *xdist]
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=120)
    result.assert_outcomes(passed=1)
    page = (pytester.path / "page.html").read_text(encoding="utf-8")
    assert "1 workflow has no fixture, so nothing guards it" in page
    assert "Lonely" in page
