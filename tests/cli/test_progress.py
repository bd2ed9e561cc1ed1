"""The line that a long search shows on a terminal, and what the code prints meanwhile."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
import time
from pathlib import Path

import pytest

from replaykit.cli.progress import ExploringLine, has_progress, pace, replaying
from replaykit.verdict import Outcome, Reason, Verdict
from tests.conftest import RunReplaykit


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called in the test: between a fixture and its test pytest replaces standard error."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return shown


def test_a_terminal_shows_it_and_nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    line = ExploringLine(seconds=60, scenarios=None)
    line.show("Order", 12)
    line.hide()
    text = terminal.getvalue()
    assert "exploring Order: 12 scenarios, 60 s left at most" in text
    assert text.endswith("\x1b[1A\x1b[2K")  # the line is taken away
    line.show("Order", 30)
    line.hide()
    assert "exploring Order: 30 scenarios" in terminal.getvalue()


def test_a_ci_service_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    assert has_progress()
    monkeypatch.setenv("CI", "true")
    assert not has_progress()
    ExploringLine(seconds=60, scenarios=None).show("Order", 12)
    assert terminal.getvalue() == ""


def test_a_file_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    ExploringLine(seconds=60, scenarios=None).show("Order", 12)
    assert file.getvalue() == ""


@pytest.mark.parametrize(
    ("scenarios", "most", "passed", "text"),
    [
        (0, None, 0.0, "exploring Order: 0 scenarios, 60 s left at most"),
        (7, 20, 12.4, "exploring Order: 7 of 20 scenarios, 48 s left at most"),
        (25, 20, 12.4, "exploring Order: 25 scenarios, 48 s left at most"),  # a finding is made smaller
        (7, 20, 75.0, "exploring Order: 7 of 20 scenarios, 0 s left at most"),
    ],
)
def test_what_it_shows(scenarios: int, most: int | None, passed: float, text: str) -> None:
    assert ExploringLine(seconds=60, scenarios=most).text("Order", scenarios, passed) == text


def test_no_name_is_obeyed_by_the_terminal() -> None:
    text = ExploringLine(seconds=60, scenarios=None).text("Or\x1b[31mder", 1, 0.0)
    assert "\x1b" not in text


LOUD = """\
import logging
from datetime import timedelta

from temporalio import workflow

logging.basicConfig(level=logging.INFO)


@workflow.defn
class Loud:
    @workflow.run
    async def run(self) -> None:
        for number in range(3):
            workflow.logger.info("task %s", number)
            logging.getLogger("own").warning("plain %s", number)
            print("printed", number)
            await workflow.execute_activity("work", start_to_close_timeout=timedelta(seconds=5))
"""


@pytest.fixture
def loud(tmp_path: Path) -> Path:
    (tmp_path / "loud.py").write_text(LOUD, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.replaykit]\nworkflows = ["loud"]\n', encoding="utf-8")
    return tmp_path


@pytest.mark.exhaustive
def test_what_the_code_prints_does_not_fill_the_screen(loud: Path, run_replaykit: RunReplaykit) -> None:
    quiet = run_replaykit("explore", "--scenarios", "2", cwd=loud)
    assert quiet.returncode == 0, quiet.stdout + quiet.stderr
    assert quiet.stderr == ""


@pytest.mark.exhaustive
def test_verbose_shows_it(loud: Path, run_replaykit: RunReplaykit) -> None:
    shown = run_replaykit("explore", "--scenarios", "2", "-v", cwd=loud)
    assert shown.returncode == 0
    for line in ("task 0", "plain 0", "printed 0"):
        assert line in shown.stderr


@pytest.mark.exhaustive
def test_the_last_of_it_is_shown_where_the_code_cannot_be_loaded(
    loud: Path, run_replaykit: RunReplaykit
) -> None:
    (loud / "loud.py").write_text('print("set MODE first")\nraise SystemExit(3)\n', encoding="utf-8")
    ended = run_replaykit("explore", "--scenarios", "2", cwd=loud)
    assert ended.returncode == 2
    assert "set MODE first" in ended.stderr


GREEN = Verdict(history="histories/a.json", outcome=Outcome.CONSISTENT, workflow_type="Order")
RED = Verdict(history="histories/b\x1b[31m.json", outcome=Outcome.UNJUDGED, reason=Reason.VACUOUS)


def replayed(monkeypatch: pytest.MonkeyPatch, *, soon_s: float, waiting_s: float) -> str:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr("replaykit.cli.progress._SOON_S", soon_s)
    with replaying(30) as advance:
        advance(RED)
        time.sleep(waiting_s)
        for _ in range(28):
            advance(GREEN)
        advance(dataclasses.replace(RED, reason=Reason.CRASHED))
    return terminal.getvalue()


def test_a_long_replay_shows_a_bar_and_what_fails_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = replayed(monkeypatch, soon_s=0.05, waiting_s=0.7)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert "replaying" in shown
    assert "1/30" in shown
    assert "30/30" in shown
    assert re.search(r"\d+ (histories/s|s/history), \d+ s left", shown)
    for reason in ("vacuous", "crashed"):
        assert shown.count(rf"histories/b\x1b[31m.json: unjudged ({reason})") == 1
    assert text.endswith("\x1b[2K")  # the bar is taken away


def test_a_short_replay_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert replayed(monkeypatch, soon_s=30, waiting_s=0.5) == ""


@pytest.mark.parametrize(
    ("done", "seconds", "text"),
    [
        (0, 3.0, ""),
        (50, 0.5, "100 histories/s, 2 s left"),
        (2, 10.0, "5 s/history, 990 s left"),
        (200, 2.0, "100 histories/s, 0 s left"),
    ],
)
def test_how_fast_it_is(done: int, seconds: float, text: str) -> None:
    assert pace(done, 200, seconds) == text
