"""Code that leaves or spoils its process: seen, with its stack, and never as a success."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from replaykit.processes.descriptors import descriptors_kept
from replaykit.processes.whereabouts import before_dump, in_dump, is_dump

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes")

_INSIDE = """\
import os
from replaykit.processes.exits import exits_shown

def leaves():
    {statement}

with exits_shown(2, instead={{0: 4}}):
    leaves()
print("after")
"""


def left(statement: str) -> subprocess.CompletedProcess[str]:
    code = _INSIDE.format(statement=statement)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("os._exit(0)", 4),
        ("os._exit(7)", 7),
        ("os.execvp('true', ['true'])", 1),
        ("os.execle('/bin/true', 'true', {})", 1),
    ],
)
def test_an_exit_is_shown_and_fails(statement: str, code: int) -> None:
    result = left(statement)
    assert (result.returncode, result.stdout) == (code, "")
    assert "Stack of the exit: os." in result.stderr
    assert ", line 5 in leaves" in result.stderr


def test_a_fork_leaves_as_it_wants() -> None:
    statement = "pid = os.fork(); pid or os._exit(0); print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
    result = left(statement)
    assert (result.returncode, result.stdout, result.stderr) == (0, "0\nafter\n", "")


def test_what_code_closes_is_open_again() -> None:
    code = (
        "import os, sys\n"
        "from replaykit.processes.descriptors import descriptors_kept\n"
        "with descriptors_kept():\n"
        "    os.close(0); os.close(1); os.close(2)\n"
        "print(os.read(0, 1))\n"
        "sys.stderr.write('there')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], input="x", capture_output=True, text=True, check=True
    )
    assert (result.stdout, result.stderr) == ("b'x'\n", "there")


def test_nothing_is_left_open(tmp_path: Path) -> None:
    before = os.listdir("/dev/fd")  # noqa: PTH208  # a folder of numbers
    with descriptors_kept():
        pass
    assert os.listdir("/dev/fd") == before  # noqa: PTH208


_DUMP = """\
the last words
Fatal Python error: Aborted

Thread 0x00007f10 (most recent call first):
  File "/somewhere/other.py", line 3 in waits

Current thread 0x00007f0c (most recent call first):
  File "{stdlib}", line 60 in inside
  File "/project/flows.py", line 35 in run
  File "/project/main.py", line 1 in <module>

Extension modules: google._upb._message (total: 1)
"""


def test_the_users_line_of_the_thread_that_ran_is_found_in_stacks() -> None:
    dump = _DUMP.format(stdlib=os.__file__)
    assert is_dump(dump)
    assert before_dump(dump) == "the last words\n"
    assert in_dump(dump).at == "/project/flows.py:35 in run"
    assert in_dump("Stack (most recent call first):\n" + dump[dump.index('  File "/project') :]).at.endswith(
        "35 in run"
    )
    for text in (
        "",
        "all is well\n",
        f'Current thread 0x1 (most recent call first):\n  File "{os.__file__}", line 1 in x',
    ):
        assert in_dump(text).at == ""
    assert not is_dump("Thread pool of 0x10\n")
