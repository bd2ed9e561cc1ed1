"""Starting a process so that it can be ended with all that it started itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from replaykit.processes.signals import held_back

__all__ = ["end", "end_group", "running", "start"]


def start(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    """A process in a group of its own: Ctrl-C at the terminal reaches us alone, and we end it.

    Args:
        command: What to run.
        folder: Where it runs.
        environ: Its environment; this process's own by default.
        stdin: Where it reads from, as `subprocess` has it; so are the next two.
        stdout: Where it writes to.
        stderr: Where its errors go.
    """
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        flags = 0  # and there is `setsid`
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=environ,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        bufsize=0,
        creationflags=flags,
        start_new_session=sys.platform != "win32",
    )


@contextmanager
def running(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process without input that has ended, with all that it started, at the end of the block.

    Args:
        command: What to run.
        folder: Where it runs.
        environ: Its environment; this process's own by default.
        stdout: Where it writes to, as `subprocess` has it; the same place as this process by default.
        stderr: Where its errors go.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        with held_back():
            process = start(
                command,
                folder=folder,
                environ=environ,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        yield process
    finally:
        if process is not None:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its group, and wait until it is gone. Its pipes stay open."""
    with held_back():
        end_group(process)
        process.kill()
        process.wait()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what a process has started, as far as it stayed in its group."""
    if sys.platform == "win32":
        if process.poll() is None:
            command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
            with contextlib.suppress(OSError):  # a Windows without it
                subprocess.run(command, capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the group is empty
            os.killpg(process.pid, signal.SIGKILL)
