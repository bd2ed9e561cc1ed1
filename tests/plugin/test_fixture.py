"""The `replay` fixture, from sync and from async tests."""

from __future__ import annotations

import pytest

from tests.plugin.project import write_project

TEST = """
import pytest
from pathlib import Path
from temporalio.client import WorkflowHistory
from replaykit import Outcome, read_history

PATH = "histories/DataProcessingWorkflow/copy-0.json"


def test_a_path(replay):
    verdict = replay(PATH)
    assert verdict.outcome is Outcome.CONSISTENT
    assert verdict.commands_compared == 3
    assert verdict.history == PATH


def test_a_path_object_and_a_history(replay):
    assert replay(Path(PATH)).is_consistent
    assert replay(read_history(PATH)).is_consistent
    assert replay(WorkflowHistory.from_json("copy-0", Path(PATH).read_text())).is_consistent


@pytest.mark.asyncio
async def test_in_an_event_loop(replay):
    assert replay(PATH).is_consistent


def test_what_is_no_history(replay, tmp_path):
    (tmp_path / "x.json").write_text("[")
    assert replay(tmp_path / "x.json").reason == "unreadable"
"""


@pytest.mark.sampled(3)
@pytest.mark.parametrize("arguments", [[], ["--replay-histories", "histories"], ["-n", "2"]])
@pytest.mark.thinned(2)
def test_the_replay_fixture(pytester: pytest.Pytester, arguments: list[str]) -> None:
    write_project(pytester.path)
    pytester.makepyfile(test_it=TEST)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "test_it.py", *arguments, timeout=120)
    result.assert_outcomes(passed=5 if "--replay-histories" in arguments else 4)


COUNTING = """
import replaykit.plugin.replays

made = []
init = replaykit.plugin.replays.Replays.__init__


def counting(self, *arguments):
    made.append(self)
    init(self, *arguments)


replaykit.plugin.replays.Replays.__init__ = counting


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"Replays made: {len(made)}")
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize("arguments", [[], ["--replay-histories", "histories"]])
@pytest.mark.thinned(2)
def test_the_fixture_shares_what_the_plugin_made(pytester: pytest.Pytester, arguments: list[str]) -> None:
    write_project(pytester.path)
    pytester.makepyfile(test_it=TEST, counting=COUNTING)
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "counting", "test_it.py", *arguments, timeout=120
    )
    result.stdout.fnmatch_lines(["Replays made: 1"])


@pytest.mark.exhaustive
def test_elsewhere_a_path_is_looked_for_from_the_root(pytester: pytest.Pytester) -> None:
    write_project(pytester.path)
    below = pytester.mkdir("below")
    below.joinpath("test_it.py").write_text(TEST, encoding="utf-8")
    source = "import os\nos.chdir('below')\n"
    pytester.makeconftest(source)
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "below", "-k", "path_object or event_loop", "-rA", timeout=120
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines_random(["FAILED *path_object*", "PASSED *event_loop*"])
