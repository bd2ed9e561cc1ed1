"""A parent that is interrupted, or killed, leaves no child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes.alive import is_gone
from tests.processes.test_child import LONG_S

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes there")


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)],
    ids=["Ctrl-C", "SIGTERM", "SIGKILL"],
)
@pytest.mark.thinned(3)
def test_nothing_is_left(tmp_path: Path, number: signal.Signals, code: int) -> None:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.processes.interrupted", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 2 * LONG_S
        while not (tmp_path / "ready").exists():
            assert parent.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        parent.send_signal(number)
        assert parent.wait(timeout=LONG_S) == code
    finally:
        parent.kill()
        parent.wait()
    for file in tmp_path.glob("child-*"):
        assert is_gone(int(file.read_text()))
    if number is signal.SIGKILL:
        for file in tmp_path.glob("below-*"):  # no process was left that could end these
            os.kill(int(file.read_text()), signal.SIGKILL)
        return
    for file in tmp_path.glob("below-*"):
        assert is_gone(int(file.read_text()))
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []
