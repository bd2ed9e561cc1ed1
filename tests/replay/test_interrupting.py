"""A thread that is interrupted while it waits stops nobody else."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from replaykit.replay.interrupting import interrupt

WAITS = """
import sys, threading, time
from replaykit.replay.interrupting import interrupt

thread = threading.Thread(target=time.sleep, args=(600,), daemon=True)
thread.start()
time.sleep(0.1)
interrupt(thread)

def traced():
    return 1

sys.settrace(lambda *_: None)
print(traced() + traced())
"""


def test_what_is_traced_meanwhile_goes_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WAITS], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "2"), done.stderr


def test_a_loop_is_ended() -> None:
    ended: list[type[BaseException]] = []

    def loop() -> None:
        try:
            while True:
                pass
        except SystemExit as error:
            ended.append(type(error))

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    time.sleep(0.05)
    interrupt(thread)
    thread.join(10)
    assert ended == [SystemExit]
