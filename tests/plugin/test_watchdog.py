"""The watchdog of pytest's own process, and marks that other plugins put on histories."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable
from typing import Any

import pytest

from replaykit.plugin.watchdog import STDERR, keep_stderr, watched
from tests.plugin.project import CHANGED, write_project

Armed = list[tuple[Any, ...]]


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> Armed:
    """What is asked of faulthandler's only timer."""
    calls: Armed = []
    monkeypatch.setattr(
        faulthandler, "dump_traceback_later", lambda seconds, **given: calls.append((seconds, given["exit"]))
    )
    monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", lambda: calls.append(("cancelled",)))
    return calls


class Run:
    """As much of pytest's Config as the watchdog uses."""

    def __init__(self, **ini: object) -> None:
        self.stash = pytest.Stash()
        self._ini = ini
        self._cleanups: list[Callable[[], None]] = []

    def getini(self, name: str) -> object:
        return self._ini[name]

    def add_cleanup(self, cleanup: Callable[[], None]) -> None:
        self._cleanups.append(cleanup)

    def end(self) -> None:
        for cleanup in self._cleanups:
            cleanup()


@pytest.mark.parametrize(
    ("ini", "after"),
    [
        ({}, []),
        ({"faulthandler_timeout": "0"}, []),
        ({"faulthandler_timeout": "5"}, [(5.0, False)]),
        ({"faulthandler_timeout": 5.0, "faulthandler_exit_on_timeout": True}, [(5.0, True)]),
    ],
)
def test_the_timer_is_armed_around_a_replay_and_then_pytests_own_again(
    armed: Armed, ini: dict[str, object], after: Armed
) -> None:
    run: Any = Run(**ini)
    keep_stderr(run)
    usual = os._exit
    with watched(run, 70.0):
        assert armed == [(70.0, True)]
        assert os._exit is not usual
    assert os._exit is usual
    assert armed == [(70.0, True), ("cancelled",), *after]
    os.fstat(run.stash[STDERR])
    run.end()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(run.stash[STDERR])


def test_it_is_disarmed_after_code_that_raises(armed: Armed) -> None:
    run: Any = Run()
    keep_stderr(run)
    with pytest.raises(LookupError), watched(run, 70.0):
        raise LookupError
    assert armed == [(70.0, True), ("cancelled",)]
    run.end()


_MARKS = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name == "copy-0.json":
            item.add_marker(pytest.mark.skip(reason="slow"))
        elif item.path.name == "copy-1.json":
            item.add_marker(pytest.mark.xfail(reason="known"))
        elif item.path.name == "copy-2.json":
            item.add_marker(pytest.mark.skipif(True, reason="not here"))
        elif item.name == "self-test":
            item.add_marker(pytest.mark.skip(reason="no time"))
"""


@pytest.mark.exhaustive
def test_marks_on_histories_work(pytester: pytest.Pytester) -> None:
    write_project(pytester.path, code=CHANGED, copies=4)
    pytester.makeconftest(_MARKS)
    result = pytester.runpytest_subprocess(
        "-rs",
        *("-p", "no:cacheprovider", "--replay-histories", "histories", "--replay-self-test"),
        timeout=120,
    )
    result.assert_outcomes(skipped=3, xfailed=1, failed=1)
    result.stdout.fnmatch_lines(["SKIPPED * histories/*copy-0.json*: slow"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
