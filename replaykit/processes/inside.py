"""A child from inside: runs the function that it was started for, and leaves when its parent is gone."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import io
import math
import os
import pickle
import queue
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from replaykit.errors import ReplaykitError
from replaykit.processes.exits import exits_shown
from replaykit.processes.frames import FAILED, MESSAGE, WHERE, BadFrameError, read_frame, write_frame
from replaykit.processes.own_sources import compile_from_source
from replaykit.processes.whereabouts import answer_without_gil, here
from replaykit.whose_code import is_users_path

__all__ = ["Parent", "serve"]


_LONGER_S = 5.0
"""More than a parent waits after its deadline: to look where this process is, and to end it."""
_SOON_S = 0.05
_AGAIN_S = 1.0


class Parent:
    """The process that started this one.

    Args:
        questions: Where its messages come from.
        answers: Where to write to it.
        errors: File descriptor for the stacks of a process that ends itself; `sys.stderr` may be anything.
    """

    def __init__(self, questions: io.FileIO, answers: io.FileIO, *, errors: int) -> None:
        self._questions, self._answers, self._errors = questions, answers, errors
        self._messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._patience_s: float | None = None
        self._rewound = -math.inf
        self._leave, self._clock = os._exit, time.perf_counter  # whatever the user's code makes of them
        # Always reading, whatever the main thread does: that is how a parent that is gone is noticed.
        threading.Thread(target=self._read, name="replaykit-parent", daemon=True).start()

    def speak_within(self, silence_s: float | None) -> None:
        """End this process where it was asked and sends nothing for that long: its parent cannot be there.

        Args:
            silence_s: The parent's longest deadline; None for none.
        """
        self._patience_s = None if silence_s is None else silence_s + _LONGER_S

    def receive(self) -> Any:
        """The next message; this process ends once its parent is gone."""
        try:
            data = self._messages.get(timeout=_SOON_S)
        except queue.Empty:
            faulthandler.cancel_dump_traceback_later()
            self._rewound = -math.inf
            data = self._messages.get()
        self._rewind()
        return pickle.loads(data)  # from our own parent

    def send(self, message: object) -> None:
        """Send a message."""
        self._write(MESSAGE, pickle.dumps(message))
        self._rewind()

    def _rewind(self) -> None:
        """Begin the deadline again; once a second is enough, for each time costs a thread."""
        if self._patience_s is not None and (now := self._clock()) - self._rewound > _AGAIN_S:
            self._rewound = now
            faulthandler.dump_traceback_later(self._patience_s + _AGAIN_S, exit=True, file=self._errors)

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
                    self._write(WHERE, pickle.dumps(here(main, is_users_path)))
                else:
                    self._messages.put(data)
        except (BadFrameError, OSError):
            pass
        self._leave(1)


def serve(questions: int, answers: int, greeting: bytes) -> NoReturn:
    """Run the function that the first message names, and leave without the teardown that the SDK can abort.

    Args:
        questions: File descriptor to read from.
        answers: File descriptor to write to.
        greeting: What to write first: before it there may be the output of a `sitecustomize`.
    """
    out = io.FileIO(answers, "w")
    out.write(greeting)
    errors = os.dup(2)  # the code may close or replace number 2, and `sys.stderr`
    parent = Parent(io.FileIO(questions, "r"), out, errors=errors)
    _keep_from_forks(questions, answers)
    leave = os._exit
    answer_without_gil()
    compile_from_source()
    code = 1
    try:
        function, path, silence_s = parent.receive()
        if path is not None:
            sys.path[:] = path
        parent.speak_within(silence_s)
        module, _, name = function.partition(":")
        try:
            with exits_shown(errors):
                getattr(importlib.import_module(module), name)(parent)
        except ReplaykitError as error:
            parent.fail(error)
        code = 0
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(errors, _last_words(error).encode(errors="backslashreplace"))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the code may have closed or replaced it
            stream.flush()
    leave(code)
    raise SystemExit(code)


def _keep_from_forks(*descriptors: int) -> None:
    """A copy that the code makes of this process must not speak in its place."""

    def close() -> None:
        for descriptor in descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=close)


def _last_words(error: BaseException) -> str:
    """What ended this process, and where, in one line: its parent shows the last."""
    what = "".join(traceback.format_exception_only(error)).strip().replace("\n", " ")
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{what}{place}\n"
