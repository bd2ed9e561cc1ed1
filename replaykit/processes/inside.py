"""A child from inside: runs the function that it was started for, and leaves when its parent is gone."""

from __future__ import annotations

import importlib
import io
import os
import pickle
import queue
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from replaykit.errors import ReplaykitError
from replaykit.processes.frames import FAILED, MESSAGE, WHERE, BadFrameError, read_frame, write_frame

__all__ = ["Parent", "serve"]

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
_NOT_THE_USERS = (_OURS, "<", *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib")))


class Parent:
    """The process that started this one.

    Args:
        questions: Where its messages come from.
        answers: Where to write to it.
    """

    def __init__(self, questions: io.FileIO, answers: io.FileIO) -> None:
        self._questions, self._answers = questions, answers
        self._messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._writing = threading.Lock()
        # Always reading, whatever the main thread does: that is how a parent that is gone is noticed.
        threading.Thread(target=self._read, name="replaykit-parent", daemon=True).start()

    def receive(self) -> Any:
        """The next message; this process ends once its parent is gone."""
        return pickle.loads(self._messages.get())  # from our own parent

    def send(self, message: object) -> None:
        """Send a message."""
        self._write(MESSAGE, pickle.dumps(message))

    def fail(self, error: ReplaykitError) -> None:
        """Send the error that ends this process."""
        self._write(FAILED, pickle.dumps((error.what, error.where, error.cure)))

    def _write(self, kind: bytes, data: bytes) -> None:
        with self._writing:
            write_frame(self._answers, kind, data)

    def _read(self) -> None:
        main = threading.main_thread().ident
        try:
            while (frame := read_frame(self._questions)) is not None:
                kind, data = frame
                if kind == WHERE:
                    self._write(WHERE, _whereabouts(main).encode())
                else:
                    self._messages.put(data)
        except (BadFrameError, OSError):
            pass
        os._exit(1)


def serve(questions: int, answers: int, greeting: bytes) -> NoReturn:
    """Run the function that the first message names, and leave without the teardown that the SDK can abort.

    Args:
        questions: File descriptor to read from.
        answers: File descriptor to write to.
        greeting: What to write first: before it there may be the output of a `sitecustomize`.
    """
    out = io.FileIO(answers, "w")
    out.write(greeting)
    parent = Parent(io.FileIO(questions, "r"), out)
    code = 1
    try:
        function, path = parent.receive()
        if path is not None:
            sys.path[:] = path
        module, _, name = function.partition(":")
        try:
            getattr(importlib.import_module(module), name)(parent)
        except ReplaykitError as error:
            parent.fail(error)
        code = 0
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _whereabouts(main: int | None) -> str:
    """The line of the user's code at which this process is, the main thread first; empty where at none."""
    frames = sys._current_frames()
    for thread in sorted(frames, key=lambda ident: ident != main):
        for frame in _outwards(frames[thread]):
            file = frame.f_code.co_filename
            if not file.startswith(_NOT_THE_USERS):
                return f"{_shown(file)}:{frame.f_lineno} in {frame.f_code.co_name}"
    return ""


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _shown(file: str) -> str:
    inside = file.startswith(f"{Path.cwd()}{os.sep}")
    return os.path.relpath(file) if inside else file
