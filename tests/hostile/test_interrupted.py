"""Ctrl-C and requests to end reach a run whose child holds the GIL, and leave nothing of it."""

from __future__ import annotations

import dataclasses
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hostile.codes import IN_WORKFLOW, Code
from tests.hostile.project import BAD, write_hostile_project
from tests.processes.alive import is_gone

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes there")

HOLDS = Code(
    name="holds the GIL",
    where=IN_WORKFLOW,
    lines='open("pid", "w").write(str(os.getpid())); ctypes.PyDLL(None).sleep(600)',
)
COMMANDS = (("replay",), ("explore", "BadWorkflow"), ("explore", "--from", "histories/MBad"))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if sys.platform != "win32" else ()


@pytest.mark.parametrize(
    ("command", "number"),
    [
        pytest.param(
            command,
            number,
            marks=() if (command, number) == (("replay",), signal.SIGINT) else pytest.mark.exhaustive,
        )
        for command in COMMANDS
        for number in SIGNALS
    ],
)
@pytest.mark.thinned(4)
def test_nothing_is_left(
    tmp_path: Path, clean_environ: dict[str, str], command: tuple[str, ...], number: signal.Signals
) -> None:
    write_hostile_project(tmp_path, HOLDS)
    process = subprocess.Popen(
        [sys.executable, "-m", "replaykit", *command],
        cwd=tmp_path,
        env=clean_environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    noted = tmp_path / "pid"
    try:
        end = time.monotonic() + 60
        while not (noted.exists() and noted.read_text(encoding="utf-8")):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.2)  # into the C code
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, errors.strip()) == (128 + number, "Interrupted.")
    child = int(noted.read_text(encoding="utf-8"))
    assert child != process.pid
    assert is_gone(child)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(number, marks=() if number == signal.SIGINT else pytest.mark.exhaustive)
        for number in SIGNALS
    ],
)
def test_nothing_is_left_of_several_processes(
    tmp_path: Path, clean_environ: dict[str, str], number: signal.Signals
) -> None:
    each = dataclasses.replace(HOLDS, lines=HOLDS.lines.replace('"pid"', 'f"pid-{os.getpid()}"'))
    write_hostile_project(tmp_path, each)
    bad = tmp_path / BAD
    shutil.copyfile(bad, bad.with_name("worse.json"))
    process = subprocess.Popen(
        [sys.executable, "-m", "replaykit", "replay", "--jobs", "2"],
        cwd=tmp_path,
        env=clean_environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 60
        while len(list(tmp_path.glob("pid-*"))) < 2:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.2)  # into the C code
        process.send_signal(number)
        sent = time.monotonic()
        _, errors = process.communicate(timeout=30)
        took_s = time.monotonic() - sent
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, errors.strip()) == (128 + number, "Interrupted.")
    assert took_s < 10, "it waits for no replay"
    assert all(is_gone(int(path.name.removeprefix("pid-"))) for path in tmp_path.glob("pid-*"))
