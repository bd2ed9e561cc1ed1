"""What the children of these tests run: each answers its opening, and then does as it is asked."""

from __future__ import annotations

import ctypes
import io
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from replaykit.errors import ConfigError
from replaykit.processes import Parent

__all__ = ["SLEEPER", "loads_never", "obeys", "refuses"]

SLEEPER = "import time; time.sleep(600)"


def obeys(parent: Parent) -> None:
    """Answers what it was opened with, then obeys one order after the other."""
    parent.send((os.getpid(), parent.receive()))
    while True:
        order = parent.receive()
        parent.send(_done(parent, *order) if isinstance(order, tuple) else order)


def _done(parent: Parent, order: str, *arguments: object) -> object:
    match order, arguments:
        case "leave", (int(code),):
            sys.stderr.write("these are my last words\n")
            os._exit(code)
        case "warn", ():
            warnings.warn_explicit("an old call", FutureWarning, __file__, 7)
            sys.stderr.write("a line of its own\n")
        case "warn and leave", ():
            sys.stderr.write("what it is about\n")
            warnings.warn_explicit("an old call", FutureWarning, __file__, 7)
            os._exit(4)
        case "vanish", ():
            os._exit(4)
        case "raise", ():
            raise RuntimeError("broken\x00inside")
        case "hang", ():
            time.sleep(600)  # HERE
        case "hold", ():
            ctypes.PyDLL(None).sleep(600)
        case "refuse", ():
            raise ConfigError("there is no such thing", where="flows.py", cure="Name another.")
        case "print", ():
            sys.stdout.write("hello\n" * 10_000)
            sys.stdout.flush()
            os.write(1, b"\x00garbage\xff" * 1000)
            subprocess.run([sys.executable, "-c", "print('from below')"], check=True)
        case "close", ():
            os.close(1)
            os.close(0)
        case "scribble", ():
            for number in range(3, 64):  # wherever the pipe is
                try:
                    os.write(number, b"\x00garbage\xff" * 10)
                except OSError:
                    continue
            time.sleep(600)
        case "close everything", ():
            os.closerange(3, 64)
            time.sleep(600)
        case "env", (str(name),):
            return os.environ.get(name)
        case "orphan", (str(file),):
            below = subprocess.Popen([sys.executable, "-c", SLEEPER])
            Path(file).write_text(str(below.pid))
        case "fork", ():
            if os.fork() == 0:
                os.setsid()
                time.sleep(2)
                os._exit(0)
            os._exit(5)
        case "unreadable", ():
            return _Unreadable()
        case "replace errors", (str(stream),):
            _replace_errors(stream)
        case "segfault", ():
            ctypes.string_at(0)
        case _:
            raise AssertionError(order)
    return "done"


def _replace_errors(stream: str) -> None:
    others: dict[str, Any] = {"none": None, "memory": io.StringIO(), "logger": _ToALogger()}
    if stream == "closed":
        sys.stderr.close()
    else:
        sys.stderr = others[stream]


class _ToALogger:
    """As many projects have it: two methods, and no descriptor."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        raise RuntimeError("not now")


class _Unreadable:
    """Cannot be unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return int, ("no number",)


def loads_never(parent: Parent) -> None:
    """Never answers its opening."""
    parent.receive()
    time.sleep(600)


def refuses(parent: Parent) -> None:
    """Reports why it cannot do anything."""
    parent.receive()
    raise ConfigError("there is no such thing", where="flows.py", cure="Name another.")


def leaves(parent: Parent) -> None:
    """Ends before it has answered anything."""
    parent.receive()
    os._exit(3)
