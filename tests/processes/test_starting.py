"""Processes that end with a block."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from replaykit.processes.starting import running


def test_a_process_that_is_still_there_is_ended(tmp_path: Path) -> None:
    with running([sys.executable, "-c", "import time; time.sleep(600)"], folder=tmp_path) as process:
        assert process.poll() is None
    assert process.returncode not in (None, 0)


def test_a_process_that_has_ended_keeps_its_exit_code(tmp_path: Path) -> None:
    with running([sys.executable, "-c", "raise SystemExit(7)"], folder=tmp_path) as process:
        assert process.wait(timeout=60) == 7
    assert process.returncode == 7


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill with SIGINT ends a process there")
def test_interrupted_while_it_starts_a_process_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def interrupted(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = real(*arguments, **options)  # type: ignore[call-overload]
        started.append(process)
        os.kill(os.getpid(), signal.SIGINT)
        return process

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    before = signal.getsignal(signal.SIGINT)
    with (
        pytest.raises(KeyboardInterrupt),
        running([sys.executable, "-c", "import time; time.sleep(600)"], folder=tmp_path),
    ):
        pytest.fail("the interruption comes before the block")
    (process,) = started
    assert process.wait(timeout=60) != 0
    assert signal.getsignal(signal.SIGINT) is before
